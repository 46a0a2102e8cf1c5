#!/usr/bin/env bash
# Proves that `make test` needs nothing but what it installs itself: it clones this checkout's last commit into a bare
# Debian 12, which has make, git and python3 and nothing else of use, and runs `make test` there.
#   tests/clean_machine.sh                     make test; fails where a test is skipped for want of something
#   tests/clean_machine.sh COMMAND [ARG]...    another command there, such as: make lint
# The Debian is a folder that is entered by chroot and is gone at the end. It shares this machine's processors, kernel and
# network, and where packages come from: apt's sources, pip's settings, proxies and certificates.
# Needs root, mmdebstrap and, the first time, some minutes for the downloads. 77: this machine cannot.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cannot() {
    echo "clean machine: $*" >&2
    exit 77
}
[ "$(id -u)" = 0 ] || cannot "run it as root, for chroot"
command -v mmdebstrap >/dev/null || cannot "mmdebstrap is missing: apt-get install mmdebstrap"
[ $# -gt 0 ] || set -- make test

work=$(mktemp -d)
there=$work/debian
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM

# On another Debian or Ubuntu than 12, its sources have other packages: then Debian's own.
sources=()
if grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ ! -s "$file" ] || sources+=("$file")
    done
fi
apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries)\b' | grep -v '""' >"$work/apt.conf" || true
echo "clean machine: making a bare Debian 12"
mmdebstrap --quiet --variant=minbase --include=make,git,python3,ca-certificates --aptopt="$work/apt.conf" \
    bookworm "$there" "${sources[@]}"
git clone --quiet --depth 1 "file://$root" "$there/checkout/main"

# What says where packages come from: variables of the environment, and pip's settings as such variables.
settings=()
while IFS= read -r each; do settings+=("$each"); done < <(
    env | grep -E '^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE=|CURL_CA_BUNDLE=|([a-zA-Z]+_)?(proxy|PROXY)=)' || true
    python3 -m pip config list 2>/dev/null | python3 -c '
import ast, sys
for line in sys.stdin:
    name, _, value = line.strip().partition("=")
    if name.startswith("global."):
        print("PIP_" + name[7:].upper().replace("-", "_") + "=" + " ".join(ast.literal_eval(value).split()))
'
)
export CLEAN_THERE=$there CLEAN_SETTINGS
CLEAN_SETTINGS=$(printf '%s\n' "${settings[@]}")

# In a namespace of its own, with which every mount goes.
log=$work/log
echo "clean machine: running $*"
status=0
# shellcheck disable=SC2016  # the inner shell's variables are meant
unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
there=$CLEAN_THERE
mount -t proc proc "$there/proc"
mount -t sysfs -o ro sysfs "$there/sys"
mount -t tmpfs -o mode=1777 tmpfs "$there/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$there/dev/pts"
for file in /etc/resolv.conf /etc/hosts; do cp -L "$file" "$there$file"; done
mapfile -t settings <<<"$CLEAN_SETTINGS"
# Files and folders that the settings name are there under the same names; the files of an index lie beside it.
for path in $(tr "= " "\n" <<<"$CLEAN_SETTINGS" | sed -nE "s|^file://(/.+)/[^/]+/?\$|\1|p; /^\//p" | sort -u); do
    case $path in
    /etc/*) mkdir -p "$there${path%/*}" && cp -rL "$path" "$there${path%/*}/" 2>/dev/null || true ;;
    *)
        [ -d "$path" ] || continue
        mkdir -p "$there$path"
        mount --bind "$path" "$there$path"
        mount -o remount,ro,bind "$there$path"
        ;;
    esac
done
exec chroot "$there" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${settings[@]}" bash -c "cd /checkout/main && exec \"\$@\"" here "$@"
' here "$@" </dev/null > >(tee "$log") 2>&1 || status=$?
[ "$status" = 0 ] || exit "$status"

# What needs the photos beside the checkout may be skipped, and what is for another system; nothing for want of a program.
if skipped=$(grep '^SKIPPED' "$log" | grep -vE 'shared/|Windows|macOS'); then
    echo "clean machine: these were skipped:"
    echo "$skipped"
    exit 1
fi
