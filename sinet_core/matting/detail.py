"""With how many pixels the network looks, for who has the time: more of them where the person leaves room.

With twice the pixels it finds hands and outlines better of people at desks, and worse of those who fill the frame: it sees so
many pixels round each one, and no further (weights/LOG.md, "High detail"). This is for whole frames: a region (roi.py) is near
already.

In an empty room it takes more furniture for a person. So somebody must be found with the usual pixels first, and again now
and then, for whoever was there may have gone.
"""

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.people import people_in

HIGH_DETAIL = 2.0  # times the network's usual area
FILLED = 0.45  # of the frame: who fills so much of it is near
TREMBLE = 0.03  # of the frame: how far that may change without a change of mind
MOST_LOOKS = 30  # with more pixels, before one with the usual ones


class HighDetail:
    """Which share of its usual area the network is to look at, from what it found before."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was found."""
        self.input_scale = 1.0
        self._leaves_room = False
        self._looks = 0

    def update(self, alpha: NDArray[np.float32]) -> None:
        """Take in what the network answered, (h, w) float32 in [0, 1], for a whole frame. Changes input_scale."""
        if not people_in(alpha):
            self.reset()
            return
        self._leaves_room = float(alpha.mean()) < FILLED + (TREMBLE if self._leaves_room else -TREMBLE)
        self._looks = self._looks + 1 if self.input_scale > 1 else 0
        self.input_scale = HIGH_DETAIL if self._leaves_room and self._looks < MOST_LOOKS else 1.0
