"""From a real V4L2 camera to a real virtual camera: is the person there, and is the room gone?"""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tests.system.clip import Clip, measure
from tests.system.conftest import Play, Start
from tests.system.rig import CAMERA, CLIP, Process, Watcher, control

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]


@pytest.fixture
def playing(play: Play, frames: Path) -> Process:
    """The clip is played into the loopback device that serves as a camera."""
    return play(frames, CLIP)


def person_is_kept_and_room_is_gone(watcher: Watcher, clip: Clip) -> None:
    watcher.next("composite")
    seen = [measure(watcher.next("composite"), clip) for _ in range(10)]
    print(*seen, sep="\n")
    assert np.mean([each.kept for each in seen]) > 0.9
    assert np.mean([each.gone for each in seen]) > 0.97
    assert max(each.leak for each in seen) < 0.02


@pytest.mark.usefixtures("playing")
def test_the_person_is_kept_and_the_room_is_gone(start: Start, watcher: Watcher, clip: Clip):
    start(CLIP)
    person_is_kept_and_room_is_gone(watcher, clip)


def test_the_same_from_a_camera_that_speaks_mjpg(
    play: Play, start: Start, watcher: Watcher, clip: Clip, tmp_path: Path
):
    clip.write(tmp_path / "mjpg", "MJPG")
    play(tmp_path / "mjpg", CLIP, fourcc="MJPG")
    start(CLIP)
    person_is_kept_and_room_is_gone(watcher, clip)


@pytest.mark.usefixtures("playing")
def test_a_person_who_turns_the_effect_off_is_shown_in_the_room(start: Start):
    # Also the proof that a raw frame would be counted: elsewhere a single one fails the test.
    start(CLIP, "--backdrop", "none")
    watcher = Watcher()
    watcher.next("room")
    watcher.close(counted=False)  # this time it is what was asked for


@pytest.mark.usefixtures("playing")
def test_a_call_can_come_and_go_while_it_runs(start: Start):
    start(CLIP)
    for _ in range(2):
        call = Watcher()
        call.next("composite")
        call.close()


@pytest.mark.usefixtures("playing")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_it_can_be_started_again_after(how: signal.Signals, start: Start, watcher: Watcher):
    application = start(CLIP)
    watcher.next("composite")
    status, seconds = application.end(how)
    assert status == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    assert seconds < 2
    start(CLIP).wait_for("→ Backdrop")
    watcher.next("composite")


@pytest.mark.parametrize(
    ("asked", "got"), [((640, 360, 15), "640 × 360 at 15"), ((1000, 700, 30), "1280 × 720 at 12.5")]
)
def test_it_reports_the_size_and_rate_that_a_camera_gives(
    asked: tuple[int, int, int], got: str, start: Start, watcher: Watcher
):
    # Colour bars: nobody is in them, and one of eight has the hue of the clip's room.
    control(CAMERA, "--set-ctrl", "test_pattern=1,osd_text_mode=2")
    *size, fps = asked
    application = start(CAMERA, size=(size[0], size[1]), fps=fps)
    line = application.wait_for("fps →")
    assert got in line
    frame = watcher.next("composite")
    width, height = got.split(" at ")[0].split(" × ")
    assert frame.shape == (int(height), int(width), 3)
