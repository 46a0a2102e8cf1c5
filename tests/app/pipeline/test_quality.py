"""Below full effort the network looks more rarely, in high detail twice, and still the room is not seen."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.pipeline.pipeline import Pipeline, Result
from backdrop.pipeline.quality import FULL, QUALITY_LEVELS, QualityLevel
from backdrop.settings.settings import Settings
from sinet_core.matting.detail import LARGER
from tests.moving_person import BlueFinder, disc, frame_with, round_them
from tests.secret_room import leaked
from tests.small_person import WhiteFinder, people_in_secret_room

COLOUR = Settings(backdrop="colour", colour="#203040")
BLUR = Settings(backdrop="blur")
SECOND, THIRD = QualityLevel(network_every=2), QualityLevel(network_every=3)


def _walk(
    pipeline: Pipeline,
    quality_level: QualityLevel,
    frames: int = 12,
    settings: Settings = COLOUR,
    begin: int = 0,
) -> list[Result]:
    """Somebody walks three pixels a frame; nothing of the room is ever seen."""
    results = []
    for index in range(begin, begin + frames):
        x = 100 + 3 * index
        result = pipeline.process(
            Frame(frame_with(x), index, index / 30), settings, quality_level=quality_level
        )
        assert leaked(result.pixels, round_them(x)) == 0
        results.append(result)
    return results


@pytest.mark.parametrize(
    ("quality_level", "looks"), [(FULL, 12), (SECOND, 6), (THIRD, 4), (QUALITY_LEVELS[-1], 4)]
)
def test_the_network_looks_as_often_as_the_effort_says_and_the_person_is_followed(quality_level, looks):
    network = BlueFinder()
    results = _walk(Pipeline(network), quality_level)
    assert network.looks == looks
    assert set(network.input_scales) == {quality_level.input_scale}
    for index, result in enumerate(results):
        assert result.notice is None
        assert result.alpha is not None
        inside, outside = disc(100 + 3 * index, 34) > 0, round_them(100 + 3 * index) == 0
        assert (result.alpha[inside] > 250).mean() > 0.98
        assert (result.alpha[outside] == 0).mean() > 0.999


@pytest.mark.parametrize(("quality_level", "scales"), [(FULL, {1.0, LARGER}), (SECOND, {1.0})])
def test_high_detail_looks_twice_at_full_effort_alone(quality_level, scales):
    network = BlueFinder()
    _walk(Pipeline(network), quality_level, settings=replace(COLOUR, detail="high"))
    assert set(network.input_scales) == scales
    assert network.looks == (24 if quality_level == FULL else 6)


def test_a_region_is_looked_at_twice_as_well():
    network = WhiteFinder()
    pipeline, (pixels, _) = Pipeline(network), people_in_secret_room(640, 360, [(200, 180, 20, 30)])
    for index in range(60):
        result = pipeline.process(Frame(pixels, index, index / 30), replace(COLOUR, detail="high"))
        assert result.notice is None
    assert network.looks[-1] == network.looks[-2] != (360, 640, 3)
    assert network.input_scales[-2:] == [1.0, LARGER]


def test_with_fewer_pixels_a_small_person_is_still_looked_at_from_near():
    network = WhiteFinder()
    pipeline, (pixels, _) = Pipeline(network), people_in_secret_room(640, 360, [(200, 180, 20, 30)])
    for index in range(40):
        pipeline.process(Frame(pixels, index, index / 30), COLOUR)
    near = network.looks[-1]
    assert near[0] < 360
    for index in range(40, 43):
        pipeline.process(
            Frame(pixels, index, index / 30), COLOUR, quality_level=QualityLevel(input_scale=0.75)
        )
    assert network.looks[-3:] == [near] * 3
    assert network.input_scales[-3:] == [0.75] * 3


def test_a_change_of_detail_is_seen_at_the_next_look_and_the_room_is_not():
    network, changed = BlueFinder(), replace(COLOUR, detail="high")
    pipeline = Pipeline(network)
    _walk(pipeline, FULL, frames=3)
    for result in _walk(pipeline, FULL, frames=3, settings=changed, begin=3):
        assert result.alpha is not None
    assert network.input_scales == [1.0] * 3 + [1.0, LARGER] * 3


def test_a_cut_between_two_looks_is_looked_at_at_once():
    network = BlueFinder()
    pipeline = Pipeline(network)
    _walk(pipeline, THIRD, 1)
    checks = np.kron(np.indices((3, 4)).sum(0) % 2, np.ones((60, 80)))[..., None].repeat(3, axis=2)
    result = pipeline.process(Frame((255 * checks).astype(np.uint8), 1, 1 / 30), COLOUR, quality_level=THIRD)
    assert network.looks == 2
    assert result.alpha is not None
    assert not result.alpha.any()


@pytest.mark.parametrize("what", ["another size", "a gap", "time goes back", "a reset", "a card"])
def test_what_was_before_is_not_carried_over(what):
    network = BlueFinder()
    pipeline = Pipeline(network)
    _walk(pipeline, THIRD, 1)
    pixels, when = frame_with(100), {"a gap": 0.5, "time goes back": -0.1}.get(what, 1 / 30)
    if what == "another size":
        pixels = cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_NEAREST)
    elif what == "a reset":
        pipeline.reset()
    elif what == "a card":
        pipeline.process(Frame(pixels[:8], 1, 1 / 60), COLOUR, quality_level=THIRD)
    result = pipeline.process(Frame(pixels, 2, when), COLOUR, quality_level=THIRD)
    assert result.notice is None
    assert network.looks == 2


def test_a_network_that_fails_when_it_is_its_turn_gives_the_card_and_is_asked_again_at_once():
    network = BlueFinder()
    pipeline = Pipeline(network)
    _walk(pipeline, SECOND, 4)
    network.trouble = RuntimeError("no answer")
    results = _walk(pipeline, SECOND, 3, begin=4)
    assert [result.alpha is None for result in results] == [True] * 3
    assert network.looks == 5
    network.trouble = None
    assert _walk(pipeline, SECOND, 1, begin=7)[0].notice is None


def _brighter(index: int) -> Frame:
    """The same every time, but for the light, which slowly comes up."""
    pixels = cv2.addWeighted(frame_with(160), 0.5, np.zeros_like(frame_with(160)), 0, 4 * index)
    return Frame(pixels, index, index / 30)


@pytest.mark.parametrize("pixel_format", PixelFormat)
def test_a_blurred_room_may_stay_for_a_frame_but_no_longer_and_not_for_another_backdrop(pixel_format):
    pipeline, quality_level = Pipeline(BlueFinder()), QualityLevel(network_every=2, keeps_blur=True)

    def corner(index: int, settings: Settings = BLUR) -> float:
        result = pipeline.process(
            _brighter(index), settings, pixel_format=pixel_format, quality_level=quality_level
        )
        assert result.alpha is not None
        assert not result.alpha[:20, :20].any()
        return float(result.pixels[:20, :20].mean())

    first = corner(0)
    assert corner(1) == first
    third = corner(2)
    assert third > first + 4
    assert corner(3) == third
    weaker = BLUR.__class__(backdrop="blur", blur_strength=10)
    corner(4)
    assert abs(corner(5, weaker) - third) > 4
    pipeline.reset()
    assert corner(9) > third + 10


def test_what_is_sent_is_not_drawn_into_the_blur_that_stays():
    pipeline, quality_level = Pipeline(BlueFinder()), QualityLevel(network_every=3, keeps_blur=True)
    for index in range(3):
        frame = Frame(frame_with(100 + 10 * index), index, index / 30)
        result = pipeline.process(frame, BLUR, quality_level=quality_level)
    left_behind = (disc(100) > 0) & (disc(120, 52) == 0)
    blue = result.pixels[..., 0].astype(int) - result.pixels[..., 2] > 90
    assert left_behind.sum() > 300
    assert not (blue & left_behind).any()
