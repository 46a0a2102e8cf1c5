"""The camera VM as a new computer: without the virtual camera's driver, and with a package manager that brings it."""

import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRIVER = Path("/mnt/io/v4l2loopback.ko")  # what the machine itself has loaded
INSTALLED = Path("/lib/modules", platform.release(), "v4l2loopback.ko")
FILES = (Path("/etc/modprobe.d/backdrop.conf"), Path("/etc/modules-load.d/backdrop.conf"))
AS_THE_MACHINE = ("devices=2", "video_nr=10,11", "exclusive_caps=1,0", "card_label=Backdrop,Clip")
PROGRAMS = {
    Path("/usr/local/sbin/apt-get"): f"""\
#!/bin/sh
case "$*" in
    *install*) cp {DRIVER} {INSTALLED} ;;
    *remove*) rm {INSTALLED} ;;
esac
depmod
""",
    Path("/usr/local/sbin/dpkg-query"): f"#!/bin/sh\n[ ! -e {INSTALLED} ] || echo installed\n",
}


@contextmanager
def without_driver() -> Iterator[None]:
    """As on a new computer; afterwards, the machine's devices are there again."""
    subprocess.run(["rmmod", "v4l2loopback"], check=True)
    INSTALLED.parent.mkdir(parents=True, exist_ok=True)
    for path, program in PROGRAMS.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(program)
        path.chmod(0o755)
    try:
        yield
    finally:
        for path in (*PROGRAMS, INSTALLED, *FILES):
            path.unlink(missing_ok=True)
        subprocess.run(["rmmod", "v4l2loopback"], check=False, capture_output=True)
        subprocess.run(["insmod", DRIVER, *AS_THE_MACHINE], check=True)
