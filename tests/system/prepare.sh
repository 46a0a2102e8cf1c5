#!/usr/bin/env bash
# Gets this machine ready for run.sh: Debian packages that are missing, and, once per kernel version, a
# User Mode Linux kernel (vivid built in) and the module v4l2loopback, old and new, compiled from Debian's sources.
# The sources are unpacked aside and nothing of them is installed. Two processors need 3 to 8 minutes.
# Result: linux, v4l2loopback.ko (0.12, Debian 12's) and v4l2loopback-new.ko (0.15, Debian 13's, which tells by event
# when a program reads) in $CAM_VM_DIR, by default ~/.cache/backdrop/camera-vm.
# Exits with 77 and one sentence where the machine cannot, or where another prepare.sh takes longer than $CAM_VM_WAIT seconds.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dir=${CAM_VM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/backdrop/camera-vm}
packages=(gcc make flex bison bc libelf-dev xz-utils kmod iproute2 v4l-utils chromium firefox-esr
    xdg-desktop-portal-gtk libglib2.0-bin)

cannot() {
    echo "camera VM: $*" >&2
    exit 77
}

# Two checkouts may share the folder: one prepares it, the other waits, says for whom, and not for ever.
take_turns() {
    local patience=${CAM_VM_WAIT:-1200} holder # seconds
    mkdir -p "$dir"
    exec 9<>"$dir/lock"
    if ! flock -n 9; then
        holder=$(cat "$dir/lock")
        echo "camera VM: waiting up to $patience s for process ${holder:-?}, which prepares $dir, too; $dir/build.log has what it compiles" >&2
        flock -w "$patience" 9 ||
            cannot "process ${holder:-?} has held $dir/lock for $patience s: end it, or give another folder in CAM_VM_DIR"
    fi
    echo $$ >"$dir/lock"
}

install_missing() {
    local missing=() package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    [ "$(id -u)" = 0 ] || cannot "to install what is missing, run as root: apt-get install ${missing[*]}"
    echo "camera VM: installing ${missing[*]}"
    apt-get -qq -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
        "${missing[@]}" >/dev/null 9>&- || cannot "apt-get could not install ${missing[*]}"
}

# "6.1.192-2 0.12.7-2": the versions that apt offers of the kernel's and the module's source.
offered() {
    apt-cache policy linux-source-6.1 v4l2loopback-dkms | sed -n '/(none)/d; s/^ *Candidate: //p' | xargs
}

compile() {
    local work
    work=$(mktemp -d "$dir/build.XXXXXX")
    # shellcheck disable=SC2064  # the folder's name of now is meant
    trap "rm -rf '$work'" EXIT
    cd "$work"
    apt-get -qq -o APT::Sandbox::User=root download linux-source-6.1 v4l2loopback-dkms
    dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz | tar -xJ
    dpkg-deb -x v4l2loopback-dkms_*.deb loopback
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file \
        http://deb.debian.org/debian/pool/main/v/v4l2loopback/v4l2loopback-dkms_0.15.0-2_all.deb newer.deb \
        SHA256:d9b768037e28852070d31af3376d90c8b448f9807de29d664587082bb7784cd4
    dpkg-deb -x newer.deb newer
    mkdir kernel module module-new
    cp loopback/usr/src/v4l2loopback-*/* module/
    cp newer/usr/src/v4l2loopback-*/* module-new/

    # Linux 6.1 saves 2696 bytes of vector registers, and dies at once ("set fp regs failed") on a processor
    # with AMX, which has 11008. The host trims a size that is too large.
    local registers=linux-source-6.1/arch/x86/um/user-offsets.c
    sed -i 's/(HOST_FP_SIZE, 2696)/(HOST_FP_SIZE, 12288)/' $registers
    grep -q 12288 $registers || cannot "this kernel's $registers is not as expected; see prepare.sh"

    local make=(nice make -s -C linux-source-6.1 ARCH=um "O=$work/kernel")
    "${make[@]}" "KCONFIG_ALLCONFIG=$here/kernel.config" allnoconfig
    # An option whose name or needs have changed is dropped without a word.
    options | while read -r option; do
        grep -qx "$option" kernel/.config || cannot "the kernel did not take $option"
    done
    "${make[@]}" "-j$(nproc)" all
    nice make -s -C kernel ARCH=um "M=$work/module" modules
    nice make -s -C kernel ARCH=um "M=$work/module-new" modules
    install -m755 kernel/linux "$dir/linux"
    install -m644 module/v4l2loopback.ko "$dir/v4l2loopback.ko"
    install -m644 module-new/v4l2loopback.ko "$dir/v4l2loopback-new.ko"
}

options() { grep '^CONFIG_' "$here/kernel.config" | sort; }

[ "$(uname -m)" = x86_64 ] || cannot "User Mode Linux runs on x86_64 only"
command -v apt-get dpkg-deb >/dev/null || cannot "Debian's apt is needed for the kernel's source"
take_turns
install_missing

recipe=$( { options; declare -f compile; } | sha256sum | cut -d' ' -f1)
versions=$(offered)
if [ "$(wc -w <<<"$versions")" != 2 ]; then # no package lists yet, or not a Debian that has these
    built=$(cat "$dir/key" 2>/dev/null || true)
    if [ "${built##* }" = "$recipe" ]; then exit 0; fi
    apt-get -qq -o DPkg::Lock::Timeout=300 update || true
    versions=$(offered)
    [ "$(wc -w <<<"$versions")" = 2 ] || cannot "apt offers no linux-source-6.1 and v4l2loopback-dkms: Debian 12 is needed"
fi
if [ "$(cat "$dir/key" 2>/dev/null)" = "$versions $recipe" ]; then exit 0; fi
echo "camera VM: compiling Linux ${versions% *}, once for this version, into $dir"
set +e # in a condition, compile would go on after an error
(
    set -e
    compile
) >"$dir/build.log" 2>&1
status=$?
set -e
if [ $status != 0 ]; then
    tail -n 30 "$dir/build.log" >&2
    cannot "the kernel could not be compiled; $dir/build.log has the rest"
fi
echo "$versions $recipe" >"$dir/key"
