"""`backdrop setup` with the real driver: a package manager of the test's own brings it, the kernel loads it."""

import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from backdrop.setup.command import setup
from backdrop.system import v4l2
from tests.system.new_computer import FILES, INSTALLED, without_driver

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]


@pytest.fixture
def on_a_new_computer() -> Iterator[None]:
    with without_driver():
        yield


@pytest.mark.usefixtures("on_a_new_computer")
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
    assert not INSTALLED.exists()
