"""Who counts as a person in an alpha, and frames at half their size."""

import numpy as np
import pytest

from sinet_core.matting.people import people_in
from sinet_core.matting.resize import halved


def test_two_people_are_two_and_what_is_not_sure_is_nobody():
    alpha = np.zeros((40, 60), np.float32)
    alpha[5:20, 3:12] = alpha[8:30, 40:60] = 1
    alpha[30:40, 10:30] = 0.7
    assert sorted(person.box for person in people_in(alpha)) == [
        (3 / 60, 5 / 40, 12 / 60, 20 / 40),
        (40 / 60, 8 / 40, 1.0, 30 / 40),
    ]


def test_somebody_between_two_others_who_touch_at_a_corner_is_one_with_them():
    alpha = np.zeros((40, 60), np.float32)
    alpha[10:20, 10:20] = alpha[20:30, 20:30] = 1
    (both,) = people_in(alpha)
    assert both.box == (10 / 60, 10 / 40, 30 / 60, 30 / 40)
    np.testing.assert_array_equal(both.mask(), alpha > 0.5)


@pytest.mark.parametrize("shape", [(2, 4, 3), (6, 10), (7, 10, 3), (720, 1280, 3)])
def test_half_the_size_is_the_mean_of_every_four_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    small = halved(pixels)
    assert small.shape[:2] == (shape[0] // 2, shape[1] // 2)
    if shape[0] % 2 == 0:
        four = [pixels[row::2, column::2].astype(int) for row in (0, 1) for column in (0, 1)]
        assert np.abs(small - sum(four) / 4).max() <= 0.5
    for turned in (pixels[::-1], pixels[:, ::-1], pixels[:, 1:-1]):
        np.testing.assert_array_equal(halved(turned), halved(turned.copy()))
