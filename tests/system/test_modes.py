"""What real devices say that they give, and whether they are asked for it; one that is plugged in while one watches."""

import os
import signal
from pathlib import Path

import cv2
import pytest

from backdrop.cameras.base import CameraError
from backdrop.cameras.modes import list_modes, needs_mjpg, path_of
from backdrop.cameras.open import list_cameras
from backdrop.cameras.webcam import Webcam
from backdrop.settings.settings import Settings
from backdrop.ui.camera_list import CameraList
from backdrop.ui.controls import CameraChoice
from tests.qt import application, until
from tests.system.clip import Clip
from tests.system.conftest import Play
from tests.system.rig import CAMERA, CLIP

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]


def test_every_size_that_a_camera_says_it_gives_it_gives():
    modes = list_modes(CAMERA)
    assert {(640, 360), (1280, 720)} <= {(mode.width, mode.height) for mode in modes}
    assert all(mode.rates == tuple(sorted(mode.rates, reverse=True)) and mode.rates for mode in modes)
    for mode in [mode for mode in modes if mode.width <= 1280]:
        camera = Webcam(CAMERA, mode.width, mode.height, mode.rates[-1])
        assert camera.size == (mode.width, mode.height)
        assert camera.read().shape == (mode.height, mode.width, 3)
        camera.close()


def test_mjpg_is_asked_for_only_where_the_rate_needs_it(play: Play, clip: Clip, tmp_path: Path):
    fastest = {(mode.width, mode.height): max(mode.rates) for mode in list_modes(CAMERA)}[(640, 360)]
    assert not needs_mjpg(CAMERA, 640, 360, fastest), "vivid gives nothing that is compressed"
    assert needs_mjpg(CAMERA, 640, 360, 2 * fastest)
    clip.write(tmp_path / "mjpg", "MJPG")
    play(tmp_path / "mjpg", CLIP, fourcc="MJPG")
    camera = Webcam(CLIP, 640, 360, 30)
    assert needs_mjpg(CLIP, 640, 360, 30)
    assert int(camera._capture.get(cv2.CAP_PROP_FOURCC)) == cv2.VideoWriter.fourcc(*"MJPG")
    assert camera.read().shape == (360, 640, 3)
    camera.close()


def test_a_lasting_name_opens_the_camera_that_it_leads_to(tmp_path: Path):
    folder = Path("/dev/v4l/by-id")
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "usb-Vivid-video-index0"
    link.unlink(missing_ok=True)
    link.symlink_to(CAMERA)
    try:
        camera = Webcam(str(link), 640, 360, 30)
        assert camera.name.endswith(f"({CAMERA})")
        assert path_of(str(link)) == CAMERA
        camera.close()
    finally:
        link.unlink()


def test_who_holds_a_camera_is_said_with_the_number_of_the_process():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        other = cv2.VideoCapture(CAMERA, cv2.CAP_V4L2)
        other.read()
        os.write(writing, b"!")
        signal.pause()
        os._exit(0)
    try:
        os.read(reading, 1)
        with pytest.raises(CameraError, match=rf"is in use by \w+ \({child}\): close that program"):
            Webcam(CAMERA, 640, 360, 30)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_camera_that_is_pulled_out_goes_from_the_window_and_comes_back_by_itself():
    application()
    choice = CameraChoice(Settings())
    cameras = CameraList(choice, list_cameras)

    def names() -> list[str]:
        return [choice._combo.itemText(at) for at in range(choice._combo.count())]

    def there() -> bool:
        return any(CAMERA in name for name in names())

    driver = Path("/sys/bus/platform/drivers/vivid")
    try:
        cameras.refresh()
        until(there, 60)
        (driver / "unbind").write_text("vivid.0")  # this takes its nodes away, as pulling out a plug does
        try:
            until(lambda: not there(), 60)
        finally:
            (driver / "bind").write_text("vivid.0")
        until(there, 60)
    finally:
        cameras.stop()
        choice.deleteLater()
