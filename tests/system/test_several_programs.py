"""Two programs read the virtual camera at once, ask it for another size or rate, or come before Backdrop: docs/calls.md."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backdrop.outputs.consumers import names_of_readers
from tests.system.clip import FPS
from tests.system.conftest import Play, Start
from tests.system.rig import CLIP, SIZE, VIRTUAL, Process, Watcher
from tests.system.test_on_demand import NEW, RESTS

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]
# A program of its own: it asks for a size and a rate, and says what it gets instead, and what it sees.
READS = """
import sys, time, cv2
from tests.system.rig import kind_of
device, *asked = sys.argv[1], *map(int, sys.argv[2:])
came, begun, said = 0, time.monotonic(), set()

def say(what):
    if what not in said:
        said.add(what)
        print(what, flush=True)

while True:
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    for what, value in zip((cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS), asked):
        capture.set(what, value)
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        came += 1
        say(f"sees the {kind_of(frame)}, {frame.shape[1]} x {frame.shape[0]}")
        if came == 30:
            say(f"30 frames at {30 / (time.monotonic() - begun):.1f} fps")
    say("gets nothing")
    capture.release()
    time.sleep(0.2)
"""


@pytest.fixture
def read() -> Iterator[Callable[..., Process]]:
    """Start a program that reads the virtual camera."""
    started: list[Process] = []

    def read(size: tuple[int, int] = SIZE, fps: int = 30) -> Process:
        started.append(Process(sys.executable, "-c", READS, VIRTUAL, *map(str, (*size, fps))))
        return started[-1]

    yield read
    for process in started:
        process.kill()
        print(process.said)


@pytest.fixture
def line(play: Play, start: Start, frames: Path) -> Process:
    play(frames, CLIP)
    application = start(CLIP)
    application.wait_for(RESTS)
    return application


@pytest.mark.usefixtures("line")
def test_of_two_programs_both_see_the_person_at_once_or_where_the_driver_lets_one_read_in_turn(read):
    first = read()
    first.wait_for("sees the composite")
    comm = Path(f"/proc/{first.pid}/comm").read_text().strip()
    assert comm[:1].upper() + comm[1:] in names_of_readers(VIRTUAL)
    second = read()
    if NEW:  # v4l2loopback 0.15 refuses a second program that streams: "Device or resource busy"
        second.wait_for("gets nothing")
        assert "sees" not in second.said
        first.kill()
        second.wait_for("sees the composite")
    else:
        second.wait_for("sees the composite")
        first.kill()
        left = Watcher()
        left.next("composite")
        left.close()
    for each in (first, second):
        assert "sees the room" not in each.said


@pytest.mark.usefixtures("line")
def test_a_program_that_asks_for_another_size_and_rate_gets_those_that_are_sent(read):
    reader = read((1280, 720), fps=1)
    width, height = SIZE
    assert reader.wait_for("sees the composite").endswith(f"{width} x {height}")
    rate = float(reader.wait_for("30 frames at").split()[3])
    print(f"{rate} fps, {FPS} are played")
    assert rate > 1.5, "it is not slowed down to what was asked"


def test_a_program_that_comes_before_backdrop_sees_the_person_once_it_has_started(play, start, frames, read):
    play(frames, CLIP)
    reader = read()
    start(CLIP)
    reader.wait_for("sees the composite")
    assert "sees the room" not in reader.said


def test_a_program_that_has_the_device_open_before_backdrop_does_not_keep_it_from_sending(
    play, start, frames, watcher
):
    play(frames, CLIP)
    held = os.open(VIRTUAL, os.O_RDWR | os.O_NONBLOCK)  # as a program that has listed the cameras may
    try:
        start(CLIP)
        watcher.next("composite")
    finally:
        os.close(held)
