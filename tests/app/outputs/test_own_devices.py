"""One device has many names: what Backdrop reads is never what it sends to, and what it sends fits the device."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvirtualcam

from backdrop.cameras.base import CameraError
from backdrop.cameras.webcam import Webcam
from backdrop.frames import i420
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.virtual_camera import FORMATS
from backdrop.run.camera_thread import CameraThread
from backdrop.run.output_sink import OutputSink
from backdrop.settings.settings import Settings
from backdrop.system import v4l2
from tests.line_ends import Recorder, SecretCamera

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no Video4Linux")
# Devices that every Linux has stand in for cameras, which few test machines have.
DEVICE, OTHER = "/dev/null", "/dev/zero"


@pytest.fixture
def link(tmp_path: Path) -> str:
    """Another name of DEVICE."""
    (tmp_path / "virtualcam").symlink_to(DEVICE)
    return str(tmp_path / "virtualcam")


@linux
def test_a_device_is_the_same_by_every_name(link):
    assert v4l2.number_of(link) == v4l2.number_of(DEVICE) != v4l2.number_of(OTHER)
    assert v4l2.node_of(link) == DEVICE
    assert v4l2.node_of(OTHER) == OTHER
    assert v4l2.number_of("/dev/no-such-device") is None
    assert v4l2.node_of("/dev/no-such-device") == "/dev/no-such-device"
    assert v4l2.number_of(__file__) is None


@linux
def test_what_is_read_is_known_by_every_name_until_the_last_who_reads_has_ended(link):
    with v4l2.reading(DEVICE):
        with v4l2.reading(link):
            assert v4l2.is_read_here(DEVICE)
        assert v4l2.is_read_here(link)
        assert not v4l2.is_read_here(OTHER)
        assert not v4l2.is_fed_here(link)
    assert not v4l2.is_read_here(link)
    with v4l2.feeding(link):
        assert v4l2.is_fed_here(DEVICE)
    assert not v4l2.is_fed_here(DEVICE)


@linux
def test_the_camera_is_not_taken_as_an_output_also_while_it_rests():
    feed = CameraThread(Settings(camera=DEVICE), lambda *_asked: SecretCamera())
    feed.start()
    feed.rest()
    try:
        with pytest.raises(OutputError, match="is also the input camera"):
            open_output(DEVICE, 640, 360, 30)
    finally:
        feed.leave()
    assert feed.join(10)
    assert not v4l2.is_read_here(DEVICE)


@linux
def test_what_backdrop_sends_to_is_not_taken_as_a_camera(link):
    with v4l2.feeding(DEVICE), pytest.raises(CameraError, match="shows Backdrop's own output"):
        Webcam(DEVICE, 640, 360, 30)


@linux
def test_a_camera_that_does_not_open_is_not_kept_for_one_that_is_read():
    with pytest.raises(CameraError):
        Webcam(DEVICE, 640, 360, 30)
    assert not v4l2.is_read_here(DEVICE)


@linux
def test_a_device_that_fails_while_it_is_opened_is_given_back(monkeypatch):
    closed = []

    class Opened:
        device = DEVICE

        def __init__(self, *_asked: object, **_named: object) -> None:
            pass

        def close(self) -> None:
            closed.append(self)

    def fail(path: str) -> int:
        raise OSError("too many open files")

    monkeypatch.setattr(pyvirtualcam, "Camera", Opened)
    monkeypatch.setattr(v4l2, "claim_output", fail)
    with pytest.raises(OutputError):
        open_output(DEVICE, 640, 360, 30)
    assert len(closed) == 1
    assert not v4l2.is_fed_here(DEVICE)


def test_an_output_that_kept_another_size_gets_composites_that_fit_it():
    class Stubborn(Recorder):
        """As a loopback that a call holds open."""

        def __init__(self, width: int, height: int, fps: float) -> None:
            super().__init__(320, 240, fps)

    opened: list[Stubborn] = []

    def open_it(spec: str, width: int, height: int, fps: float) -> Stubborn:
        opened.append(Stubborn(width, height, fps))
        return opened[-1]

    outlet = OutputSink(open_it)
    outlet.send(
        np.full((720, 1280, 3), 200, np.uint8), replace(Settings(), virtual_camera=True), 30, lambda: True
    )
    assert outlet.notice is None
    (shown,) = opened[0].sent
    assert shown.shape == (240, 320, 3)
    assert (shown[30:210] == 200).all(), "not stretched, and not cut"
    assert not (shown[:29] == 200).any()


BACK = {
    "YU12": cv2.COLOR_YUV2BGR_I420,
    "NV12": cv2.COLOR_YUV2BGR_NV12,
    "YUYV": cv2.COLOR_YUV2BGR_YUYV,
    "UYVY": cv2.COLOR_YUV2BGR_UYVY,
    "GREY": cv2.COLOR_GRAY2BGR,
}
ROWS = {
    "YU12": (360, 320),
    "NV12": (360, 320),
    "YUYV": (240, 320, 2),
    "UYVY": (240, 320, 2),
    "GREY": (240, 320),
}


def test_every_format_that_a_device_may_keep_has_a_test():
    assert FORMATS.keys() == BACK.keys() == ROWS.keys()


@pytest.mark.parametrize("code", FORMATS)
def test_a_composite_has_its_colours_in_the_format_that_the_device_kept(code):
    pixels = np.zeros((240, 320, 3), np.uint8)
    pixels[:, :160], pixels[:, 160:] = (20, 200, 90), (200, 40, 160)
    _name, convert = FORMATS[code]
    sent = np.frombuffer(np.ascontiguousarray(convert(i420.from_bgr(pixels))).tobytes(), np.uint8)
    seen = cv2.cvtColor(sent.reshape(ROWS[code]), BACK[code])
    if code == "GREY":
        assert abs(int(seen[0, 0, 0]) - 138) < 6
        assert abs(int(seen[0, 300, 0]) - 96) < 6
    else:
        assert np.abs(seen[:, 10:150].astype(int) - (20, 200, 90)).max() < 6
        assert np.abs(seen[:, 170:310].astype(int) - (200, 40, 160)).max() < 6
