"""Composites and enlarged planes of the compiled part: what the Python functions give, and nothing beyond the arrays."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.backdrops.blur import Blur, _frosted_glass
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.pipeline.composite import composite
from backdrop.pipeline.harmonize import Harmonizer, despill_and_light_wrap
from backdrop.settings.settings import Settings
from sinet_core.matting.resize import halved
from sinet_core.native import compositing, enlarging, finishing, frosting
from tests.native_build import both_ways, needs_native

pytestmark = needs_native

GAINS = np.array([0.8, 1.0, 1.31], np.float32)
ALPHAS = ("nobody", "everybody", "an island", "an edge", "anything")


def alpha_of(kind: str, height: int, width: int, seed: int = 0) -> np.ndarray:
    """(height, width) uint8 of one of ALPHAS."""
    if kind in ("nobody", "everybody"):
        return np.full((height, width), 255 if kind == "everybody" else 0, np.uint8)
    if kind == "anything":
        return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    if kind == "an island":
        alpha[height // 3 : height // 2 + 1, width // 2 : width // 2 + 2] = 200
        alpha[-1, -1] = 1
        return alpha
    ramp = np.clip((np.arange(width) - width / 2) * 25 + 128, 0, 255)
    return np.broadcast_to(ramp.astype(np.uint8), alpha.shape).copy()


def scene(height: int, width: int, seed: int, gap: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Frame and backdrop, (height, width, 3) uint8 of any values. gap: as in a cut out of a wider frame."""
    rng = np.random.default_rng(seed)
    frame, backdrop = rng.integers(0, 256, (2, height, width + 2 * gap, 3), dtype=np.uint8)
    return frame[:, gap : gap + width], backdrop[:, gap : gap + width].copy()


def most_apart(one: np.ndarray, other: np.ndarray) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


@settings(deadline=None, max_examples=80)
@given(
    st.integers(1, 40),
    st.integers(1, 300),
    st.sampled_from(ALPHAS),
    st.sampled_from([None, GAINS]),
    st.integers(0, 3),
)
def test_a_composite_is_the_same_with_and_without(height, width, kind, gains, gap):
    frame, backdrop = scene(height, width, height, gap)
    alpha = alpha_of(kind, height, width)
    ours, reference = both_ways(composite, frame, backdrop, alpha, None, gains)
    assert most_apart(ours, reference) <= (1 if gains is None else 2)  # gains are rounded once more
    np.testing.assert_array_equal(ours[alpha == 0], backdrop[alpha == 0])


@settings(deadline=None, max_examples=80)
@given(
    st.integers(1, 20),
    st.integers(1, 150),
    st.sampled_from(ALPHAS),
    st.sampled_from([None, GAINS]),
    st.integers(0, 3),
)
def test_a_composite_in_i420_is_the_same_with_and_without(half_height, half_width, kind, gains, gap):
    height, width = 2 * half_height, 2 * half_width
    frame, backdrop = scene(height, width, height, gap)
    behind, alpha = i420.from_bgr(backdrop), alpha_of(kind, height, width)
    ours, reference = both_ways(composite, frame, behind, alpha, None, gains)
    assert most_apart(ours, reference) <= (1 if gains is None else 2)
    np.testing.assert_array_equal(ours[:height][alpha == 0], behind[:height][alpha == 0])


@pytest.mark.parametrize("in_i420", [False, True])
@pytest.mark.parametrize("kind", ALPHAS)
def test_the_backdrop_that_takes_the_composite_is_the_composite(kind, in_i420):
    frame, backdrop = scene(90, 288, 0)
    backdrop, alpha = i420.from_bgr(backdrop) if in_i420 else backdrop, alpha_of(kind, 90, 288)
    expected = composite(frame, backdrop, alpha)
    np.testing.assert_array_equal(composite(frame, backdrop, alpha, into=backdrop), expected)


def test_everybody_in_i420_is_the_frame_to_the_last_bit():
    frame, backdrop = scene(64, 400, 1)
    alpha = alpha_of("everybody", 64, 400)
    np.testing.assert_array_equal(composite(frame, i420.from_bgr(backdrop), alpha), i420.from_bgr(frame))


