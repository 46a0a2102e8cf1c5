"""A text of the person's own on a neutral picture, whatever its length, language and the picture's size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backdrop.frames.lettering import lettered
from backdrop.frames.placeholder import GROUND


def ink(pixels):
    """The rows and columns that have letters."""
    return np.nonzero(np.any(pixels != np.array(GROUND, np.uint8), axis=2))


def test_a_text_stands_in_the_middle_and_reaches_no_edge():
    rows, columns = ink(lettered(640, 360, "Be right back"))
    assert abs((rows.min() + rows.max()) / 2 - 180) < 12
    assert abs((columns.min() + columns.max()) / 2 - 320) < 12
    assert columns.min() > 30


@pytest.mark.parametrize("text", ["A long sentence that goes on and on. " * 8, "x" * 400, "我马上回来" * 60])
def test_a_long_text_becomes_smaller_and_stays_inside(text):
    rows, columns = ink(lettered(640, 360, text))
    assert rows.min() >= 8
    assert rows.max() <= 351
    assert columns.min() >= 30
    assert columns.max() <= 609


@given(st.text(max_size=40), st.integers(1, 90), st.integers(1, 70))
def test_no_text_and_no_size_is_too_odd(text, width, height):
    pixels = lettered(width, height, text)
    assert pixels.shape == (height, width, 3)
    assert not pixels.flags.writeable
