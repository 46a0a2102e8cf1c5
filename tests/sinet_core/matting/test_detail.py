"""High detail: the mean of two looks, the second one mirrored and at a larger input."""

import numpy as np
import pytest

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.quality import QUALITY_LEVELS
from backdrop.settings.settings import Settings
from sinet_core.matting.detail import LARGER, predict_in_detail


class Looks:
    """A network whose alpha is the frame's brightness, at a size that follows the input's area."""

    def __init__(self, first: float = 1.0, second: float = 1.0) -> None:
        """first, second: what the alpha of a look at the usual input, and of one at a larger, is multiplied with."""
        self.input_scales: list[float] = []
        self._first, self._second = first, second

    def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
        self.input_scales.append(input_scale)
        step = 4 if input_scale > 1 else 8
        small = frame[step // 2 :: step, step // 2 :: step, 0].astype(np.float32) / 255
        return small * (self._second if input_scale > 1 else self._first)


@pytest.fixture
def frame() -> np.ndarray:
    """Dark to the left, bright to the right, so that a look that were not mirrored back would show."""
    across = np.linspace(30, 220, 128).astype(np.uint8)
    return np.repeat(np.repeat(across[None, :, None], 64, axis=0), 3, axis=2)


def test_where_both_looks_agree_the_alpha_is_theirs(frame):
    looks = Looks()
    alpha = predict_in_detail(looks.predict_lowres, frame)
    assert alpha.dtype == np.float32
    assert alpha.shape == (16, 32), "as the larger look has it"
    assert looks.input_scales == [1, LARGER]
    assert np.abs(alpha - frame[2::4, 2::4, 0] / 255)[:, 1:-1].max() < 0.02


@pytest.mark.parametrize("scale", [0.75, 1.0])
def test_both_looks_follow_the_input_scale(frame, scale):
    looks = Looks()
    predict_in_detail(looks.predict_lowres, frame, scale)
    assert looks.input_scales == [scale, LARGER * scale]


def test_the_mean_is_that_of_the_logits():
    answers = iter([np.full((4, 4), 0.9, np.float32), np.full((4, 4), 0.2, np.float32)])
    alpha = predict_in_detail(lambda frame, scale: next(answers), np.zeros((8, 8, 3), np.uint8))
    logit = (np.log(0.9 / 0.1) + np.log(0.2 / 0.8)) / 2
    np.testing.assert_allclose(alpha, 1 / (1 + np.exp(-logit)), rtol=1e-5)


def test_a_look_that_is_certain_does_not_outweigh_another_that_is_certain():
    """Alphas of exactly 0 and 1 have no logit, and yet a mean, without a warning."""
    answers = iter([np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)])
    with np.errstate(all="raise"):
        alpha = predict_in_detail(lambda frame, scale: next(answers), np.zeros((8, 8, 3), np.uint8))
    np.testing.assert_allclose(alpha, 0.5, atol=1e-4)


def detail_of(level: int, detail: str) -> list[float]:
    looks = Looks()
    pixels = np.full((360, 640, 3), 200, np.uint8)
    Pipeline(looks, live=False).process(
        Frame(pixels, 0, 0.0), Settings(detail=detail, backdrop="colour"), quality_level=QUALITY_LEVELS[level]
    )
    return looks.input_scales


def test_the_setting_asks_for_it_and_a_busy_processor_gets_the_usual_look():
    assert detail_of(0, "high") == [1, LARGER]
    assert detail_of(0, "normal") == [1]
    assert detail_of(1, "high") == [1]


class ChairFinder:
    """A network that takes what is white for somebody, and a chair as well, but that only at the larger input."""

    def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
        height, width = frame.shape[0] // 2, frame.shape[1] // 2
        alpha = np.zeros((height, width), np.float32)
        alpha[height // 3 :, width // 4 : width * 3 // 4] = float(frame.min() > 200)
        if input_scale > 1:
            alpha[height // 2 :, : width // 8] = 1
        return alpha


def test_a_chair_that_only_the_larger_look_takes_for_somebody_is_not_shown():
    somebody, empty = np.full((360, 640, 3), 210, np.uint8), np.full((360, 640, 3), 195, np.uint8)  # no cut
    pipeline, shown = Pipeline(ChairFinder(), live=False), []
    settings = Settings(detail="high", backdrop="colour")
    for index, pixels in enumerate([empty] * 20 + [somebody] * 10 + [empty] * 60):
        result = pipeline.process(Frame(pixels, index, index / 30), settings)
        assert result.alpha is not None
        shown.append(float(np.mean(result.alpha > 127)))
    assert max(shown[:20]) == 0
    assert shown[29] > 0.15
    assert shown[-1] == 0
