"""The line keeps time: how old frames are, what it does when it cannot keep up, and low latency in the whole line."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.frames.frame import Frame
from backdrop.pipeline.quality import FULL, QUALITY_LEVELS
from backdrop.run.frame_stats import FrameStats
from tests.line_ends import LONG, SecretCamera
from tests.secret_room import DiscFinder
from tests.whole_line import ON, Line, is_card, is_composite, until

LATE = replace(ON, timing="low-latency")


class SlowCamera(SecretCamera):
    """Leaves even a busy computer time."""

    fps = 4.0

    def __init__(self) -> None:
        super().__init__(rooms=1)


class SlowFinder(DiscFinder):
    """A network that can be made to take some time. input_scales: what it was asked for."""

    def __init__(self) -> None:
        self.seconds, self.trouble, self.ended = 0.0, False, threading.Event()
        self.input_scales: list[float] = []

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        self.input_scales.append(input_scale)
        self.ended.wait(self.seconds * input_scale)
        if self.trouble:
            raise RuntimeError("no answer")
        return super().predict_lowres(frame)


@pytest.fixture
def room(line: Line) -> Line:
    """The line in a room that stands still: in one that is new with every frame, nobody could be followed."""
    line.cameras["secret"] = SecretCamera(rooms=1)
    return line


@pytest.fixture
def hasty(line: Line) -> None:
    """What the quality controller takes seconds for takes little here."""
    line.governed = True
    line.limits = replace(line.limits, quality_window=0.4, quality_calm=0.3)


@pytest.mark.parametrize("settings", [ON, LATE])
def test_the_engine_says_how_old_frames_are_when_they_leave_and_in_which_mode(room, settings):
    engine, _output = room.running(settings, count=20)
    stats = engine.stats()
    assert stats.timing == settings.timing
    assert stats.age_p95 >= stats.age >= 0.9 * stats.milliseconds > 0


def test_a_computer_that_cannot_keep_up_does_less_says_so_and_comes_back(line, hasty):
    network = SlowFinder()
    line.cameras["secret"] = SlowCamera()
    engine = line.start(segmenter=lambda: network)
    until(engine, lambda result: result.notice is None and engine.stats().savings == ())
    network.seconds = 1.5
    until(engine, lambda result: engine.stats().savings == tuple(QUALITY_LEVELS[-1].savings))
    until(engine, lambda result: engine.notice is not None)
    assert "too busy" in (engine.notice or "")
    assert network.input_scales[-1] < 1
    network.seconds = 0.0
    until(engine, lambda result: engine.stats().savings == () and engine.notice is None)


def test_cards_do_not_count_among_the_ages():
    pace = FrameStats()
    frame = Frame(np.zeros((32, 32, 3), np.uint8), 0, 0.0)
    pace.sent(frame, 0.0, hidden=True, fps=30, dropped=0, budget=0)
    assert pace.ages.milliseconds() == 0
    pace.sent(frame, 0.0, hidden=False, fps=30, dropped=0, budget=0)
    assert pace.ages.milliseconds() > 0
    assert pace.quality_level == FULL
    assert pace.notice is None


def test_in_low_latency_the_network_has_a_thread_of_its_own_which_is_gone_after_stop(room, started):
    network = SlowFinder()
    room.start(LATE, segmenter=lambda: network)
    room.output().wait_for(is_composite, 3)
    assert len(started("segmenting")) == 1
    assert room.engine.stop(LONG)
    assert started("segmenting") == []


def test_in_low_latency_a_network_that_hangs_or_fails_gives_the_card_and_the_line_still_stops(room):
    network = SlowFinder()
    engine, _output = room.running(LATE, segmenter=lambda: network)
    network.trouble = True
    room.output().wait_for(is_card, 3)
    assert "no answer" in (engine.notice or "")
    network.trouble = False
    until(engine, lambda result: result.notice is None)
    network.seconds = LONG
    until(engine, lambda result: "looking for you" in (result.notice or ""))
    assert engine.stop(LONG)  # although the network hangs
    assert not network.ended.is_set()
    network.ended.set()


def test_the_timing_can_be_changed_while_the_line_runs(room):
    engine, _output = room.running(LATE)
    for settings in (ON, LATE, ON):
        engine.settings = settings
        until(engine, lambda result: result.notice is None and result.index > 3)
        until(engine, lambda result: result.notice is None)
    assert engine.stats().timing == "exact"
