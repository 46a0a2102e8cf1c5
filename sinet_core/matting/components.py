"""Ghost control: islands that flash up and holes that open where nothing in the frame has moved."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import native
from sinet_core.matting.resize import half_size
from sinet_core.matting.roi import Region
from sinet_core.native import temporal
from sinet_core.native.constants import HOLE, SEEN, SPECK, WAIT

Plane: TypeAlias = NDArray[np.float32]


class ComponentHysteresis:
    """Takes away the islands of an alpha that are new where the frame stood still, and fills such holes.

    A hand, or a person who comes in, moves the frame and is confirmed at once. A chair or a poster that the network
    takes for a person for a moment does not move it. Whatever stays for WAIT seconds is believed, however small, so
    a second person is never lost; only specks are not.
    """

    def __init__(self) -> None:
        # For how many seconds there has been person, and room, each up to twice WAIT; small: (2, h / 2, w / 2).
        self._ages: Plane = np.zeros((2, 0, 0), np.float32)

    def start(self, alpha: Plane) -> Plane:
        """Forget what was before, and believe all of this alpha. Returns a copy of it."""
        self._ages = np.stack(_masks(alpha)) * np.float32(2 * WAIT)
        return alpha.copy()

    def move_to(self, before: Region, region: Region, alpha: Plane) -> None:
        """Bring what was before to another region of the frame, and to alphas of the size of this one, (h, w), there."""
        height, width = half_size(alpha)[::-1]
        self._ages = np.stack([before.resampled(age, region, (height, width), 0.0) for age in self._ages])

    def __call__(self, alpha: Plane, still: Plane, seconds: float) -> Plane:
        """Return the alpha without what is not confirmed yet.

        alpha: (h, w) float32 in [0, 1], of the size that start() was given; not written to. still: (h, w) float32, 1
        where the frame has not moved, 0 where it has. seconds: since the last call. Returns (h, w) float32.
        """
        if native.takes(alpha, still, gaps=False, even=True):
            islands, holes = temporal.unconfirmed(alpha, still, self._ages, seconds)
        else:
            islands, holes = _unconfirmed(alpha, still, self._ages, seconds)
        if islands is not None:
            alpha = alpha * (1 - cv2.resize(islands, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR))
        if holes is not None:
            alpha = np.maximum(alpha, cv2.resize(holes, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR))
        return alpha


def _masks(alpha: Plane) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Where there may be person and where there may be room, (h / 2, w / 2) 0 or 1 each."""
    small = cv2.resize(alpha, half_size(alpha), interpolation=cv2.INTER_AREA)
    return (small > SEEN).astype(np.uint8), (small < 1 - SEEN).astype(np.uint8)


def _unconfirmed(
    alpha: Plane, still: Plane, ages: Plane, seconds: float
) -> tuple[Plane | None, Plane | None]:
    """Where islands are not to be confirmed and where holes are not. Brings the ages up to date."""
    person, room = _masks(alpha)
    still = cv2.resize(still, half_size(still), interpolation=cv2.INTER_AREA)
    islands = _unconfirmed_parts(person, ages[0], still, seconds, 8)
    return islands, _unconfirmed_parts(room, ages[1], still, seconds, 4)


def _unconfirmed_parts(
    mask: NDArray[np.uint8], age: Plane, still: Plane, seconds: float, connectivity: int
) -> Plane | None:
    """Where the mask's parts are not to be believed, (h, w) 0 or 1; None if nowhere. Brings the ages (h, w) up to date.

    connectivity: whether pixels that touch at a corner hang together (8: islands) or not (4: holes, and those alone are
    filled which are enclosed).
    """
    age += np.where(mask > 0, np.float32(seconds), np.float32(-seconds))
    np.clip(age, 0, 2 * WAIT, out=age)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
    area = stats[:, cv2.CC_STAT_AREA]
    flat = labels.ravel()
    ages = np.bincount(flat, weights=age.ravel(), minlength=count) / np.maximum(area, 1)
    stillness = np.bincount(flat, weights=still.ravel(), minlength=count) / np.maximum(area, 1)
    confirmed = (ages >= WAIT) | (stillness < 0.5)
    unconfirmed = ~confirmed | (area < SPECK * mask.size)
    if connectivity == 4:
        left, top, width, height = (stats[:, column] for column in range(4))
        open_ = (left == 0) | (top == 0) | (left + width == mask.shape[1]) | (top + height == mask.shape[0])
        unconfirmed &= ~open_ & (area < HOLE * mask.size)
    confirmed[0] = unconfirmed[0] = False  # what is not in the mask
    # What is confirmed stays so while it moves on, and for a moment after it was lost.
    age[confirmed[labels] & (age < WAIT)] = WAIT
    if not unconfirmed.any():
        return None
    # With its soft edge, but without what is confirmed beside it.
    wide = cv2.dilate(unconfirmed[labels].astype(np.float32), np.ones((3, 3), np.uint8))
    wide[(confirmed & ~unconfirmed)[labels]] = 0
    return wide