def _wrong_composites():
    frame, backdrop = scene(8, 12, 0)
    alpha = alpha_of("anything", 8, 12)
    yield "a frame of another size", frame[:6], backdrop, alpha, backdrop, None
    yield "floats", frame, backdrop, alpha.astype(np.float32), backdrop, None
    yield "columns left out", frame, backdrop, alpha_of("anything", 8, 24)[:, ::2], backdrop, None
    yield "grey", frame[..., 0], backdrop, alpha, backdrop, None
    yield "I420 of another size", frame, i420.from_bgr(frame)[:9], alpha, i420.from_bgr(frame), None
    yield "I420 with gaps", frame, np.zeros((12, 20), np.uint8)[:, :12], alpha, i420.from_bgr(frame), None
    yield (
        "I420 of odd sides",
        frame[:7],
        np.zeros((10, 12), np.uint8),
        alpha[:7],
        np.zeros((10, 12), np.uint8),
        None,
    )
    yield "two gains", frame, backdrop, alpha, backdrop, GAINS[:2]
    yield "no gain", frame, backdrop, alpha, backdrop, GAINS * np.float32(np.nan)
    yield "a huge gain", frame, backdrop, alpha, backdrop, GAINS * np.float32(1e6)
    locked = backdrop.copy()
    locked.setflags(write=False)
    yield "one that cannot be written to", frame, backdrop, alpha, locked, None


@pytest.mark.parametrize("wrong", list(_wrong_composites()), ids=lambda wrong: wrong[0])
def test_what_cannot_be_composited_is_an_error_and_no_crash(wrong):
    with pytest.raises(ValueError, match=r"array|gains|I420"):
        compositing.composite(*wrong[1:])


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 90), st.integers(0, 200), st.integers(0, 2**16))
def test_a_plane_is_enlarged_as_opencv_does_it(height, width, more_rows, more_columns, seed):
    small = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    into = np.full((height + more_rows, width + more_columns + 2), 77, np.uint8)
    enlarging.enlarge(small, into[:, 1:-1])
    expected = cv2.resize(small, (width + more_columns, height + more_rows), interpolation=cv2.INTER_LINEAR)
    assert most_apart(into[:, 1:-1], expected) <= 1
    assert (into[:, [0, -1]] == 77).all(), "what lies beside is left"


@pytest.mark.parametrize(("small", "large"), [((160, 90), (1280, 720)), ((120, 67), (1920, 1080))])
def test_a_blurred_room_is_enlarged_as_opencv_does_it(small, large):
    pixels = np.random.default_rng(0).integers(0, 256, (small[1], small[0], 3), dtype=np.uint8)
    ours, reference = both_ways(i420.enlarged, pixels, *large)
    assert most_apart(ours, reference) <= 1


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_a_plain_plane_stays_plain(value):
    into = np.empty((97, 131), np.uint8)
    enlarging.enlarge(np.full((7, 9), value, np.uint8), into)
    assert (into == value).all()


@pytest.mark.parametrize(
    ("small", "into"),
    [
        (np.zeros((9, 9), np.uint8), np.zeros((8, 20), np.uint8)),
        (np.zeros((9, 9, 3), np.uint8), np.zeros((20, 20), np.uint8)),
        (np.zeros((9, 9), np.int16), np.zeros((20, 20), np.uint8)),
        (np.zeros((0, 9), np.uint8), np.zeros((20, 20), np.uint8)),
        (np.zeros((1, 1), np.uint8), np.zeros((1, 40000), np.uint8)),
    ],
)
def test_what_cannot_be_enlarged_is_an_error_and_no_crash(small, into):
    with pytest.raises(ValueError, match=r"array|enlarged"):
        enlarging.enlarge(small, into)


