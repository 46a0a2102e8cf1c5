"""The library finds a person in a video by itself: one object, with all that it knows from earlier frames."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core import MatteOptions, NotReadyError, SegmenterError, VideoMatter
from tests.moving_person import HEIGHT, WIDTH, BlueFinder, disc, frame_with, round_them

LONG = 300.0  # seconds, for what happens at once
LOW_LATENCY = MatteOptions(low_latency=True)


@pytest.fixture
def network() -> BlueFinder:
    return BlueFinder()


@pytest.fixture
def matter(network: BlueFinder) -> Iterator[VideoMatter]:
    made = VideoMatter(network)
    yield made
    network.may_answer.set()
    made.close()


def _assert_found(alpha: np.ndarray, x: float) -> None:
    assert alpha.shape == (HEIGHT, WIDTH)
    assert alpha.dtype == np.uint8
    assert (alpha[disc(x, 34) > 0] > 250).mean() > 0.98
    assert (alpha[round_them(x) == 0] == 0).mean() > 0.999


def test_a_walking_person_is_found_in_every_frame(matter):
    for index in range(6):
        frame = frame_with(100 + 3 * index)
        frame.setflags(write=False)
        _assert_found(matter(frame, index / 30), 100 + 3 * index)


def test_the_library_answers_what_the_application_shows(matter):
    pipeline = Pipeline(BlueFinder(), live=False)
    for index in range(5):
        frame = Frame(frame_with(100 + 3 * index), index, index / 30)
        shown = pipeline.process(frame, Settings(backdrop="colour")).alpha
        np.testing.assert_array_equal(matter(frame.pixels, frame.captured_at), shown)


def test_the_network_runs_on_every_nth_frame_and_its_alpha_follows_the_person_in_between(matter, network):
    options = MatteOptions(network_every=3, input_scale=0.6)
    ran = []
    for index in range(7):
        _assert_found(matter(frame_with(100 + 3 * index), index / 30, options), 100 + 3 * index)
        ran.append(matter.network_runs)
    assert ran == [True, False, False, True, False, False, True]
    assert network.input_scales == [0.6] * 3


def test_a_reset_makes_the_next_frame_the_first(matter, network):
    options = MatteOptions(network_every=3)
    first = matter(frame_with(100), 0.0, options)
    matter(frame_with(103), 1 / 30, options)
    matter.reset()
    np.testing.assert_array_equal(matter(frame_with(100), 2 / 30, options), first)
    assert network.looks == 2


def test_a_network_that_fails_leaves_nothing_of_the_frames_before_it(matter, network):
    first = matter(frame_with(100), 0.0)
    matter(frame_with(160), 1 / 30)
    network.trouble = SegmenterError("no answer")
    with pytest.raises(SegmenterError, match="no answer"):
        matter(frame_with(160), 2 / 30)
    network.trouble = None
    np.testing.assert_array_equal(matter(frame_with(100), 3 / 30), first)


def test_with_low_latency_the_last_alpha_comes_at_once_and_before_the_first_there_is_none(matter, network):
    with pytest.raises(NotReadyError):
        matter(frame_with(100), 0.0, LOW_LATENCY)
    assert matter.wait(LONG)
    network.may_answer.clear()
    for index in range(1, 4):
        _assert_found(matter(frame_with(100 + 3 * index), index / 30, LOW_LATENCY), 100 + 3 * index)
    assert not matter.wait(0.0)
    with pytest.raises(NotReadyError):  # the network hangs, and its last answer is too old
        matter(frame_with(100), 0.35, LOW_LATENCY)


def test_small_people_are_seen_from_near_only_where_the_region_is_tracked(matter, network):
    sizes = []
    network.predict_lowres, answer = (
        lambda frame, input_scale=1.0: sizes.append(frame.shape) or answer(frame, input_scale),
        network.predict_lowres,
    )
    for tracked in (False, True):
        matter = VideoMatter(network)
        pixels = np.full((720, 1280, 3), 30, np.uint8)
        pixels[300:420, 600:680] = (220, 60, 50)
        for index in range(30):
            matter(pixels, index / 30, MatteOptions(track_region=tracked))
        assert (min(height for height, _, _ in sizes) < 360) == tracked


def test_an_empty_interpreter_has_it_without_the_application_or_qt():
    program = (
        "import sys, numpy as np; from sinet_core import VideoMatter;"
        "alpha = VideoMatter()(np.full((360, 640, 3), 90, np.uint8), 0.0);"
        "print(alpha.shape, alpha.dtype, not {'backdrop', 'torch', 'PySide6'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "(360, 640) uint8 True"
