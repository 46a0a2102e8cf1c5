"""Fit an image into another size, with bars."""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.placeholder import GROUND


def fit(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale a composite, (H, W, 3) uint8 BGR, to fit into width × height without stretching it, and add bars.

    One that already has the size, or is one column or row too large, is not scaled; the former may also be I420.
    """
    wide, tall = i420.size_of(pixels)
    if (wide, tall) == (width, height):
        return pixels
    if 0 <= wide - width <= 1 and 0 <= tall - height <= 1:
        return np.ascontiguousarray(pixels[:height, :width])
    scale = min(width / wide, height / tall)
    across, down = min(width, max(1, round(wide * scale))), min(height, max(1, round(tall * scale)))
    left, top = (width - across) // 2, (height - down) // 2
    whole = np.full((height, width, 3), GROUND, np.uint8)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    whole[top : top + down, left : left + across] = cv2.resize(pixels, (across, down), interpolation=how)
    return whole
