"""Steadying gives the same with the compiled part and without, over any sequence of alphas."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinet_core.matting.components import ComponentHysteresis
from sinet_core.matting.temporal_filter import TemporalFilter
from sinet_core.native import temporal
from sinet_core.native.constants import SEEN
from tests.native_build import both_ways, needs_native

TICK = 1 / 30
ALIKE = 1e-4  # of alpha


def _moments(height: int, width: int, seed: int) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Alphas (height, width) with frames of that size: things stay, flicker, move, come and go; at times there is no frame."""
    rng = np.random.default_rng(seed)
    size = (width, height)
    people = rng.normal(0.5, 1, (max(1, height // 5), max(1, width // 5))).astype(np.float32)
    room = rng.integers(0, 256, (max(1, height // 4), max(1, width // 4), 3), dtype=np.uint8)
    moments: list[tuple[np.ndarray, np.ndarray | None]] = []
    for index in range(12):
        alpha = cv2.resize(people, size, interpolation=cv2.INTER_CUBIC) + rng.normal(0, 0.05)
        if rng.random() < 0.3:
            other = rng.normal(0, 0.6, people.shape).astype(np.float32)
            alpha += cv2.resize(other, size, interpolation=cv2.INTER_LINEAR)
        frame = cv2.resize(room, size, interpolation=cv2.INTER_NEAREST) + rng.normal(0, 2, (height, width, 3))
        if rng.random() < 0.2:
            frame[: height // 2] = rng.integers(0, 256)
        seen = None if index and rng.random() < 0.1 else np.clip(frame, 0, 255).astype(np.uint8)
        moments.append((np.clip(alpha, 0, 1).astype(np.float32), seen))
    return moments


def _steadied(moments: list[tuple[np.ndarray, np.ndarray | None]]) -> list[np.ndarray]:
    steady = TemporalFilter()
    return [steady(alpha, index * TICK, frame) for index, (alpha, frame) in enumerate(moments)]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 999))
def test_any_sequence_is_steadied_the_same_with_and_without(height, width, seed):
    for ours, reference in zip(*both_ways(_steadied, _moments(height, width, seed)), strict=True):
        np.testing.assert_allclose(ours, reference, atol=ALIKE)


def _spots(seed: int, density: float) -> np.ndarray:
    """(48, 64) float32 of 0 and 1: spots of all sizes, many of which touch at corners alone, and holes in them."""
    rng = np.random.default_rng(seed)
    spots = np.kron(rng.random((6, 8)) < density, np.ones((4, 4))) != (rng.random((24, 32)) < density / 4)
    return spots.repeat(2, axis=0).repeat(2, axis=1).astype(np.float32)


def _shown(seed: int, density: float) -> list[np.ndarray]:
    """What is left of islands and holes that come and go, before something that stands still in one half."""
    islands, still = ComponentHysteresis(), np.ones((48, 64), np.float32)
    still[:, 32:] = 0.3
    islands.start(_spots(seed, density))
    return [islands(_spots(seed + index // 4, density), still, 0.06) for index in range(12)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 9999), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]))
def test_islands_and_holes_are_the_same_with_and_without(seed, density):
    ours, reference = both_ways(_shown, seed, density)
    np.testing.assert_array_equal(ours, reference)


def test_these_islands_and_holes_are_some():
    shown = _shown(1, 0.5)
    said = [_spots(1 + index // 4, 0.5) for index in range(12)]
    assert max((alpha < was).sum() for alpha, was in zip(shown, said, strict=True)) > 0
    assert max((alpha > was).sum() for alpha, was in zip(shown, said, strict=True)) > 0


def test_one_pixel_and_no_person_at_all_are_steadied_the_same():
    for shape in ((2, 2), (2, 64), (64, 2), (96, 160)):
        for value in (0.0, SEEN, 1.0):
            frame = np.zeros((*shape, 3), np.uint8)
            moments = [(np.full(shape, value, np.float32), frame)] * 3
            for ours, reference in zip(*both_ways(_steadied, moments), strict=True):
                np.testing.assert_array_equal(ours, reference)


def test_an_alpha_that_is_a_part_of_another_array_is_steadied_as_its_copy_is():
    moments = _moments(48, 80, 3)
    turned = [(np.asfortranarray(alpha), frame) for alpha, frame in moments]
    for ours, copied in zip(_steadied(turned), _steadied(moments), strict=True):
        np.testing.assert_allclose(ours, copied, atol=ALIKE)


PLANE, AGES = np.zeros((4, 6), np.float32), np.zeros((2, 2, 3), np.float32)


@needs_native
@pytest.mark.parametrize(
    "call",
    [
        lambda: temporal.static_mask(PLANE, PLANE[:2], 1.0),
        lambda: temporal.static_mask(PLANE.astype(np.float64), PLANE, 1.0),
        lambda: temporal.static_mask(PLANE[:, ::2], PLANE[:, ::2], 1.0),
        lambda: temporal.static_mask(PLANE[:0], PLANE[:0], 1.0),
        lambda: temporal.blended(PLANE, PLANE, PLANE[0], 0.9, 0.9, PLANE, PLANE),
        lambda: temporal.blended(PLANE, PLANE, PLANE, 0.9, 0.9, PLANE, PLANE.T),
        lambda: temporal.unconfirmed(PLANE[:3], PLANE[:3], AGES, 0.1),
        lambda: temporal.unconfirmed(PLANE, PLANE[:2], AGES, 0.1),
        lambda: temporal.unconfirmed(PLANE, PLANE, AGES[0], 0.1),
        lambda: temporal.unconfirmed(PLANE, PLANE, AGES.astype(np.float64), 0.1),
    ],
)
def test_what_cannot_be_steadied_is_an_error_and_no_crash(call):
    with pytest.raises(ValueError, match="array"):
        call()
