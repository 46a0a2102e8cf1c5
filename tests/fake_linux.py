"""A Linux of a test's own for the script that sets up the virtual camera: /etc, /sys and package managers, in a namespace.

The script runs as it ships. Around it, a mount namespace puts folders of the test over /etc, /sys and /usr/local/sbin,
which comes first in the script's PATH: there lie programs that keep the packages and the driver as files.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backdrop.resources import resource
from backdrop.setup.privileged import Way

KERNEL = "6.1.0-28-amd64"
DEBIAN = 'ID=debian\nVERSION_ID="12"\n'
NAMES = (
    "akmods", "apt-cache", "apt-get", "dnf", "dpkg-query", "modinfo", "modprobe", "pacman", "rpm", "uname", "zypper",
)  # fmt: skip

# refuses, busy and fails are files that a test makes.
PROGRAM = """\
#!/bin/sh
world=@WORLD@
name=${0##*/}
case $name in
    uname) echo @KERNEL@; exit ;;
    apt-cache) exit 0 ;;
    modinfo) [ -e $world/built ]; exit ;;
    rpm) [ -e $world/packages/$2 ]; exit ;;
    dpkg-query) [ -e $world/packages/$4 ] && echo installed; exit ;;
esac
[ "$name $1" != "pacman -Q" ] || { [ -e $world/packages/$2 ]; exit; }
echo "$name $*" >>$world/log
module=/sys/module/v4l2loopback
case "$name $*" in
    *update*) exit ;;
    "modprobe -r"*) [ ! -e $world/busy ] && rm -r $module; exit ;;
    modprobe*) [ ! -e $world/refuses ] && mkdir -p $module/parameters && echo Y,N >$module/parameters/exclusive_caps; exit ;;
esac
[ ! -e $world/fails ] || { echo "E: Unable to fetch" >&2; exit 100; }
does=
for word in "$@"; do
    case $word in
        install | -S) does=install ;;
        remove | -R) does=remove ;;
        -* | DPkg*) ;;
        *v4l2loopback*)
            if [ "$does" = install ]; then touch $world/packages/$word; [ -e $world/old-kernel ] || touch $world/built
            elif [ "$does" = remove ]; then rm $world/packages/$word $world/built; fi ;;
        *)
            if [ "$does" = install ]; then touch "$world/packages/${word##*/}"
            elif [ "$does" = remove ]; then rm $world/packages/$word; fi ;;
    esac
done
exit 0
"""
ENTER = """\
mount --bind "$0/etc" /etc && mount --bind "$0/sys" /sys && mount --bind "$0/bin" /usr/local/sbin && exec "$@"
"""


@dataclass(frozen=True)
class FakeLinux:
    world: Path

    def __init__(self, world: Path, os_release: str = DEBIAN) -> None:
        object.__setattr__(self, "world", world)
        for name in (
            "etc/modprobe.d",
            "etc/modules-load.d",
            "sys/module",
            "sys/class/video4linux",
            "bin",
            "packages",
        ):
            (world / name).mkdir(parents=True)
        (world / "etc" / "os-release").write_text(os_release)
        (world / "log").touch()
        for name in NAMES:
            program = world / "bin" / name
            program.write_text(PROGRAM.replace("@WORLD@", str(world)).replace("@KERNEL@", KERNEL))
            program.chmod(0o755)

    @property
    def options(self) -> Path:
        return self.world / "etc" / "modprobe.d" / "backdrop.conf"

    @property
    def load(self) -> Path:
        return self.world / "etc" / "modules-load.d" / "backdrop.conf"

    @property
    def loaded(self) -> bool:
        return (self.world / "sys" / "module" / "v4l2loopback").exists()

    @property
    def packages(self) -> set[str]:
        return {each.name for each in (self.world / "packages").iterdir()}

    @property
    def done(self) -> list[str]:
        """What was done to packages and drivers."""
        return (self.world / "log").read_text().splitlines()

    def has(self, name: str) -> None:
        """Of what a test makes: "refuses" the driver, "busy", "fails", "built", "old-kernel"."""
        (self.world / name).touch()

    def loads(self, exclusive: str) -> None:
        """The driver is loaded already, by somebody else."""
        parameters = self.world / "sys" / "module" / "v4l2loopback" / "parameters"
        parameters.mkdir(parents=True)
        (parameters / "exclusive_caps").write_text(exclusive)

    def device(self, number: int) -> None:
        (self.world / "sys" / "class" / "video4linux" / f"video{number}").mkdir()

    @property
    def way(self) -> Way:
        start = [
            *namespace(),
            "sh",
            "-c",
            ENTER,
            str(self.world),
            "/bin/sh",
            str(resource("desktop/set-up-virtual-camera")),
        ]
        return Way(start, start)

    def files(self) -> dict[str, str]:
        """All of /etc."""
        etc = self.world / "etc"
        return {str(each.relative_to(etc)): each.read_text() for each in etc.rglob("*") if each.is_file()}


def namespace() -> Sequence[str]:
    """What gives a command mounts of its own, also to one who is not root."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


def can_have_one() -> bool:
    try:
        tried = subprocess.run(
            [*namespace(), "mount", "-t", "tmpfs", "tmpfs", "/sys"], capture_output=True, check=False
        )
    except OSError:
        return False
    return tried.returncode == 0
