"""High detail: more pixels for who leaves room, and no to and fro between the two."""

import numpy as np
import pytest

from sinet_core.detail import FILLED, HIGH_DETAIL, TREMBLE, HighDetail


def filled(share: float) -> np.ndarray:
    """An alpha of which a share is person."""
    alpha = np.zeros((1000, 8), np.float32)
    alpha[: round(1000 * share)] = 1
    return alpha


def test_the_first_look_is_the_usual_one_and_so_is_that_after_a_reset():
    detail = HighDetail()
    assert detail.share == 1
    detail.follow(filled(0.2))
    assert detail.share == HIGH_DETAIL
    detail.reset()
    assert detail.share == 1


@pytest.mark.parametrize(("share", "expected"), [(0.0, HIGH_DETAIL), (0.3, HIGH_DETAIL), (0.6, 1), (1.0, 1)])
def test_who_fills_the_frame_gets_no_more_pixels(share, expected):
    detail = HighDetail()
    for _ in range(2):
        detail.follow(filled(share))
        assert detail.share == expected


def test_somebody_who_moves_a_little_changes_nothing():
    detail = HighDetail()
    for before, kept in ((0.2, HIGH_DETAIL), (0.7, 1)):
        detail.follow(filled(before))
        for wobble in (-0.9, 0.9, -0.9):
            detail.follow(filled(FILLED + wobble * TREMBLE))
            assert detail.share == kept
