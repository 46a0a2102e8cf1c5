"""The last step: the person in front of the backdrop."""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from sinet_core import native
from sinet_core.native import compositing

# Rows per step, so few that intermediate arrays stay in the processor's cache. That halves the time.
BAND, BAND_I420 = 48, 128


def composite(
    frame: NDArray[np.uint8],
    backdrop: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    into: NDArray[np.uint8] | None = None,
    gains: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """Put the person in front of the backdrop.

    frame: (H, W, 3) uint8 BGR. backdrop: the same or, for even H and W, I420; the composite has its format. alpha: (H, W)
    uint8, 255 is all person. into: an array like the backdrop to write the composite to, perhaps the backdrop itself;
    without it, a new array. gains: factors for the person's blue, green and red; None for 1.
    Where alpha is 0 the composite is the backdrop, unchanged; where it is 255, the frame times gains.
    Returns an array like the backdrop; only into is written to.
    """
    whole = np.empty_like(backdrop) if into is None else into
    if native.takes(frame, backdrop, alpha, whole):
        compositing.composite(frame, backdrop, alpha, whole, gains)
        return whole
    if PixelFormat.of(backdrop) is PixelFormat.I420:
        if whole is not backdrop:
            whole[:] = backdrop
        _lay_in_i420(frame, alpha, whole, gains)
        return whole
    for top in range(0, len(alpha), BAND):
        rows = slice(top, top + BAND)
        if whole is not backdrop:
            whole[rows] = backdrop[rows]
        x, _, width, _ = cv2.boundingRect(alpha[rows])
        if width > 0:  # nothing of the frame is visible outside
            part = np.s_[rows, x : x + width]
            _lay(_lit(frame[part], gains), cv2.cvtColor(alpha[part], cv2.COLOR_GRAY2BGR), whole[part])
    return whole


def _lay_in_i420(
    frame: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    whole: NDArray[np.uint8],
    gains: NDArray[np.float32] | None,
) -> None:
    """Composite in place. whole: the backdrop in I420, overwritten. Only the part with the person is converted."""
    brightness, *colours = i420.planes(whole)
    for top in range(0, len(alpha), BAND_I420):
        rows = slice(top, top + BAND_I420)
        x, _, width, _ = cv2.boundingRect(alpha[rows])
        if width == 0:
            continue
        left, right = x // 2 * 2, (x + width + 1) // 2 * 2
        part = np.s_[rows, left:right]
        quarter = np.s_[top // 2 : (top + BAND_I420) // 2, left // 2 : right // 2]
        person, *person_colours = i420.planes(i420.from_bgr(_lit(frame[part], gains)))
        _lay(person, alpha[part], brightness[part])
        share = cv2.resize(alpha[part], person_colours[0].shape[::-1], interpolation=cv2.INTER_AREA)
        for colour, target in zip(person_colours, colours, strict=True):
            _lay(colour, share, target[quarter])


def _lit(person: NDArray[np.uint8], gains: NDArray[np.float32] | None) -> NDArray[np.uint8]:
    return person if gains is None else cv2.transform(person, np.diag(gains))


def _lay(person: NDArray[np.uint8], weight: NDArray[np.uint8], whole: NDArray[np.uint8]) -> None:
    """Composite in place. whole: the backdrop, overwritten. All three arrays have the same shape."""
    person = cv2.multiply(person, weight, scale=1 / 255)
    behind = cv2.multiply(whole, cv2.bitwise_not(weight), scale=1 / 255)
    cv2.add(person, behind, dst=whole)
