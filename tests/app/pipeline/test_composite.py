"""The person in front of the backdrop, pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.pipeline.composite import composite


def _scene(height: int, width: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    frame = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    backdrop = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return frame, backdrop, rng


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_every_pixel_is_the_mix_that_alpha_says(height, width, seed):
    frame, backdrop, rng = _scene(height, width, seed)
    alpha = rng.choice(np.array([0, 1, 77, 128, 254, 255], np.uint8), (height, width))
    share = alpha[..., None].astype(np.float64) / 255
    exact = frame * share + backdrop * (1 - share)
    assert np.abs(composite(frame, backdrop, alpha) - exact).max() <= 1.0


def test_nothing_of_the_frame_is_left_where_nobody_is():
    frame, backdrop, rng = _scene(90, 160)
    alpha = (rng.random((90, 160)) < 0.1).astype(np.uint8) * 255
    out = composite(frame, backdrop, alpha)
    np.testing.assert_array_equal(out[alpha == 0], backdrop[alpha == 0])
    np.testing.assert_array_equal(out[alpha == 255], frame[alpha == 255])


@pytest.mark.parametrize("value", [0, 255])
def test_nobody_and_everybody(value):
    frame, backdrop, _ = _scene(90, 160)
    out = composite(frame, backdrop, np.full((90, 160), value, np.uint8))
    np.testing.assert_array_equal(out, frame if value else backdrop)


def test_no_input_is_written_to_and_the_result_is_its_own():
    frame, backdrop, rng = _scene(90, 160)
    alpha = rng.integers(0, 256, (90, 160), dtype=np.uint8)
    for each in (frame, backdrop, alpha):
        each.setflags(write=False)
    for these in (alpha, np.zeros_like(alpha)):
        out = composite(frame, backdrop, these)
        out[:] = 0
        assert backdrop.any()


def test_the_backdrop_itself_can_take_the_composite():
    frame, backdrop, rng = _scene(130, 70)
    alpha = rng.integers(0, 256, (130, 70), dtype=np.uint8)
    expected = composite(frame, backdrop, alpha)
    assert composite(frame, backdrop, alpha, into=backdrop) is backdrop
    np.testing.assert_array_equal(backdrop, expected)


def test_one_person_at_the_very_edge_is_kept():
    frame, backdrop, _ = _scene(40, 50)
    alpha = np.zeros((40, 50), np.uint8)
    alpha[39, 49] = 255
    out = composite(frame, backdrop, alpha)
    np.testing.assert_array_equal(out[39, 49], frame[39, 49])
    np.testing.assert_array_equal(out[:39], backdrop[:39])
