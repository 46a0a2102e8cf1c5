"""Refining and steadying give the same with the compiled part and without."""

from itertools import islice

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinet_core.matting.guided_upsampling import FAINT, guided_upsample
from sinet_core.matting.resize import halved
from sinet_core.native import upsampling
from sinet_core.segmenter import Segmenter
from sinet_core.training.scenes.data import read_pairs
from tests.native_build import both_ways, needs_native


def _alike(ours: np.ndarray, reference: np.ndarray) -> None:
    """The tolerance of refining, in levels of 0 to 255."""
    assert ours.shape == reference.shape
    assert ours.dtype == reference.dtype
    difference = np.abs(ours.astype(int) - reference)
    assert difference.mean() <= 0.1
    assert (difference <= 2).mean() >= 0.999


def _soft(height: int, width: int, seed: int) -> np.ndarray:
    """A person of no shape in particular: (height, width) float32 in [0, 1], with all in between."""
    rng = np.random.default_rng(seed)
    predict_lowres = rng.normal(0.5, 1.5, (max(1, height // 6), max(1, width // 6))).astype(np.float32)
    return np.clip(cv2.resize(predict_lowres, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


def _frame(height: int, width: int, seed: int, grain: int) -> np.ndarray:
    """(height, width, 3) uint8 in patches of a grain's size: 1 is noise."""
    patches = np.random.default_rng(seed).integers(
        0, 256, (-(-height // grain), -(-width // grain), 3), dtype=np.uint8
    )
    return np.ascontiguousarray(patches.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width])


@settings(deadline=None, max_examples=150)
@given(
    st.tuples(st.integers(1, 50), st.integers(1, 50)),
    st.tuples(st.integers(1, 150), st.integers(1, 150)),
    st.sampled_from([1, 2, 5, 16]),
    st.booleans(),
    st.integers(0, 999),
)
def test_any_alpha_is_refined_the_same_with_and_without(half_alpha, size, grain, odd, seed):
    height, width = (2 * side - odd for side in half_alpha)
    ours, reference = both_ways(guided_upsample, _soft(height, width, seed), _frame(*size, seed, grain))
    # Where an alpha is two pixels wide, or the frame has three, roundings that differ are a larger share.
    difference = np.abs(ours.astype(int) - reference)
    assert difference.sum() <= 0.2 * difference.size + 4
    assert (difference > 2).sum() <= 0.002 * difference.size + 1


@pytest.mark.parametrize(("name", "every"), [("desk-val", 5), ("eg1800-train", 50)])
def test_photos_are_refined_the_same_with_and_without(shared, name, every):
    segmenter, photos = Segmenter.load(), 0
    for pair in islice(read_pairs(shared / "data" / name), 0, None, every):
        _alike(*both_ways(guided_upsample, segmenter.predict_lowres(pair.frame), pair.frame))
        photos += 1
    assert photos > 10


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (480, 640), (719, 1280), (720, 1279)])
@pytest.mark.parametrize("middle", [(0.2, 0.1), (0.5, 0.5), (0.98, 0.9)])
def test_a_person_in_a_part_of_the_frame_is_refined_the_same(size, middle):
    alpha = np.zeros((96, 160), np.float32)
    at = (round(160 * middle[0]), round(96 * middle[1]))
    alpha = cv2.GaussianBlur(cv2.ellipse(alpha, at, (20, 30), 0, 0, 360, 1.0, -1), (0, 0), 2)
    ours, reference = both_ways(guided_upsample, alpha, cv2.GaussianBlur(_frame(*size, 3, 40), (0, 0), 4))
    _alike(ours, reference)


@pytest.mark.parametrize("value", [0.0, FAINT, 1.0])
@pytest.mark.parametrize("small", [(2, 2), (2, 40), (96, 160)])
def test_an_alpha_of_one_value_is_refined_the_same(value, small):
    ours, reference = both_ways(guided_upsample, np.full(small, value, np.float32), _frame(90, 160, 1, 1))
    _alike(ours, reference)
    assert (ours == (255 if value == 1 else 0)).all()


def test_a_region_of_a_frame_is_refined_as_a_copy_of_it_is():
    whole = _frame(360, 640, 2, 7)
    half, alpha = halved(whole), _soft(64, 48, 2)
    part, part_of_half = whole[64:320, 96:288], half[32:160, 48:144]
    assert not part_of_half.flags.c_contiguous
    np.testing.assert_array_equal(
        guided_upsample(alpha, part, part_of_half), guided_upsample(alpha, part.copy(), part_of_half.copy())
    )
    _alike(*both_ways(guided_upsample, alpha, part, part_of_half))


def test_arrays_that_do_not_lie_in_rows_are_refined_without_it():
    frame, alpha = _frame(180, 320, 2, 7), _soft(48, 80, 2)
    half = halved(frame)
    _alike(guided_upsample(alpha, frame[:, ::-1], half[:, ::-1]), guided_upsample(alpha, frame[:, ::-1]))
    np.testing.assert_array_equal(
        guided_upsample(np.asfortranarray(alpha), frame), guided_upsample(alpha, frame)
    )


ALPHA, GUIDE = np.zeros((4, 6), np.float32), np.zeros((4, 6, 3), np.uint8)
HALF, FINE = np.zeros((8, 12, 3), np.uint8), np.zeros((16, 24), np.uint8)
UNWRITABLE = FINE.copy()
UNWRITABLE.setflags(write=False)


@needs_native
@pytest.mark.parametrize(
    "arrays",
    [
        (ALPHA.astype(np.float64), GUIDE),
        (ALPHA[:3], GUIDE[:3]),
        (ALPHA[:0], GUIDE[:0]),
        (ALPHA[0], GUIDE[0]),
        (ALPHA, GUIDE[:2]),
        (ALPHA[:, ::-1], GUIDE),
        (ALPHA, GUIDE[..., :2]),
    ],
)
def test_what_has_no_colours_to_follow_is_an_error_and_no_crash(arrays):
    with pytest.raises(ValueError, match=r"array|alpha"):
        upsampling.fit_to_colours(*arrays)


@needs_native
@pytest.mark.parametrize(
    "arrays",
    [
        (ALPHA, GUIDE[:2], HALF, FINE),
        (ALPHA, GUIDE, HALF[:0], FINE),
        (ALPHA, GUIDE, HALF[..., 0], FINE),
        (ALPHA, GUIDE, HALF, UNWRITABLE),
        (ALPHA, GUIDE, HALF, FINE[..., None]),
        (ALPHA, GUIDE, HALF, FINE[::-1]),
    ],
)
def test_what_cannot_be_mixed_is_an_error_and_no_crash(arrays):
    with pytest.raises(ValueError, match="array"):
        upsampling.apply_linear_model(*arrays)
