"""Cameras that are pulled out, held or silent: the card, never the room, and then the person again."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.system.clip import Clip, make_clip, measure
from tests.system.conftest import Play, Start
from tests.system.rig import CAMERA, CAMERA_INPUT, CLIP, VIRTUAL, Process, Watcher, control
from tests.system.test_on_demand import RESTS, wait_until

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]

HDMI_SIZE = (640, 480)
Pixels = NDArray[np.uint8]


@pytest.fixture
def hdmi() -> Iterator[None]:
    """vivid's camera shows, through HDMI at 640 × 480, what is written to its output device."""
    for device in CAMERA, CAMERA_INPUT:
        if device == CAMERA:
            control(device, "--set-input", "1")
        control(device, "--set-dv-bt-timings", "index=0")
    control(CAMERA, "--set-ctrl", "loop_video=1,osd_text_mode=2")
    yield
    control(CAMERA, "--set-ctrl", "loop_video=0", "--set-input", "0")


@pytest.fixture
def colour_bars() -> None:
    """vivid's camera shows them: nobody is in them."""
    control(CAMERA, "--set-ctrl", "test_pattern=1,osd_text_mode=2")


@pytest.fixture(scope="module")
def hdmi_clip() -> Clip:
    return make_clip(*HDMI_SIZE)


@pytest.fixture(scope="module")
def hdmi_frames(hdmi_clip: Clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hdmi") / "bgr3"
    hdmi_clip.write(folder, "BGR3")  # what OpenCV asks vivid for; it loops only what need not be converted
    return folder


@pytest.mark.usefixtures("hdmi")
def test_a_camera_that_is_pulled_out_shows_the_card_and_comes_back(
    play: Play, start: Start, watcher: Watcher, hdmi_clip: Clip, hdmi_frames: Path
):
    def person_alone(frame: Pixels) -> bool:
        seen = measure(frame, hdmi_clip)
        return seen.kept > 0.9 and seen.gone > 0.97

    player = play(hdmi_frames, CAMERA_INPUT, HDMI_SIZE, fourcc="BGR3")
    application = start(CAMERA, size=HDMI_SIZE)
    watcher.next("composite", person_alone)
    control(CAMERA, "--set-ctrl", "disconnect=1")
    pulled = time.monotonic()
    watcher.next("placeholder")
    assert time.monotonic() - pulled < 3
    application.wait_for(
        "There is no camera /dev/video0"
    )  # the player still holds vivid, which keeps it away
    composites = watcher.counts["composite"]
    for _ in range(10):
        watcher.next("placeholder")
    assert watcher.counts["composite"] == composites
    player.kill()  # vivid is plugged in again when nobody holds it any more
    play(hdmi_frames, CAMERA_INPUT, HDMI_SIZE, fourcc="BGR3")
    watcher.next("composite", person_alone)


def test_a_camera_that_goes_silent_shows_the_card_and_does_not_hold_up_the_end(
    play: Play, start: Start, watcher: Watcher, frames: Path
):
    player = play(frames, CLIP)
    application = start(CLIP)
    watcher.next("composite")
    player.send(signal.SIGSTOP)
    silent = time.monotonic()
    watcher.next("placeholder")
    assert time.monotonic() - silent < 3
    player.send(signal.SIGCONT)
    watcher.next("composite")
    player.send(signal.SIGSTOP)
    watcher.next("placeholder")  # by now read() blocks, for seconds
    status, seconds = application.end()
    assert status == 0
    assert seconds < 2  # 1 for the line; the rest is the end of Python, in a slow machine


def test_a_camera_that_comes_back_smaller_is_fitted_into_the_same_virtual_camera(
    play: Play, start: Start, watcher: Watcher, frames: Path, tmp_path: Path
):
    make_clip(320, 180).write(tmp_path / "small", "YUYV")
    player = play(frames, CLIP)
    start(CLIP)
    assert watcher.next("composite").shape == (360, 640, 3)
    player.kill()
    watcher.next("placeholder")
    play(tmp_path / "small", CLIP, (320, 180))
    assert watcher.next("composite").shape == (360, 640, 3)


def test_broken_frames_between_good_ones_do_not_stop_it(
    play: Play, start: Start, watcher: Watcher, clip: Clip, tmp_path: Path
):
    clip.write(tmp_path / "mjpg", "MJPG")
    for path in sorted((tmp_path / "mjpg").iterdir())[::3]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    play(tmp_path / "mjpg", CLIP, fourcc="MJPG")
    start(CLIP)
    for _ in range(20):
        watcher.next("composite")


def test_a_camera_that_another_program_holds_is_one_line_and_exit_1(start: Start):
    other = cv2.VideoCapture(CAMERA, cv2.CAP_V4L2)
    assert other.read()[0]
    application = start(CAMERA)
    assert application.status() == 1
    assert len(application.lines) == 1
    assert "is in use by python" in application.said
    other.release()


def test_a_virtual_camera_that_another_program_feeds_is_one_line_and_exit_1(
    play: Play, start: Start, watcher: Watcher, frames: Path
):
    play(frames, CLIP)
    start(CLIP)
    watcher.next("composite")
    second = start("demo")
    assert second.status() == 1
    assert len(second.lines) == 1
    assert "is in use by python" in second.said
    watcher.next("composite")  # the first has not been disturbed


@pytest.mark.parametrize("device", ["/dev/video9", "/dev/null"])
def test_a_camera_that_is_none_is_one_line_and_exit_1(device: str, start: Start):
    application = start(device)
    assert application.status() == 1
    assert len(application.lines) == 1
    assert device in application.said


READER = """
import sys, cv2
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_V4L2)
while not capture.read()[0]:
    capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_V4L2)
print("reading", flush=True)
while True:
    capture.read()
"""


@pytest.fixture
def read() -> Iterator[Callable[[str], Process]]:
    """Read a device in a process of its own; returns when the first frame has come."""
    started: list[Process] = []

    def read(device: str) -> Process:
        started.append(Process(sys.executable, "-c", READER, device))
        started[-1].wait_for("reading")
        return started[-1]

    yield read
    for reader in started:
        reader.kill()


@pytest.mark.usefixtures("colour_bars")
def test_a_camera_that_was_taken_while_nobody_watched_is_waited_for(
    start: Start, read: Callable[[str], Process]
):
    application = start(CAMERA)
    application.wait_for(RESTS)
    wait_until(False)
    other = read(CAMERA)
    watcher = Watcher()
    application.wait_for("is in use by python")
    watcher.next("placeholder")
    other.kill()
    watcher.next("composite")
    watcher.close()
    assert watcher.counts["room"] == 0


@pytest.mark.usefixtures("colour_bars")
def test_a_reader_that_is_killed_lets_the_camera_rest(start: Start, read: Callable[[str], Process]):
    start(CAMERA).wait_for(RESTS)
    reader = read(VIRTUAL)
    wait_until(True)
    reader.send(signal.SIGKILL)
    wait_until(False)
    read(VIRTUAL)
    wait_until(True)


def test_a_program_that_slept_goes_on_where_the_camera_is(
    play: Play, start: Start, watcher: Watcher, frames: Path
):
    """As in suspend: all its threads stand still, and the camera's frames and time go on."""
    play(frames, CLIP)
    application = start(CLIP)
    watcher.next("composite")
    application.send(signal.SIGSTOP)
    time.sleep(5)
    application.send(signal.SIGCONT)
    for _ in range(3):
        watcher.next("composite")
    assert application.end()[0] == 0
