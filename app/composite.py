"""The last step: the person in front of the backdrop."""

import cv2
import numpy as np
from numpy.typing import NDArray


def composite(
    frame: NDArray[np.uint8], backdrop: NDArray[np.uint8], alpha: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Put the person in front of the backdrop.

    frame, backdrop: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person.
    Where alpha is 0 the backdrop comes out unchanged, where it is 255 the frame.
    Returns a new (H, W, 3) uint8 BGR array; no input is written to.
    """
    whole = backdrop.copy()
    x, y, width, height = cv2.boundingRect(alpha)
    if width == 0:
        return whole
    around = np.s_[y : y + height, x : x + width]  # nothing of the frame is outside
    weight = cv2.cvtColor(alpha[around], cv2.COLOR_GRAY2BGR)
    person = cv2.multiply(frame[around], weight, scale=1 / 255)
    cv2.bitwise_not(weight, dst=weight)
    behind = cv2.multiply(backdrop[around], weight, dst=weight, scale=1 / 255)
    cv2.add(person, behind, dst=whole[around])
    return whole
