"""From a real V4L2 camera to a real virtual camera: is the person there, and is the room gone?"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.system.clip import FPS, Clip, measure
from tests.system.conftest import SIZE, Start
from tests.system.rig import CAMERA, CLIP, VIRTUAL, Process, Watcher, control, play

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"),
]


@pytest.fixture
def playing(frames: Path) -> Iterator[Process]:
    player = play(frames, CLIP, SIZE, FPS)
    yield player
    player.kill()


@pytest.mark.usefixtures("playing")
def test_the_person_is_kept_and_the_room_is_gone(start: Start, watcher: Watcher, clip: Clip):
    start(CLIP)
    watcher.next("composite")
    seen = [measure(watcher.next("composite"), clip) for _ in range(10)]
    assert np.mean([each.kept for each in seen]) > 0.9
    assert np.mean([each.gone for each in seen]) > 0.97
    assert max(each.leak for each in seen) < 0.02
    print(seen)


@pytest.mark.usefixtures("playing")
def test_a_call_can_come_and_go_while_it_runs(start: Start):
    start(CLIP)
    for _ in range(2):
        call = Watcher()
        call.next("composite")
        call.close()


@pytest.mark.usefixtures("playing")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_can_be_started_again_after(how: signal.Signals, start: Start, watcher: Watcher):
    application = start(CLIP)
    watcher.next("composite")
    status, seconds = application.end(how)
    assert status == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    assert seconds < 2
    start(CLIP).wait_for("→ Backdrop")
    watcher.next("composite")
