"""`backdrop setup` with the real driver: a package manager of the test's own brings it, the kernel loads it."""

import os
import platform
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from backdrop.setup.command import setup
from backdrop.system import v4l2

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]

DRIVER = Path("/mnt/io/v4l2loopback.ko")  # what the machine itself has loaded
FOLDER = Path("/lib/modules", platform.release())
PROGRAMS = Path("/usr/local/sbin")
FILES = (Path("/etc/modprobe.d/backdrop.conf"), Path("/etc/modules-load.d/backdrop.conf"))
AS_THE_MACHINE = ("devices=2", "video_nr=10,11", "exclusive_caps=1,0", "card_label=Backdrop,Clip")
APT_GET = f"""\
#!/bin/sh
case "$*" in
    *install*) cp {DRIVER} {FOLDER}/v4l2loopback.ko ;;
    *remove*) rm {FOLDER}/v4l2loopback.ko ;;
esac
depmod
"""
DPKG_QUERY = f"#!/bin/sh\n[ ! -e {FOLDER}/v4l2loopback.ko ] || echo installed\n"


@pytest.fixture
def without_driver() -> Iterator[None]:
    """As on a new computer, until the end of the test."""
    subprocess.run(["rmmod", "v4l2loopback"], check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    for name, program in (("apt-get", APT_GET), ("dpkg-query", DPKG_QUERY)):
        (PROGRAMS / name).write_text(program)
        (PROGRAMS / name).chmod(0o755)
    yield
    for path in (PROGRAMS / "apt-get", PROGRAMS / "dpkg-query", FOLDER / "v4l2loopback.ko", *FILES):
        path.unlink(missing_ok=True)
    subprocess.run(["rmmod", "v4l2loopback"], check=False, capture_output=True)
    subprocess.run(["insmod", DRIVER, *AS_THE_MACHINE], check=True)


@pytest.mark.usefixtures("without_driver")
def test_the_virtual_camera_is_set_up_read_back_and_taken_back(capsys: pytest.CaptureFixture[str]):
    assert shutil.which("modprobe", path="/usr/sbin:/sbin")
    assert not v4l2.loopbacks()
    assert setup(Namespace(undo=False, yes=True)) == 0
    said = capsys.readouterr().out
    assert "Backdrop (/dev/video10) works: a test picture was sent and read back." in said
    assert v4l2.loopbacks() == {"/dev/video10"}
    assert all(path.exists() for path in FILES)
    assert Path("/sys/module/v4l2loopback/parameters/exclusive_caps").read_text().startswith("Y")

    assert setup(Namespace(undo=False, yes=True)) == 0  # a second time there is only the check
    assert "administrator" not in capsys.readouterr().out

    assert setup(Namespace(undo=True, yes=True)) == 0
    assert capsys.readouterr().out.endswith("The virtual camera has been removed.\n")
    assert not v4l2.loopbacks()
    assert not any(path.exists() for path in FILES)
    assert not (FOLDER / "v4l2loopback.ko").exists()
