"""The neutral card."""

import numpy as np
import pytest

from backdrop.frames.placeholder import AWAY, GROUND, HIDDEN, STARTING, placeholder


@pytest.mark.parametrize(
    "size", [(1280, 720), (640, 480), (641, 479), (480, 640), (96, 54), (33, 32), (1, 1), (3840, 64)]
)
def test_the_card_has_the_size_that_is_asked_for(size):
    pixels = placeholder(*size, AWAY)
    assert pixels.shape == (size[1], size[0], 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("sentence", [STARTING, AWAY, HIDDEN])
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (360, 640), (320, 180)])
def test_the_sentence_is_in_the_middle_and_does_not_touch_the_border(size, sentence):
    written = (placeholder(*size, sentence) != np.array(GROUND, np.uint8)).any(axis=2)
    rows, columns = np.nonzero(written)
    assert len(rows) > 100
    assert abs((rows.min() + rows.max()) / 2 - size[1] / 2) < 0.06 * size[1]
    assert abs((columns.min() + columns.max()) / 2 - size[0] / 2) < 0.06 * size[0]
    assert columns.min() > 0
    assert columns.max() < size[0] - 1


def test_a_long_sentence_is_broken_into_lines():
    lines = placeholder(
        640, 360, "The picture is hidden because of this and that and several other things as well"
    )
    rows = np.nonzero((lines != np.array(GROUND, np.uint8)).any(axis=(1, 2)))[0]
    assert (np.diff(rows) > 3).sum() >= 2


def test_nobody_can_write_to_the_card_that_all_share():
    assert placeholder(320, 180, AWAY) is placeholder(320, 180, AWAY)
    with pytest.raises(ValueError, match="read-only"):
        placeholder(320, 180, AWAY)[:] = 0
