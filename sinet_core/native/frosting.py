"""The room through frosted glass: frost.c."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, REAL, STEP, address_of, declared, rows

MOST = 16.0  # pixels of the largest standard deviation

_frost = declared("frost", *(ARRAY, STEP) * 2, COUNT, COUNT, ARRAY, COUNT, REAL, ARRAY, STEP, ARRAY, ARRAY)


def frosted(
    room: NDArray[np.uint8], alpha: NDArray[np.uint8], sigma: float, least: float
) -> NDArray[np.uint8]:
    """A Gaussian of a picture, each pixel weighted by the square of what its alpha, and those beside it, lack to 1.

    room: (h, w, 3) uint8 BGR. alpha: (h, w) uint8. sigma: in pixels. least: is added to every weight. Returns what is
    like room. Raises ValueError.
    """
    height, width = alpha.shape
    pixels, share = rows(room, np.uint8, (height, width, 3)), rows(alpha, np.uint8, (height, width))
    if not alpha.size or not 0 < sigma <= MOST or not least > 0:
        raise ValueError(
            f"an array {alpha.shape} that cannot be blurred by {sigma}, with weights from {least} on"
        )
    kernel = _kernel(sigma)
    radius = len(kernel) - 1
    soft = np.empty_like(room, order="C")
    across, row = np.empty(4 * height * width, np.float32), np.empty(4 * width + 2 * radius, np.float32)
    _frost(
        *(*pixels, *share, width, height, address_of(kernel), radius, least),
        *(address_of(soft), soft.strides[0], address_of(across), address_of(row)),
    )
    return soft


def kernel_size(sigma: float) -> int:
    """How many pixels a Gaussian goes over: three standard deviations to either side, and what is beyond is not seen."""
    return 2 * round(3 * sigma) + 1


@lru_cache(maxsize=4)
def _kernel(sigma: float) -> NDArray[np.float32]:
    """From the middle on, with a 0 at the end where needed for an even number of pixels to either side."""
    size = kernel_size(sigma)
    radius = size // 2
    half = np.zeros(radius + radius % 2 + 1, np.float32)
    half[: radius + 1] = cv2.getGaussianKernel(size, sigma, cv2.CV_32F)[radius:, 0]
    return half
