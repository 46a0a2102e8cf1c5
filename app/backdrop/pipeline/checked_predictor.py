"""The boundary between the network and the line: only a valid alpha passes."""

import numpy as np
from numpy.typing import NDArray

from backdrop.language import _
from sinet_core.matting.person_segmenter import AlphaPredictor

MULTIPLE = 16  # pixels; the alpha's sides are multiples of it, so its shape is not exactly the frame's


class FrameError(Exception):
    """A frame or an alpha is invalid. str() is one sentence for a person."""


class CheckedPredictor:
    """A network whose every alpha is validated."""

    def __init__(self, predictor: AlphaPredictor) -> None:
        self._predictor = predictor

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """See AlphaPredictor. Raises FrameError if the network's answer is not an alpha of the frame."""
        return _checked(self._predictor.predict_lowres(frame, input_scale), frame)


def _checked(alpha: object, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Validate the network's alpha; raise FrameError."""
    invalid = FrameError(_("The neural network's result is unusable: reinstall Backdrop."))
    if not isinstance(alpha, np.ndarray) or alpha.dtype != np.float32 or alpha.ndim != 2 or alpha.size == 0:
        raise invalid
    height, width = alpha.shape
    stretched = (height / width) / (frame.shape[0] / frame.shape[1])
    # Each side is rounded, and for a narrow strip of a frame, the network prefers the right area to the exact shape.
    rounding = ((1 + MULTIPLE / height) * (1 + MULTIPLE / width)) ** 2
    if not 1 / rounding <= stretched <= rounding:  # a portrait alpha for a landscape frame, for example
        raise invalid
    if not (alpha.min() >= -1e-3 and alpha.max() <= 1.001):  # also false for NaN
        raise invalid
    return alpha
