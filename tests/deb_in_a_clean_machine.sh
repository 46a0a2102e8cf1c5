#!/usr/bin/env bash
# Proves that the package of `make deb` needs nothing but what apt installs for it: in a bare Debian or Ubuntu it is installed
# with `apt install ./backdrop_….deb`, the demo runs without a window and the window without a screen, and after removing it
# nothing is left.
#   tests/deb_in_a_clean_machine.sh [SUITE]...     bookworm (Debian 12) where nothing is said, trixie, jammy (Ubuntu 22.04), noble
# See bare_system.sh for what it needs.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 1 ]; then
    for suite in "$@"; do "$0" "$suite"; done
    exit
fi
# shellcheck source=tests/bare_system.sh
. "$root/tests/bare_system.sh"
package=$(find "$root/dist" -maxdepth 1 -name 'backdrop_*.deb' 2>/dev/null | sort | tail -n 1)
[ -n "$package" ] || cannot "there is no package: make deb"

make_bare "${1:-bookworm}" ca-certificates
cp "$package" "$there/root/"
cat >"$there/root/try" <<'TRY'
set -euo pipefail
cd /root
export DEBIAN_FRONTEND=noninteractive
files() { find / -xdev \( -path /proc -o -path /sys -o -path /tmp -o -path /root -o -path '/var/*/apt' -o -path /var/log -o -path /var/cache \) -prune \
    -o -iname '*backdrop*' -print; }
[ -z "$(files)" ]

echo "== with all that it recommends, this would be installed:"
apt-get update -qq
apt-get install --simulate ./backdrop_*.deb | grep -E '^Inst (backdrop|v4l2loopback-dkms|pipewire) '
echo "== apt install"
apt-get install -y -qq --no-install-recommends ./backdrop_*.deb >install.log 2>&1 || { cat install.log; exit 1; }
dpkg-query -W -f 'installed: ${Package} ${Version}, ${Installed-Size} KiB\n' backdrop
backdrop --version
[ "$(stat -c %a%U /usr/libexec/backdrop/set-up-virtual-camera)" = 755root ]
for file in applications/alt.sinet_backdrop.backdrop.desktop metainfo/alt.sinet_backdrop.backdrop.metainfo.xml \
    polkit-1/actions/alt.sinet_backdrop.backdrop.policy icons/hicolor/scalable/apps/backdrop.svg; do
    [ -s "/usr/share/$file" ]
done
[ -s /usr/lib/systemd/user/backdrop.service ]

export HOME=/root/home XDG_RUNTIME_DIR=/root/run QT_QPA_PLATFORM=offscreen LANG=C.UTF-8
mkdir -p -m 700 $HOME $XDG_RUNTIME_DIR
echo "== the demo, without a window"
backdrop run --camera demo --output null --seconds 5 | tail -n 1 | tee said
grep -q ' frames in ' said
backdrop run --camera demo --backdrop dusk --output home/demo.mp4 --seconds 1 | tail -n 1
[ -s home/demo.mp4 ]
echo "== the window, without a screen"
backdrop gui --camera demo >window.log 2>&1 &
for _ in $(seq 120); do backdrop status >status 2>/dev/null && grep -q 'Demo camera' status && break; sleep 0.5; done
cat status
grep -q 'Demo camera' status || { cat window.log; exit 1; }
backdrop quit
wait
echo "== what a window on a screen loads"
for plugin in /usr/lib/backdrop/_internal/PySide6/Qt/plugins/platforms/libq{xcb,wayland}.so; do
    if LD_LIBRARY_PATH=/usr/lib/backdrop/_internal ldd "$plugin" | grep 'not found'; then exit 1; fi
done
echo "== apt remove"
apt-get remove -y -qq backdrop >remove.log 2>&1 || { cat remove.log; exit 1; }
left=$(files | grep -v '^/var/lib/dpkg/info/backdrop\.' || true)
[ -z "$left" ] || { echo "left: $left"; exit 1; }
apt-get purge -y -qq backdrop >>remove.log 2>&1
left=$(files)
[ -z "$left" ] || { echo "left: $left"; exit 1; }
echo "== nothing is left"
TRY
in_bare bash /root/try
