"""High detail: more pixels for who leaves room, and no to and fro between the two."""

import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core.matting.detail import FILLED, HIGH_DETAIL, MOST_LOOKS, TREMBLE, HighDetail


def filled(share: float) -> np.ndarray:
    """An alpha of which a share is person."""
    alpha = np.zeros((1000, 8), np.float32)
    alpha[: round(1000 * share)] = 1
    return alpha


def test_the_first_look_is_the_usual_one_and_so_is_that_after_a_reset():
    detail = HighDetail()
    assert detail.input_scale == 1
    detail.update(filled(0.2))
    assert detail.input_scale == HIGH_DETAIL
    detail.reset()
    assert detail.input_scale == 1


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.3, HIGH_DETAIL), (0.6, 1), (1.0, 1)])
def test_who_fills_the_frame_gets_no_more_pixels_and_neither_does_an_empty_room(share, expected):
    detail = HighDetail()
    for _ in range(2):
        detail.update(filled(share))
        assert detail.input_scale == expected


def test_somebody_who_moves_a_little_changes_nothing():
    detail = HighDetail()
    for before, kept in ((0.2, HIGH_DETAIL), (0.7, 1)):
        detail.update(filled(before))
        for wobble in (-0.9, 0.9, -0.9):
            detail.update(filled(FILLED + wobble * TREMBLE))
            assert detail.input_scale == kept


def test_faint_furniture_is_nobody_who_would_be_looked_at_more_closely():
    detail = HighDetail()
    detail.update(filled(0.2) * np.float32(0.4))
    assert detail.input_scale == 1


def test_now_and_then_the_usual_pixels_must_find_somebody_again():
    """With more pixels, a chair may stand in for somebody who has left."""
    detail = HighDetail()
    input_scales = []
    for _ in range(2 * MOST_LOOKS + 4):
        detail.update(filled(0.2))
        input_scales.append(detail.input_scale)
    usual = [index for index, share in enumerate(input_scales) if share == 1]
    assert usual == [MOST_LOOKS, 2 * MOST_LOOKS + 1], "one look, and then more pixels again"
    while detail.input_scale > 1:
        detail.update(filled(0.2))
    detail.update(filled(0.0))
    assert detail.input_scale == 1


class ChairFinder:
    """A network that, with more pixels, takes a chair for somebody, whether or not somebody is there, in white."""

    def __init__(self) -> None:
        self.input_scales: list[float] = []

    def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
        self.input_scales.append(input_scale)
        height, width = frame.shape[0] // 2, frame.shape[1] // 2
        alpha = np.zeros((height, width), np.float32)
        alpha[height // 3 :, width // 4 : width * 3 // 4] = float(frame.min() > 200)
        if input_scale > 1:
            alpha[height // 2 :, : width // 8] = 1
        return alpha


def shown_in(frames: list[np.ndarray], finder: ChairFinder) -> list[float]:
    pipeline = Pipeline(finder, live=False)
    found = []
    for index, pixels in enumerate(frames):
        result = pipeline.process(
            Frame(pixels, index, index / 30), Settings(detail="high", backdrop="colour")
        )
        assert result.alpha is not None
        found.append(float(np.mean(result.alpha > 127)))
    return found


def test_an_empty_room_is_never_looked_at_with_more_pixels():
    finder = ChairFinder()
    empty = np.full((360, 640, 3), 60, np.uint8)
    assert max(shown_in([empty] * 40, finder)) == 0
    assert set(finder.input_scales) == {1}


def test_a_room_that_somebody_has_left_is_soon_looked_at_as_usual():
    finder = ChairFinder()
    somebody, empty = np.full((360, 640, 3), 210, np.uint8), np.full((360, 640, 3), 195, np.uint8)  # no cut
    shown = shown_in([somebody] * 10 + [empty] * 150, finder)
    assert max(finder.input_scales[:10]) > 1
    assert shown[5] > 0.15
    assert shown[-1] == 0
    assert finder.input_scales[-1] == 1
