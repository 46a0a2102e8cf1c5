"""How the pixels of a picture lie in its array, as pyvirtualcam's PixelFormat has it."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray


class PixelFormat(Enum):
    """BGR: (H, W, 3) uint8. I420: (H · 3 / 2, W) uint8, H and W even: see i420.py."""

    BGR = "bgr"
    I420 = "i420"

    @staticmethod
    def of(pixels: NDArray[np.uint8]) -> "PixelFormat":
        """The format of an array in one of the two: the only place that tells it from the number of dimensions."""
        return PixelFormat.BGR if pixels.ndim == 3 else PixelFormat.I420
