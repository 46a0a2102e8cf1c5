"""Hide me and Freeze, on a real virtual camera: how many frames later others see it, and that nothing else gets out."""

import os

import numpy as np
import pytest

from backdrop.control.client import ask
from backdrop.control.request import Request
from tests.system.clip import FPS
from tests.system.conftest import Play, Start
from tests.system.rig import CLIP, Process, Watcher

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]
NAME = "hides"


@pytest.fixture
def line(play: Play, start: Start, frames) -> Process:
    play(frames, CLIP)
    return start(CLIP, "--instance", NAME)


def put(**settings: object) -> None:
    """Change settings of the running application, as `backdrop set` does."""
    ask(Request("set", settings=settings), NAME)


@pytest.mark.usefixtures("line")
def test_hide_me_sends_the_placeholder_within_two_frames_and_comes_back(watcher: Watcher):
    watcher.next("composite")
    for _ in range(3):
        put(hide=True)
        before = watcher.counts["composite"]  # what was sent before may still be in the device's buffer
        watcher.next("placeholder")
        assert watcher.counts["composite"] - before <= 2
        after = watcher.counts["composite"]
        for _ in range(round(FPS)):
            watcher.next("placeholder")
        assert watcher.counts["composite"] == after
        put(hide=False)
        watcher.next("composite")


@pytest.mark.usefixtures("line")
def test_who_hides_may_turn_the_effect_off_and_nobody_sees_it(watcher: Watcher):
    watcher.next("composite")
    put(hide=True, backdrop="none")
    for _ in range(round(FPS)):
        watcher.next("placeholder")  # a single frame of the room fails the test
    put(backdrop="colour")
    put(hide=False)
    watcher.next("composite")


@pytest.mark.usefixtures("line")
def test_freeze_stands_still_and_goes_on(watcher: Watcher):
    watcher.next("composite")
    put(freeze=True)
    for _ in range(3):
        still = watcher.next("composite")
    assert all(np.array_equal(watcher.next("composite"), still) for _ in range(round(FPS)))
    put(freeze=False)
    watcher.next("composite", lambda frame: not np.array_equal(frame, still))
