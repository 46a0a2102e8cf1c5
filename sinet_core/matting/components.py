"""Removes components of an alpha that flash up, and holes that open, where nothing in the frame has moved."""

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
    """Removes new components of an alpha where the frame is static, and fills new holes there.

    A hand, or a person who comes in, moves the frame and is accepted at once. A chair or a poster that the network takes for
    a person for a moment does not. A component that persists for WAIT seconds is confirmed, so a second person is never lost.
    Specks are always removed.
    """

    def __init__(self) -> None:
        # Seconds for which each pixel has been person, and background, up to twice WAIT: (2, h / 2, w / 2).
        self._ages: Plane = np.zeros((2, 0, 0), np.float32)

    def start(self, alpha: Plane) -> Plane:
        """Start with an alpha of which everything is confirmed. Returns a copy of it."""
        self._ages = np.stack(_masks(alpha)) * np.float32(2 * WAIT)
        return alpha.copy()

    def move_to(self, before: Region, region: Region, alpha: Plane) -> None:
        """Move the state to another region of the frame, and to the size (h, w) of this alpha there."""
        height, width = half_size(alpha)[::-1]
        self._ages = np.stack([before.resampled(age, region, (height, width), 0.0) for age in self._ages])

    def __call__(self, alpha: Plane, still: Plane, seconds: float) -> Plane:
        """Return the alpha without unconfirmed components and holes.

        alpha: (h, w) float32 in [0, 1], of the size that start() got; not modified. still: (h, w) float32, 1 where the frame is
        static, 0 where it moves. seconds: since the last call. Returns (h, w) float32.
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
    """Where there may be person, and where there may be background: (h / 2, w / 2), 0 or 1, each."""
    small = cv2.resize(alpha, half_size(alpha), interpolation=cv2.INTER_AREA)
    return (small > SEEN).astype(np.uint8), (small < 1 - SEEN).astype(np.uint8)


def _unconfirmed(
    alpha: Plane, still: Plane, ages: Plane, seconds: float
) -> tuple[Plane | None, Plane | None]:
    """Where components and holes are unconfirmed: (h / 2, w / 2) each, 0 or 1, None if nowhere. Updates the ages."""
    person, room = _masks(alpha)
    still = cv2.resize(still, half_size(still), interpolation=cv2.INTER_AREA)
    islands = _unconfirmed_parts(person, ages[0], still, seconds, 8)
    return islands, _unconfirmed_parts(room, ages[1], still, seconds, 4)


def _unconfirmed_parts(
    mask: NDArray[np.uint8], age: Plane, still: Plane, seconds: float, connectivity: int
) -> Plane | None:
    """Where the mask's components are unconfirmed: (h, w), 0 or 1; None if nowhere. Updates the ages (h, w).

    connectivity: 8 for components of person; 4 for holes, of which only enclosed ones are filled.
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
    confirmed[0] = unconfirmed[0] = False  # outside the mask
    # Confirmed components stay so while they move, and for a moment after they are lost.
    age[confirmed[labels] & (age < WAIT)] = WAIT
    if not unconfirmed.any():
        return None
    # Include the soft edge, but nothing of a confirmed neighbour.
    wide = cv2.dilate(unconfirmed[labels].astype(np.float32), np.ones((3, 3), np.uint8))
    wide[(confirmed & ~unconfirmed)[labels]] = 0
    return wide
