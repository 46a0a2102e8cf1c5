"""Scale an image to another size without stretching it: to cover that, or to lie within it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.placeholder import GROUND


def covering_part(wide: int, tall: int, width: int, height: int) -> tuple[float, int, int]:
    """The scale at which a wide × tall image covers width × height, and how much of it is then seen, across and down."""
    scale = max(width / wide, height / tall)
    return scale, min(wide, max(1, round(width / scale))), min(tall, max(1, round(height / scale)))


def cover(pixels: NDArray[np.uint8], width: int, height: int, position: int = 50) -> NDArray[np.uint8]:
    """Scale a picture to cover width × height, and crop it.

    pixels: (h, w, 3) uint8 BGR. position: which part is kept, 0 (left, top) to 100 (right, bottom), 50 for the middle.
    Returns (height, width, 3) uint8 BGR.
    """
    tall, wide = pixels.shape[:2]
    scale, across, down = covering_part(wide, tall, width, height)
    left, top = (wide - across) * position // 100, (tall - down) * position // 100
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels[top : top + down, left : left + across], (width, height), interpolation=how)


def contain(pixels: NDArray[np.uint8], width: int, height: int, position: int = 50) -> NDArray[np.uint8]:
    """Scale a picture to lie within width × height, in front of itself, blurred and darker.

    pixels: (h, w, 3) uint8 BGR. position: where it lies, 0 (left, top) to 100 (right, bottom). Returns (height, width, 3)
    uint8 BGR.
    """
    small = cover(pixels, max(2, width // 16), max(2, height // 16))
    behind = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3), (width, height), interpolation=cv2.INTER_CUBIC)
    behind = cv2.convertScaleAbs(behind, alpha=0.6)
    return _within(behind, pixels, position, cv2.INTER_CUBIC)


def fit(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale a composite, (H, W, 3) uint8 BGR, to fit into width × height, and add bars.

    One that already has the size, or is one column or row too large, is not scaled; the former may also be I420.
    """
    wide, tall = i420.size_of(pixels)
    if (wide, tall) == (width, height):
        return pixels
    if 0 <= wide - width <= 1 and 0 <= tall - height <= 1:
        return np.ascontiguousarray(pixels[:height, :width])
    return _within(np.full((height, width, 3), GROUND, np.uint8), pixels, 50, cv2.INTER_LINEAR)


def _within(
    ground: NDArray[np.uint8], pixels: NDArray[np.uint8], position: int, enlarging: int
) -> NDArray[np.uint8]:
    """Write pixels, as large as they fit, into ground. enlarging: how to interpolate if they are smaller."""
    (height, width), (tall, wide) = ground.shape[:2], pixels.shape[:2]
    scale = min(width / wide, height / tall)
    across, down = min(width, max(1, round(wide * scale))), min(height, max(1, round(tall * scale)))
    left, top = (width - across) * position // 100, (height - down) * position // 100
    how = cv2.INTER_AREA if scale < 1 else enlarging
    ground[top : top + down, left : left + across] = cv2.resize(pixels, (across, down), interpolation=how)
    return ground
