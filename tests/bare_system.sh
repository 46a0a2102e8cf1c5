# shellcheck shell=bash
# For clean_machine.sh and deb_in_a_clean_machine.sh, which read it: a bare Debian or Ubuntu in a folder, gone at the end. It is
# entered as the root of a mount namespace, not by chroot, in which tests could have no namespaces of their own. It shares this
# machine's processors, kernel and network, and where packages come from: apt's sources, pip's settings, proxies and
# certificates. Needs root and mmdebstrap; 77: this machine cannot.
#   make_bare SUITE PACKAGE[,PACKAGE]...   bookworm, trixie, jammy, noble; its folder is then $there, and $work is free to use
#   in_bare COMMAND [ARG]...               runs a command there as root
set -euo pipefail

cannot() {
    echo "${0##*/}: $*" >&2
    exit 77
}

make_bare() {
    local suite=$1 packages=$2 sources=() mirror=()
    [ "$(id -u)" = 0 ] || cannot "run it as root, to enter another root"
    command -v mmdebstrap >/dev/null || cannot "mmdebstrap is missing: apt-get install mmdebstrap"
    work=$(mktemp -d)
    there=$work/system
    trap 'rm -rf --one-file-system "$work"' EXIT
    trap 'exit 130' INT TERM

    # Another release has other sources than this machine: then those that everybody has.
    if grep -qs "^VERSION_CODENAME=$suite\$" /etc/os-release; then
        for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
            [ ! -s "$file" ] || sources+=("$file")
        done
    fi
    case $suite in
        jammy | noble)
            mirror=("--components=main,universe")
            [ ${#sources[@]} -gt 0 ] || sources=(http://archive.ubuntu.com/ubuntu)
            [ -e /usr/share/keyrings/ubuntu-archive-keyring.gpg ] || cannot "Ubuntu's keys are missing: apt-get install ubuntu-keyring"
            ;;
    esac
    apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries)\b' | grep -v '""' >"$work/apt.conf" || true
    echo "making a bare $suite"
    mmdebstrap --quiet --variant=minbase --include="apt,$packages" --aptopt="$work/apt.conf" "${mirror[@]}" \
        "$suite" "$there" "${sources[@]}"
}

# What says where packages come from: variables of the environment, and pip's settings as such variables.
settings() {
    env | grep -E '^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE=|CURL_CA_BUNDLE=|([a-zA-Z]+_)?(proxy|PROXY)=)' || true
    python3 -m pip config list 2>/dev/null | python3 -c '
import ast, sys
for line in sys.stdin:
    name, _, value = line.strip().partition("=")
    if name.startswith("global."):
        print("PIP_" + name[7:].upper().replace("-", "_") + "=" + " ".join(ast.literal_eval(value).split()))
'
}

# In a namespace of its own, with which every mount goes.
in_bare() {
    CLEAN_SETTINGS=$(settings)
    export CLEAN_SETTINGS CLEAN_THERE=$there
    # shellcheck disable=SC2016  # the inner shell's variables are meant
    unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
there=$CLEAN_THERE
mount --bind "$there" "$there"
mount -t proc proc "$there/proc"
mount -t sysfs -o ro sysfs "$there/sys"
mount -t tmpfs -o mode=1777 tmpfs "$there/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$there/dev/pts"
for file in /etc/resolv.conf /etc/hosts; do cp -L "$file" "$there$file"; done
mapfile -t settings <<<"$CLEAN_SETTINGS"
[ -n "$CLEAN_SETTINGS" ] || settings=()
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
cd "$there"
pivot_root . .
umount -l . # this machine, which lies over the new root
exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${settings[@]}" "$@"
' here "$@" </dev/null
}
