"""The person and the room round them on a small grid: belong.c."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, REAL, STEP, address_of, declared, rows, whole

Small = NDArray[np.float32]

_see = declared("see", *(ARRAY, STEP) * 2, COUNT, COUNT, ARRAY, COUNT, REAL, *(ARRAY,) * 6)
_shine = declared("shine", ARRAY, STEP, *(ARRAY,) * 3, COUNT, COUNT, ARRAY)


def seen(
    colours: NDArray[np.uint8], alpha: NDArray[np.uint8], little: float, sigma: float
) -> tuple[Small, Small, Small, NDArray[np.float64]]:
    """The colour of the person and of the room at each pixel, what lets light in, and means over all pixels.

    colours: (h, w, 3) uint8 BGR. alpha: (h, w) uint8. little: above 0, a share below which a colour is not believed. sigma: of
    the edge, in pixels. Returns own, room (h, w, 3) and inside (h, w), float32, and (7,) float64: the means of the person's
    colours times alpha, of all colours, and of alpha from 0 to 1. Raises ValueError.
    """
    height, width = alpha.shape
    pixels, share = rows(colours, np.uint8, (height, width, 3)), rows(alpha, np.uint8, (height, width))
    if not alpha.size or not little > 0 or not 0 < sigma <= 16:
        raise ValueError(f"an array {alpha.shape} with {little} and {sigma}")
    kernel = _kernel(sigma)
    radius = len(kernel) - 1
    both, inside = np.empty((2, height, width, 3), np.float32), np.empty((height, width), np.float32)
    sums = np.empty(7)
    between = np.empty(8 * height * width + width + 2 * radius, np.float32)
    own, start = address_of(both), address_of(between)
    _see(
        *(*pixels, *share, width, height, address_of(kernel), radius, little),
        *(own, own + both.strides[0], address_of(inside), address_of(sums)),
        *(start, start + 4 * 8 * height * width),
    )
    return both[0], both[1], inside, sums / alpha.size


def shone(light: Small, own: Small, inside: Small, gains: Small) -> NDArray[np.uint8]:
    """(light - gains · own) · inside, (h, w, 3) uint8, nothing below 0.

    light, own: (h, w, 3) float32. inside: (h, w) float32. gains: (3,) float32. Raises ValueError.
    """
    height, width = inside.shape
    colours = (height, width, 3)
    target = np.empty(colours, np.uint8)
    _shine(
        *(*rows(light, np.float32, colours), whole(own, np.float32, colours)),
        *(whole(inside, np.float32, (height, width)), whole(gains, np.float32, (3,))),
        *(width, height, address_of(target)),
    )
    return target


@lru_cache(maxsize=4)
def _kernel(sigma: float) -> NDArray[np.float32]:
    """From the middle on, as wide as OpenCV takes it for floats."""
    size = round(8 * sigma + 1) | 1
    kernel = cv2.getGaussianKernel(max(5, size), sigma, cv2.CV_32F)
    return np.ascontiguousarray(kernel[len(kernel) // 2 :, 0], np.float32)
