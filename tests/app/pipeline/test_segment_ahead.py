"""Low latency: frames do not wait for the network, and nothing leaves without an alpha that is fresh enough."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline, Result
from backdrop.settings.settings import Settings
from sinet_core import MatteOptions
from sinet_core.matting.async_segmenter import AsyncSegmenter, Task
from sinet_core.matting.detail import LARGER
from sinet_core.matting.person_segmenter import PersonSegmenter
from sinet_core.matting.resize import halved
from tests.line_ends import LONG
from tests.moving_person import BlueFinder, frame_with, round_them
from tests.secret_room import leaked

LATE = Settings(backdrop="colour", colour="#203040", timing="low-latency")
EXACT = Settings(backdrop="colour", colour="#203040")


class Line:
    """A pipeline in low latency, whose every composite is looked through for the room."""

    def __init__(self) -> None:
        self.network = BlueFinder()
        self.pipeline = Pipeline(self.network)
        self.index = 0

    def process(
        self,
        x: float = 150,
        settings: Settings = LATE,
        pixels: np.ndarray | None = None,
        when: float | None = None,
    ) -> Result:
        self.index += 1
        taken_at = time.monotonic() if when is None else when
        frame = Frame(frame_with(x) if pixels is None else pixels, self.index, taken_at)
        result = self.pipeline.process(frame, settings)
        assert leaked(result.pixels, None if result.alpha is None else round_them(x)) == 0
        assert not result.is_raw
        return result

    def known_at(self) -> float:
        """When the frame was taken that the newest alpha is of, once no frame is being looked at."""
        assert self.pipeline._matter._async is not None
        end = time.monotonic() + LONG
        while (sighting := self.pipeline._matter._async.newest()) is None:
            assert time.monotonic() < end
            time.sleep(0.001)
        return sighting.captured_at

    def until(self, right: Callable[[Result], bool], x: float = 150, settings: Settings = LATE) -> Result:
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            result = self.process(x, settings)
            if right(result):
                return result
            time.sleep(0.005)  # as a camera does
        raise AssertionError("that never came")


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.network.may_answer.set()
    made.pipeline.close()


def _is_composite(result: Result) -> bool:
    return result.alpha is not None


def _is_card(result: Result) -> bool:
    return result.alpha is None and bool(result.notice)


def test_before_the_first_alpha_there_is_the_card_and_then_the_person(line):
    line.network.may_answer.clear()
    for _ in range(3):
        assert _is_card(line.process())
    line.network.may_answer.set()
    result = line.until(_is_composite)
    assert result.notice is None
    assert result.alpha is not None
    assert result.alpha[90, 150] > 250
    assert result.alpha[90, 20] == 0


def test_frames_do_not_wait_for_the_network_and_the_person_is_followed_meanwhile(request):
    network = BlueFinder()
    pipeline = Pipeline(network)

    def process(x: float, when: float) -> Result:
        result = pipeline.process(Frame(frame_with(x), 0, when), LATE)
        assert leaked(result.pixels, None if result.alpha is None else round_them(x)) == 0
        return result

    request.addfinalizer(pipeline.close)
    request.addfinalizer(network.may_answer.set)
    process(120, 0.0)
    assert pipeline._matter.wait(LONG)
    network.may_answer.clear()
    for step in range(1, 4):
        alpha = process(120 + 4 * step, step / 30).alpha
        assert alpha is not None
        rows, columns = np.nonzero(alpha > 127)
        assert abs(columns.mean() - 120 - 4 * step) < 3
        assert abs(rows.mean() - 90) < 3
    assert process(120, 0.31).alpha is None


def test_when_the_network_hangs_the_card_comes_after_a_third_of_a_second_and_goes_again(line):
    line.until(_is_composite)
    line.network.may_answer.clear()
    begun = line.known_at()
    assert _is_composite(line.process(when=begun + 0.25))
    assert _is_card(line.process(when=begun + 0.35))
    assert _is_card(line.process(when=begun + 5))
    line.network.may_answer.set()
    line.until(_is_composite)


def test_a_network_that_fails_gives_the_card_with_its_sentence_and_recovers(line):
    line.until(_is_composite)
    line.network.trouble = RuntimeError("no answer")
    result = line.until(_is_card)
    assert "no answer" in (result.notice or "")
    assert _is_card(line.until(lambda result: line.network.looks > 6))
    line.network.trouble = None
    line.until(_is_composite)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_gives_the_card_and_another_takes_over(line, started):
    line.until(_is_composite)
    lookout = line.pipeline._matter._async
    assert lookout is not None
    line.network.trouble = SystemExit()  # what even a careful thread does not survive
    while lookout.alive:
        line.process()
    line.network.trouble = None
    line.until(_is_composite)
    assert line.pipeline._matter._async is not lookout
    assert len(started("segmenting")) == 1


def test_a_cut_shows_the_card_until_the_network_has_seen_the_new_scene(line):
    line.until(_is_composite)
    line.network.may_answer.clear()
    checks = np.kron(np.indices((3, 4)).sum(0) % 2, np.ones((60, 80)))[..., None].repeat(3, axis=2)
    checks = (255 * checks).astype(np.uint8)
    assert _is_card(line.process(pixels=checks))
    line.network.may_answer.set()
    end = time.monotonic() + LONG
    while _is_card(line.process(pixels=checks)):
        assert time.monotonic() < end
        time.sleep(0.005)


def test_after_a_reset_nothing_is_known_even_of_the_frame_that_is_being_looked_at(line):
    line.until(_is_composite)
    line.network.asked.clear()
    line.network.may_answer.clear()
    line.process()
    assert line.network.asked.wait(LONG)
    line.pipeline.reset()
    assert line.pipeline._matter._async.newest() is None
    assert _is_card(line.process())
    line.network.may_answer.set()
    line.until(_is_composite)


def test_high_detail_looks_twice_in_low_latency_too(line):
    in_detail = replace(LATE, detail="high")
    line.until(
        lambda result: _is_composite(result) and LARGER in line.network.input_scales, settings=in_detail
    )
    assert set(line.network.input_scales) == {1.0, LARGER}


def test_going_back_to_exact_ends_the_thread_and_every_frame_has_its_own_alpha(line, started):
    line.until(_is_composite)
    assert len(started("segmenting")) == 1
    looks = line.network.looks
    for x in (60, 250, 60):
        result = line.process(x, EXACT)
        assert result.alpha is not None
        assert result.alpha[90, x] > 250
    assert line.network.looks >= looks + 3
    assert started("segmenting") == []
    line.until(_is_composite)


def test_a_file_is_made_exactly_whatever_the_timing(started):
    network = BlueFinder()
    pipeline = Pipeline(network, live=False)
    for index in range(3):
        assert pipeline.process(Frame(frame_with(150), index, index / 30), LATE).notice is None
    assert network.looks == 3
    assert started("segmenting") == []


def _task(index: int, options: MatteOptions | None = None) -> Task:
    pixels = frame_with(100 + index)
    return pixels, halved(pixels), float(index), options or MatteOptions()


def test_the_newest_frame_is_looked_at_and_those_it_replaces_are_not():
    network = BlueFinder()
    network.may_answer.clear()
    segmenter = AsyncSegmenter(PersonSegmenter(network))
    segmenter.submit(_task(0))
    assert network.asked.wait(LONG)
    for index in range(1, 9):
        segmenter.submit(_task(index, MatteOptions(input_scale=0.6)))
    assert not segmenter.wait(0.0)
    network.may_answer.set()
    assert segmenter.wait(LONG)
    newest = segmenter.newest()
    assert newest is not None
    assert newest.captured_at == 8
    assert network.input_scales == [1.0, 0.6]
    assert segmenter.close(LONG)
    assert segmenter.newest() is None


def test_closing_does_not_wait_for_a_network_that_hangs():
    network = BlueFinder()
    network.may_answer.clear()
    segmenter = AsyncSegmenter(PersonSegmenter(network))
    segmenter.submit(_task(0))
    assert network.asked.wait(LONG)
    assert not segmenter.close(0.05)
    network.may_answer.set()
    assert segmenter.close(LONG)
    assert segmenter.newest() is None


def test_an_error_that_is_raised_again_and_again_keeps_no_frames():
    network = BlueFinder()
    network.trouble = RuntimeError("no answer")
    segmenter = AsyncSegmenter(PersonSegmenter(network))
    segmenter.submit(_task(0))
    assert segmenter.wait(LONG)
    lengths = []
    for _ in range(3):
        with pytest.raises(RuntimeError, match="no answer") as caught:
            segmenter.newest()
        lengths.append(len(caught.traceback))
    assert len(set(lengths)) == 1
    assert segmenter.close(LONG)
