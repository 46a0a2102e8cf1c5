"""With how many pixels the network looks, for who has the time: more of them where the person leaves room.

With twice the pixels it finds hands and outlines better of people at desks, and worse of those who fill the frame: it sees so
many pixels round each one, and no further (weights/LOG.md, "High detail"). This is for whole frames: a region (region.py) is near
already.
"""

import numpy as np
from numpy.typing import NDArray

HIGH_DETAIL = 2.0  # times the network's usual area
FILLED = 0.45  # of the frame: who fills so much of it is near
TREMBLE = 0.03  # of the frame: how far that may change without a change of mind


class HighDetail:
    """Which share of its usual area the network is to look at, from what it found before."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was found."""
        self.share = 1.0

    def follow(self, alpha: NDArray[np.float32]) -> None:
        """Take in an answer, (h, w) float32 in [0, 1], of a whole frame. Changes share."""
        limit = FILLED + (TREMBLE if self.share > 1 else -TREMBLE)
        self.share = HIGH_DETAIL if float(alpha.mean()) < limit else 1.0
