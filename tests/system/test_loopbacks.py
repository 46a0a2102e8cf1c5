"""A loopback that is the camera, that another program feeds, that has another name, or that keeps its format."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backdrop.cameras.base import CameraError
from backdrop.cameras.formats import read_formats
from backdrop.cameras.webcam import Webcam, unreadable
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.virtual_camera import VirtualCamera
from backdrop.run.engine import Engine
from backdrop.system import v4l2
from tests.line_ends import SecretCamera
from tests.secret_room import DiscFinder, leaked
from tests.system.conftest import Play, Start
from tests.system.rig import CLIP, PATIENCE, VIRTUAL, Process, Watcher, control
from tests.system.test_on_demand import RESTS
from tests.whole_line import ON, PERSON, until

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]

WRITER = """
import sys, time, numpy as np, pyvirtualcam
from backdrop.system import v4l2
device, form, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
camera = pyvirtualcam.Camera(320, 240, 20, fmt=getattr(pyvirtualcam.PixelFormat, form), device=device)
claim = v4l2.claim_output(device)  # else v4l2loopback 0.12 does not notice that it has gone
print("writing", flush=True)
while True:
    camera.send(np.full((240, 320) if form == "GRAY" else size, 90, np.uint8))
    time.sleep(0.05)
"""
READER = """
import os, sys
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "1"
import cv2
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_V4L2)
assert capture.read()[0]
print("reading", flush=True)
while True:
    came, frame = capture.read()
    if not came:
        continue
    height, width = frame.shape[:2]
    left, right = frame[20:-20, 20 : width // 2 - 20], frame[20:-20, width // 2 + 20 : -20]
    means = [*left.mean(axis=(0, 1)), *right.mean(axis=(0, 1))]
    if abs(means[1] - means[4]) > 20:  # else it is still the writer's
        print("seen", width, height, *(round(each) for each in means), flush=True)
"""
LEFT, RIGHT = (20, 200, 90), (200, 40, 160)
SIZES = {"I420": 115200, "NV12": 115200, "YUYV": 153600, "UYVY": 153600, "GRAY": 76800}


@pytest.fixture
def other() -> Iterator[Callable[..., Process]]:
    """Run another program; returns when it says that it has begun."""
    started: list[Process] = []

    def run(code: str, *arguments: str) -> Process:
        started.append(Process(sys.executable, "-c", code, *arguments))
        started[-1].wait_for("ing")
        return started[-1]

    yield run
    for each in started:
        each.kill()


@pytest.fixture
def named() -> Iterator[Callable[[str, str], str]]:
    """Give a device another name, as people do with udev."""
    made: list[Path] = []

    def name(device: str, path: str) -> str:
        made.append(Path(path))
        made[-1].symlink_to(device)
        return path

    yield name
    for each in made:
        each.unlink()


@pytest.mark.parametrize("output", [CLIP, "11", "/dev/mycam"])
def test_the_camera_itself_is_no_output_by_whatever_name(
    output: str, play: Play, start: Start, frames: Path, named: Callable[[str, str], str]
):
    named(CLIP, "/dev/mycam")
    play(frames, CLIP)
    application = start(CLIP, "--output", output)
    assert application.status() == 1
    assert "is also the input camera" in application.said


def test_of_several_loopbacks_the_one_that_is_the_camera_is_not_chosen(play: Play, frames: Path):
    play(frames, CLIP)
    with v4l2.reading(CLIP):
        first = open_output("", 640, 360, 15)
        assert VIRTUAL in first.name
        # Now nothing else is left: the camera is not taken in its place.
        with pytest.raises(OutputError):
            open_output("", 640, 360, 15)
        first.close()


def test_a_loopback_that_another_program_feeds_is_not_taken(play: Play, frames: Path):
    """Without exclusive_caps it does not refuse: readers saw both programs' frames by turns."""
    play(frames, CLIP)
    for spec in (CLIP, "11"):
        with pytest.raises(OutputError, match="is in use by python"):
            open_output(spec, 640, 360, 15)
    output = open_output("", 640, 360, 15)
    assert VIRTUAL in output.name
    output.close()


def test_a_link_to_the_virtual_camera_works_as_the_device_itself(
    named: Callable[[str, str], str], play: Play, start: Start, frames: Path
):
    output = named(VIRTUAL, "/dev/virtualcam")
    play(frames, CLIP)
    for _again in range(2):
        application = start(CLIP, "--output", output)
        application.wait_for(RESTS)
        watcher = Watcher()
        watcher.next("composite")
        watcher.close()
        assert watcher.counts["room"] == 0
        assert application.end()[0] == 0


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("device", [VIRTUAL, CLIP])
def test_the_format_that_a_reader_keeps_is_what_is_sent(
    form: str, device: str, other: Callable[..., Process]
):
    """A call holds the device open while what fed it before is gone."""
    writer = other(WRITER, device, form, str(SIZES[form]))
    reader = other(READER, device)
    writer.kill()
    kept = v4l2.format_of_output(device)
    output = VirtualCamera(640, 360, 30, device)
    assert kept in (None, (*output.size, kept[2] if kept else "")), "what the device keeps is what is sent"
    pixels = np.zeros((output.size[1], output.size[0], 3), np.uint8)
    half = output.size[0] // 2
    pixels[:, :half], pixels[:, half:] = LEFT, RIGHT
    until = time.monotonic() + PATIENCE
    while not reader.said.count("seen") and time.monotonic() < until:
        output.send(pixels)
        time.sleep(0.03)
    output.close()
    width, height, *means = (int(each) for each in reader.wait_for("seen").split()[1:])
    assert (width, height) == output.size
    if form != "GRAY" or kept is None or kept[2] != "GREY":
        assert np.abs(np.array(means) - [*LEFT, *RIGHT]).max() < 6


def test_a_device_made_to_keep_its_format_gets_the_picture_fitted(
    start: Start, other: Callable[..., Process]
):
    writer = other(WRITER, CLIP, "YUYV", str(SIZES["YUYV"]))
    control(CLIP, "--set-ctrl", "keep_format=1")
    writer.kill()
    try:
        output = VirtualCamera(640, 360, 30, CLIP)
        assert output.size == (320, 240)
        output.close()
        start("demo", "--output", CLIP, "--no-on-demand").wait_for("fps · ")
        watcher = Watcher(CLIP)
        frame = watcher.next("composite")
        watcher.close(counted=False)
        assert frame.shape == (240, 320, 3)
    finally:
        control(CLIP, "--set-ctrl", "keep_format=0")


RAW_WRITER = """
import sys, time, os, fcntl, struct
device, code, width, height, size = sys.argv[1], sys.argv[2].encode(), *map(int, sys.argv[3:])
handle = os.open(device, os.O_RDWR)
# VIDIOC_S_FMT of a struct v4l2_format for output
fcntl.ioctl(handle, 0xC0D05605, bytearray(struct.pack("=I4xII4sIII176x", 2, width, height, code, 1, 0, size)))
print("writing", flush=True)
while True:
    os.write(handle, bytes(size))
    time.sleep(0.05)
"""


@pytest.mark.parametrize("code", ["BGR4", "422P", "H264"])
def test_a_camera_in_a_format_that_cannot_be_read_is_said_to_be(code: str, other: Callable[..., Process]):
    other(RAW_WRITER, CLIP, code, "320", "240", str(320 * 240 * (4 if code == "BGR4" else 2)))
    end = time.monotonic() + PATIENCE
    while unreadable(read_formats(CLIP, 320, 240)) != code:  # the driver takes a moment to tell readers
        assert time.monotonic() < end
        time.sleep(0.05)
    with pytest.raises(CameraError, match=rf"sends only {code}, which Backdrop cannot read"):
        Webcam(CLIP, 320, 240, 30)


def test_a_camera_of_an_odd_size_gives_frames_or_an_error_of_its_own(other: Callable[..., Process]):
    other(RAW_WRITER, CLIP, "YU12", "321", "241", str(321 * 241 * 3 // 2))
    with contextlib.suppress(CameraError), contextlib.closing(Webcam(CLIP, 321, 241, 30)) as camera:
        assert 0 < camera.fps <= 240
        for _ in range(3):
            assert camera.read().ndim == 3


class Noted:
    """The real virtual camera, and when which raw frames began to be sent to it."""

    pixel_format = PixelFormat.I420

    def __init__(self, width: int, height: int, fps: float) -> None:
        self._camera = VirtualCamera(width, height, fps, VIRTUAL)
        self.name, self.size = self._camera.name, self._camera.size
        self.raw: list[float] = []
        self.sent = 0

    def send(self, pixels: np.ndarray) -> None:
        shown = pixels if pixels.ndim == 3 else i420.to_bgr(pixels)
        if leaked(shown, PERSON) > 1000:
            self.raw.append(time.monotonic())
        self._camera.send(pixels)
        self.sent += 1

    def close(self) -> None:
        self._camera.close()


def test_no_raw_frame_is_sent_once_the_effect_has_been_switched_on():
    opened: list[Noted] = []

    def open_it(spec: str, width: int, height: int, fps: float) -> Noted:
        opened.append(Noted(width, height, fps))
        return opened[-1]

    off = replace(ON, backdrop="none")
    engine = Engine(
        off, segmenter=DiscFinder, open_camera=lambda *_asked: SecretCamera(), open_output=open_it
    )
    engine.start()
    late = 0
    try:
        for number in range(25):
            engine.settings = off
            time.sleep(0.02 * number)  # now and then while it opens
            engine.settings = ON
            at = time.monotonic()
            until(engine, lambda result: result.alpha is not None)
            late += sum(began >= at for output in opened for began in output.raw)
            engine.settings = replace(off, virtual_camera=False)
            until(engine, lambda result: result.is_raw)
    finally:
        engine.settings = ON
        assert engine.stop(PATIENCE)
    assert sum(output.sent for output in opened) > 25
    assert late == 0
