"""The edge between the network and the line: no alpha goes further that is not one."""

import numpy as np
from numpy.typing import NDArray

from backdrop.language import _
from sinet_core.matting.person_segmenter import AlphaPredictor

MULTIPLE = 16  # pixels; the alpha's size is a multiple of it, and so not quite of the frame's shape


class FrameError(Exception):
    """A frame or an alpha is not what it should be. str() is one sentence for a person."""


class CheckedPredictor:
    """A network whose every answer is validated."""

    def __init__(self, predictor: AlphaPredictor) -> None:
        self._predictor = predictor

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """As AlphaPredictor has it. Raises FrameError where the network's answer is no alpha of the frame."""
        return _checked(self._predictor.predict_lowres(frame, input_scale), frame)


def _checked(alpha: object, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Validate the network's alpha; raise FrameError."""
    broken = FrameError(_("The neural network's result is unusable: reinstall Backdrop."))
    if not isinstance(alpha, np.ndarray) or alpha.dtype != np.float32 or alpha.ndim != 2 or alpha.size == 0:
        raise broken
    height, width = alpha.shape
    stretched = (height / width) / (frame.shape[0] / frame.shape[1])
    # Each side is rounded, and for a strip of a frame the nearest area, too, counts for more than its shape.
    rounding = ((1 + MULTIPLE / height) * (1 + MULTIPLE / width)) ** 2
    if not 1 / rounding <= stretched <= rounding:  # it lies where the frame stands
        raise broken
    if not (alpha.min() >= -1e-3 and alpha.max() <= 1.001):  # also where there is NaN
        raise broken
    return alpha
