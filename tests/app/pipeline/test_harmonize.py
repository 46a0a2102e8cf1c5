"""The person belongs in front of a backdrop that is not their room."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.pipeline.composite import composite
from backdrop.pipeline.harmonize import (
    BRIGHTER,
    DARKER,
    WARMER,
    CompositeAdjustments,
    Harmonizer,
    despill_and_light_wrap,
)
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core.matting.resize import halved
from tests.secret_room import DiscFinder

OFF = Settings(backdrop="picture", despill=0, light_wrap=0, match_brightness=0, match_warmth=0)
HEIGHT, WIDTH = 360, 640
GREEN, SKIN, GREY = (60, 200, 40), (120, 150, 200), (110, 110, 110)


def _flat(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), colour, np.uint8)


def _soft_disc() -> np.ndarray:
    disc = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (WIDTH // 2, HEIGHT // 2), 110, 255, -1)
    return cv2.blur(disc, (9, 9))


def _over(person: np.ndarray, alpha: np.ndarray, room: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255
    return np.round(person * share + room * (1 - share)).astype(np.uint8)


def _made(
    wanted: Settings,
    frame: np.ndarray,
    backdrop: np.ndarray,
    alpha: np.ndarray,
    stage: Harmonizer | None = None,
) -> tuple[np.ndarray, CompositeAdjustments | None]:
    """The composite as the pipeline makes it, in the layout of the backdrop, as BGR."""
    look = (stage or Harmonizer())(halved(frame), alpha, backdrop, wanted, 0.0)
    pixels = composite(frame, backdrop, alpha, None, None if look is None else look.gains)
    finished = despill_and_light_wrap(pixels, alpha, look)
    assert finished is pixels
    return (pixels if pixels.ndim == 3 else i420.to_bgr(pixels)), look


@pytest.mark.parametrize("in_i420", [False, True])
def test_the_old_room_goes_from_the_edge(in_i420):
    alpha = _soft_disc()
    frame = _over(_flat(SKIN), alpha, _flat(GREEN))
    backdrop = i420.from_bgr(_flat(GREY)) if in_i420 else _flat(GREY)
    true = _over(_flat(SKIN), alpha, _flat(GREY)).astype(int)
    edge = (alpha > 20) & (alpha < 235)

    def error(wanted: Settings) -> float:
        made, _ = _made(wanted, frame, backdrop, alpha)
        return float(np.abs(made.astype(int) - true)[edge].mean())

    raw, half, whole = (error(replace(OFF, despill=share)) for share in (0, 50, 100))
    assert raw > 10
    assert half < 0.7 * raw
    assert whole < 0.3 * raw


@pytest.mark.parametrize("in_i420", [False, True])
def test_despill_changes_nothing_but_the_edge(in_i420):
    alpha = _soft_disc()
    frame = _over(_flat(SKIN), alpha, _flat(GREEN))
    backdrop = i420.from_bgr(_flat(GREY)) if in_i420 else _flat(GREY)
    raw, _ = _made(OFF, frame, backdrop, alpha)
    cleaned, _ = _made(replace(OFF, despill=100), frame, backdrop, alpha)
    away = cv2.dilate(((alpha > 0) & (alpha < 255)).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    np.testing.assert_array_equal(cleaned[away], raw[away])
    assert (cleaned != raw).any()


def test_a_person_of_the_colour_of_their_room_is_left_as_they_are():
    alpha = _soft_disc()
    raw, _ = _made(OFF, _flat(SKIN), _flat(GREY), alpha)
    cleaned, _ = _made(replace(OFF, despill=100), _flat(SKIN), _flat(GREY), alpha)
    assert np.abs(cleaned.astype(int) - raw).max() <= 1


@pytest.mark.parametrize("in_i420", [False, True])
def test_a_bright_backdrop_falls_over_the_edge_and_not_on_the_face(in_i420):
    alpha, dark, white = _soft_disc(), _flat((30, 30, 30)), _flat((250, 250, 250))
    backdrop = i420.from_bgr(white) if in_i420 else white
    raw, _ = _made(OFF, dark, backdrop, alpha)
    wrapped, _ = _made(replace(OFF, light_wrap=100), dark, backdrop, alpha)
    more = wrapped.astype(int).mean(axis=2) - raw.mean(axis=2)
    middle = np.s_[HEIGHT // 2 - 40 : HEIGHT // 2 + 40, WIDTH // 2 - 40 : WIDTH // 2 + 40]
    rim = (alpha == 255) & (cv2.erode(alpha, np.ones((9, 9), np.uint8)) < 255)
    assert more[rim].mean() > 20
    assert np.abs(more[middle]).max() < 5
    assert more.min() > -3


def test_light_is_put_on_and_never_taken_away():
    alpha, bright, black = _soft_disc(), _flat((220, 220, 220)), _flat((5, 5, 5))
    raw, _ = _made(OFF, bright, black, alpha)
    wrapped, _ = _made(replace(OFF, light_wrap=100), bright, black, alpha)
    np.testing.assert_array_equal(wrapped, raw)


@pytest.mark.parametrize(
    ("place", "low", "high"), [((10, 10, 10), DARKER, 0.99), ((250, 250, 250), 1.01, BRIGHTER)]
)
def test_the_persons_brightness_follows_the_backdrops_within_limits(place, low, high):
    alpha = _soft_disc()
    _, look = _made(replace(OFF, match_brightness=100), _flat(GREY), _flat(place), alpha)
    assert look is not None
    assert look.gains is not None
    assert np.ptp(look.gains) < 0.01
    assert low - 1e-3 <= look.gains.mean() <= high + 1e-3


@pytest.mark.parametrize("place", [(60, 110, 200), (200, 110, 60)])
def test_the_persons_warmth_follows_the_backdrops_and_their_brightness_does_not(place):
    alpha = _soft_disc()
    frame = _over(_flat(GREY), alpha, _flat(GREY))
    made, look = _made(replace(OFF, match_warmth=100), frame, _flat(place), alpha)
    assert look is not None
    assert look.gains is not None
    blue, green, red = look.gains
    assert (red > green > blue) == (place[2] > place[0])
    assert red / green <= 1 + WARMER + 1e-3
    face = made[HEIGHT // 2, WIDTH // 2].astype(float) @ (0.114, 0.587, 0.299)
    assert abs(face - 110) < 2.5


def test_a_change_of_the_light_is_followed_gently_and_a_new_camera_at_once():
    stage, alpha, wanted = Harmonizer(), _soft_disc(), replace(OFF, match_brightness=100)
    half = halved(_flat(GREY))

    def gain(place: int, at: float) -> float:
        look = stage(half, alpha, _flat((place, place, place)), wanted, at)  # an array that may have changed
        assert look is not None
        assert look.gains is not None
        return float(look.gains[1])

    dark = gain(10, 0.0)
    first = gain(250, 1 / 30)
    assert dark < first < dark + 0.1
    later = [gain(250, 1 / 30 + frame / 30) for frame in range(1, 120)]
    assert later == sorted(later)
    stage.reset()
    assert later[-1] == pytest.approx(gain(250, 5.0), abs=0.01)
    assert later[-1] > 1 > dark


def test_a_video_is_looked_at_ten_times_a_second_and_another_size_at_once():
    stage, alpha, wanted = Harmonizer(), _soft_disc(), replace(OFF, light_wrap=100)
    black, white = _flat((0, 0, 0)), _flat((255, 255, 255))
    for each in (black, white):
        each.setflags(write=False)

    def bright(backdrop: np.ndarray, at: float, of: np.ndarray = alpha) -> bool:
        look = stage(np.zeros((of.shape[0] // 2, of.shape[1] // 2, 3), np.uint8), of, backdrop, wanted, at)
        assert look is not None
        assert look.light is not None
        return bool(look.light.max() > 50)

    assert not bright(black, 0.0)
    assert not bright(white, 0.05)
    assert bright(white, 0.15)
    assert bright(cv2.resize(white, (320, 180)), 0.16, cv2.resize(alpha, (320, 180)))


def test_what_is_off_costs_nothing_and_changes_nothing():
    rng = np.random.default_rng(1)
    frame, backdrop = rng.integers(0, 256, (2, HEIGHT, WIDTH, 3), dtype=np.uint8)
    alpha = _soft_disc()
    made, look = _made(OFF, frame, backdrop, alpha)
    assert look is None
    np.testing.assert_array_equal(made, composite(frame, backdrop, alpha))


@pytest.mark.parametrize("kind", ["none", "blur"])
def test_in_front_of_their_own_room_a_person_is_left_alone(kind):
    wanted = replace(OFF, backdrop=kind, despill=100, light_wrap=100, match_brightness=100, match_warmth=100)
    assert Harmonizer()(halved(_flat(SKIN)), _soft_disc(), _flat(GREY), wanted, 0.0) is None


def test_for_keying_only_the_edge_is_cleaned():
    wanted = replace(
        OFF, backdrop="transparent", despill=100, light_wrap=100, match_brightness=100, match_warmth=100
    )
    look = Harmonizer()(halved(_flat(SKIN)), _soft_disc(), _flat(GREEN), wanted, 0.0)
    assert look is not None
    assert look.change is not None
    assert look.gains is None
    assert look.light is None


@settings(deadline=None, max_examples=60)
@given(st.integers(32, 400), st.integers(32, 400), st.booleans(), st.integers(0, 2**32 - 1))
def test_any_size_and_any_alpha_goes_through_and_nothing_is_written_to(height, width, in_i420, seed):
    rng = np.random.default_rng(seed)
    if in_i420:
        height, width = height // 2 * 2, width // 2 * 2
    frame, place = rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    alpha = cv2.resize(rng.integers(0, 256, (3, 3), dtype=np.uint8), (width, height))
    alpha[: rng.integers(0, height)] = 0
    backdrop = i420.from_bgr(place) if in_i420 else place
    for each in (frame, alpha, backdrop):
        each.setflags(write=False)
    wanted = replace(OFF, despill=100, light_wrap=100, match_brightness=100, match_warmth=100)
    made, _ = _made(wanted, frame, backdrop, alpha)
    assert made.shape == frame.shape


def test_both_layouts_look_alike():
    alpha = _soft_disc()
    frame = _over(_flat(SKIN), alpha, _flat(GREEN))
    place = cv2.resize(np.array([[[200, 180, 90], [30, 60, 120]]], np.uint8), (WIDTH, HEIGHT))
    wanted = replace(OFF, despill=100, light_wrap=60, match_brightness=60, match_warmth=60)
    in_bgr, _ = _made(wanted, frame, place, alpha)
    in_i420, _ = _made(wanted, frame, i420.from_picture(place), alpha)
    assert np.abs(in_bgr.astype(int) - in_i420).mean() < 2


def test_the_line_uses_it(tmp_path):
    rng = np.random.default_rng(2)
    cv2.imwrite(str(tmp_path / "white.png"), np.full((90, 160, 3), 255, np.uint8))
    frame = Frame(rng.integers(0, 90, (180, 320, 3), dtype=np.uint8), 0, 0.0)
    wanted = replace(OFF, picture=str(tmp_path / "white.png"))
    pipeline = Pipeline(DiscFinder(), live=False)
    raw = pipeline.process(frame, wanted)
    lit = pipeline.process(frame, replace(wanted, match_brightness=100))
    assert raw.alpha is not None
    sure = raw.alpha == 255
    assert lit.pixels[sure].mean() > 1.1 * raw.pixels[sure].mean()
    np.testing.assert_array_equal(lit.pixels[raw.alpha == 0], raw.pixels[raw.alpha == 0])
