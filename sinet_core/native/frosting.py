"""Blurring the background without the person: frost.c."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, REAL, STEP, address_of, declared, rows

MOST = 16.0  # pixels: the largest standard deviation

_frost = declared("frost", *(ARRAY, STEP) * 2, COUNT, COUNT, ARRAY, COUNT, REAL, ARRAY, STEP, ARRAY, ARRAY)


def frosted(
    room: NDArray[np.uint8], alpha: NDArray[np.uint8], sigma: float, least: float
) -> NDArray[np.uint8]:
    """Blur a picture by a Gaussian in which pixels weigh (1 − a)² + least, where a is the highest alpha of 3 × 3 neighbours.

    room: (h, w, 3) uint8 BGR. alpha: (h, w) uint8. sigma: pixels. Returns (h, w, 3) uint8. Raises ValueError for wrong values.
    """
    height, width = alpha.shape
    pixels, coverage = rows(room, np.uint8, (height, width, 3)), rows(alpha, np.uint8, (height, width))
    if not alpha.size or not 0 < sigma <= MOST or not least > 0:
        raise ValueError(
            f"an array {alpha.shape} that cannot be blurred by {sigma}, with weights from {least} on"
        )
    kernel = _kernel(sigma)
    radius = len(kernel) - 1
    soft = np.empty_like(room, order="C")
    across, row = np.empty(4 * height * width, np.float32), np.empty(4 * width + 2 * radius, np.float32)
    _frost(
        *(*pixels, *coverage, width, height, address_of(kernel), radius, least),
        *(address_of(soft), soft.strides[0], address_of(across), address_of(row)),
    )
    return soft


def kernel_size(sigma: float) -> int:
    """The width of a Gaussian kernel in pixels: three standard deviations to either side."""
    return 2 * round(3 * sigma) + 1


@lru_cache(maxsize=4)
def _kernel(sigma: float) -> NDArray[np.float32]:
    """Half of the kernel, from the middle on, with a 0 at the end if needed to make the radius even."""
    size = kernel_size(sigma)
    radius = size // 2
    half = np.zeros(radius + radius % 2 + 1, np.float32)
    half[: radius + 1] = cv2.getGaussianKernel(size, sigma, cv2.CV_32F)[radius:, 0]
    return half
