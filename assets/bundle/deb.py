"""Makes a Debian package of the bundle: `make deb`, which builds the bundle first.

    python assets/bundle/deb.py        writes dist/backdrop_VERSION_ARCHITECTURE.deb
    python assets/bundle/deb.py zstd   the same in a tenth of the time, and a quarter larger

Needs dpkg-deb and binutils of Debian or Ubuntu. The package needs the C library of the system that built the bundle, or a
newer one, as `Depends` says. So build it on the oldest system that it should run on.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "app"))
from backdrop import __version__  # noqa: E402
from backdrop.system.desktop_entry import ID, SIZES, icon  # noqa: E402

BUNDLE = ROOT / "dist" / "backdrop"
TREE = ROOT / "build" / "deb"
# What the bundle needs of the system: for its own loader, or for Qt when a window opens.
DEPENDS = (
    "libstdc++6", "libgcc-s1", "libexpat1", "libxcb1", "libgl1", "libegl1", "libwayland-client0", "libwayland-cursor0",
    "libwayland-egl1", "libdrm2", "fontconfig-config",
)  # fmt: skip
RECOMMENDS = (
    "v4l2loopback-dkms",  # the virtual camera for all applications …
    "pipewire",  # … and the one without a driver
    "pkexec | policykit-1",  # asks for the password for `backdrop setup`
)
CONTROL = """\
Package: backdrop
Version: {version}
Architecture: {architecture}
Maintainer: The Backdrop authors
Installed-Size: {kibibytes}
Depends: {depends}
Recommends: {recommends}
Section: video
Priority: optional
Description: replaces what is behind you on a webcam
 Backdrop replaces what is behind you on a webcam, live, on an ordinary
 processor. Zoom, Meet, Teams and others see the result as a camera.
 .
 It shows a blur, a picture or a colour behind you. Frames never leave the
 computer: no account, no telemetry, no downloads.
"""
# Purging the package removes the files that `backdrop setup` wrote, but not other files of these names.
POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = purge ]; then
    for file in /etc/modprobe.d/backdrop.conf /etc/modules-load.d/backdrop.conf; do
        if [ -f "$file" ] && grep -qF '# Written by `backdrop setup`' "$file"; then rm -f "$file"; fi
    done
fi
"""


def build(compression: str = "xz") -> Path:
    """Lay out the files and pack them. Returns the path of the package."""
    if not (BUNDLE / "backdrop").exists():
        sys.exit("There is no bundle: run `make bundle` first.")
    shutil.rmtree(TREE, ignore_errors=True)
    lay_out()
    control = TREE / "DEBIAN"
    control.mkdir()
    architecture = said_by("dpkg", "--print-architecture")
    text = CONTROL.format(
        version=__version__,
        architecture=architecture,
        kibibytes=sum(each.lstat().st_size for each in TREE.rglob("*")) // 1024,
        depends=", ".join([f"libc6 (>= {oldest_libc(BUNDLE)})", *DEPENDS]),
        recommends=", ".join(RECOMMENDS),
    )
    (control / "control").write_text(text)
    (control / "postrm").write_text(POSTRM)
    (control / "postrm").chmod(0o755)
    package = BUNDLE.with_name(f"backdrop_{__version__}_{architecture}.deb")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", TREE, package], check=True
    )
    return package


def lay_out() -> None:
    """Copy all files to their places on Debian. Links in the bundle stay links."""
    shutil.copytree(BUNDLE, TREE / "usr/lib/backdrop", symlinks=True)
    (TREE / "usr/bin").mkdir()
    (TREE / "usr/bin/backdrop").symlink_to("../lib/backdrop/backdrop")
    desktop, share = ROOT / "assets" / "desktop", "usr/share"
    put(desktop / "backdrop.desktop", f"{share}/applications/{ID}.desktop")
    put(desktop / "backdrop.metainfo.xml", f"{share}/metainfo/{ID}.metainfo.xml")
    put(desktop / "backdrop.policy", f"{share}/polkit-1/actions/{ID}.policy")
    put(desktop / "set-up-virtual-camera", "usr/libexec/backdrop/set-up-virtual-camera", mode=0o755)
    put(desktop / "backdrop.service", "usr/lib/systemd/user/backdrop.service")
    put(ROOT / "assets" / "icons" / "backdrop.svg", f"{share}/icons/hicolor/scalable/apps/backdrop.svg")
    for size in SIZES:
        target = TREE / share / f"icons/hicolor/{size}x{size}/apps/backdrop.png"
        target.parent.mkdir(parents=True)
        target.write_bytes(icon(size))
    put(ROOT / "LICENSE", f"{share}/doc/backdrop/copyright")
    with (TREE / share / "doc/backdrop/copyright").open("a") as copyright_file:
        copyright_file.write("\n" + (ROOT / "THIRD_PARTY.md").read_text())
    for each in TREE.rglob("*"):  # independent of the umask
        if not each.is_symlink():
            each.chmod(0o755 if each.is_dir() or each.stat().st_mode & 0o100 else 0o644)


def put(source: Path, target: str, *, mode: int = 0o644) -> None:
    """Copy one file into the tree."""
    place = TREE / target
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    place.chmod(mode)


def oldest_libc(folder: Path) -> str:
    """The oldest version of the C library that all binaries in a folder can use, such as "2.35"."""
    asked = [(0, 0)]
    for each in folder.rglob("*"):
        if each.is_file() and not each.is_symlink():
            with each.open("rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            symbols = said_by("objdump", "-T", str(each))
            asked += [(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", symbols)]
    return ".".join(map(str, max(asked)))


def said_by(*command: str) -> str:
    """The output of a program."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    made = build(*sys.argv[1:2])
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.0f} MB")