def _soft_disc(height: int, width: int) -> np.ndarray:
    alpha = cv2.circle(np.zeros((height, width), np.uint8), (width // 2, height // 2), height // 3, 255, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 3)


def _smooth(height: int, width: int, seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(30, 226, (3, 4, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


@pytest.mark.parametrize(
    "asked", [{}, {"despill": 0}, {"light_wrap": 0}, {"match_brightness": 0, "match_warmth": 0}]
)
@pytest.mark.parametrize("size", [(720, 1280), (540, 960), (1080, 1920), (90, 160), (32, 34), (402, 998)])
def test_the_finish_is_the_same_with_and_without(size, asked):
    alpha, backdrop = _soft_disc(*size), i420.from_bgr(_smooth(*size, seed=1) // 3 + 170)  # a bright place
    frame = composite(_smooth(*size, seed=2), _smooth(*size, seed=0), alpha)  # somebody in a room
    settings = Settings(backdrop="picture", **asked)
    look = Harmonizer()(halved(frame), alpha, backdrop, settings, 0.0)
    assert look is not None
    before = composite(frame, backdrop, alpha, None, look.gains)
    ours, reference = both_ways(lambda: despill_and_light_wrap(before.copy(), alpha, look))
    apart = np.abs(ours.astype(int) - reference)
    # Without, a pixel of the edge among four that are hardly of it is passed over.
    assert apart.mean() <= 0.1
    assert (apart <= 2).mean() >= 0.999
    assert (ours != before).any(), "and something was done"


def test_the_finish_leaves_alone_what_is_far_from_the_person():
    frame, backdrop, alpha = (
        _smooth(720, 1280, 0),
        i420.from_bgr(_smooth(720, 1280, 1)),
        _soft_disc(720, 1280),
    )
    look = Harmonizer()(halved(frame), alpha, backdrop, Settings(backdrop="picture"), 0.0)
    pixels = despill_and_light_wrap(composite(frame, backdrop, alpha), alpha, look)
    near = cv2.dilate(alpha, np.ones((3, 3), np.uint8), iterations=64)
    np.testing.assert_array_equal(pixels[:720][near == 0], backdrop[:720][near == 0])


@pytest.mark.parametrize(
    ("pixels", "change", "light"),
    [
        (np.zeros((16, 16, 3), np.uint8), None, None),
        (np.zeros((16, 12), np.uint8), None, None),
        (np.zeros((16, 16), np.uint8), np.zeros((5, 5), np.int16), None),
        (np.zeros((16, 16), np.uint8), np.zeros((32, 32), np.int16), None),
        (np.zeros((16, 16), np.uint8), np.zeros((4, 8), np.int16), None),
        (np.zeros((16, 16), np.uint8), np.zeros((4, 4), np.float32), None),
        (np.zeros((16, 16), np.uint8), None, np.zeros((17, 4), np.uint8)),
        (np.zeros((16, 16), np.uint8), None, np.zeros((0, 4), np.uint8)),
    ],
)
def test_what_cannot_be_finished_is_an_error_and_no_crash(pixels, change, light):
    with pytest.raises(ValueError, match=r"array|change|squares|enlarged"):
        finishing.despill_and_light_wrap(pixels, np.zeros((16, 16), np.uint8), change, light, 16)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 40),
    st.integers(1, 60),
    st.sampled_from(ALPHAS),
    st.floats(0.3, 16),
    st.integers(0, 3),
)
def test_frosted_glass_is_the_same_with_and_without(height, width, kind, sigma, gap):
    room, _ = scene(height, width, height, gap)
    ours, reference = both_ways(_frosted_glass, room, alpha_of(kind, height, width), sigma)
    assert most_apart(ours, reference) <= 1


@pytest.mark.parametrize("in_i420", [False, True])
@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (480, 848), (32, 32), (402, 998)])
def test_a_blurred_room_is_the_same_with_and_without(size, in_i420):
    frame, alpha = _smooth(*size, seed=0), _soft_disc(*size)
    ours, reference = both_ways(
        Blur(50).render, frame, alpha, None, PixelFormat.I420 if in_i420 else PixelFormat.BGR
    )
    assert most_apart(ours, reference) <= 2


@pytest.mark.parametrize(
    ("room", "sigma", "least"),
    [
        (np.zeros((9, 8, 3), np.uint8), 3.0, 1e-3),
        (np.zeros((8, 8), np.uint8), 3.0, 1e-3),
        (np.zeros((8, 8, 3), np.float32), 3.0, 1e-3),
        (np.zeros((8, 8, 3), np.uint8), 0.0, 1e-3),
        (np.zeros((8, 8, 3), np.uint8), float("nan"), 1e-3),
        (np.zeros((8, 8, 3), np.uint8), 1e9, 1e-3),
        (np.zeros((8, 8, 3), np.uint8), 3.0, 0.0),
    ],
)
def test_what_cannot_be_frosted_is_an_error_and_no_crash(room, sigma, least):
    with pytest.raises(ValueError, match="array"):
        frosting.frosted(room, np.zeros((8, 8), np.uint8), sigma, least)
    with pytest.raises(ValueError, match="array"):
        frosting.frosted(np.zeros((0, 8, 3), np.uint8), np.zeros((0, 8), np.uint8), 3.0, 1e-3)
