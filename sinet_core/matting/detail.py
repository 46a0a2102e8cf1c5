"""Input resolution of high-detail mode: larger while people do not fill the frame.

Twice the pixels improve hands and outlines of people at desks. Close-ups get worse, because the network's receptive field is
a fixed number of pixels (weights/LOG.md, "High detail"). This is for whole frames; a region (roi.py) is detailed enough.

At the larger input, the network takes more furniture in empty rooms for people. So people must first be found at the usual
resolution, and again from time to time, in case they have left.
"""

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.people import people_in

HIGH_DETAIL = 2.0  # times the network's usual input area
FILLED = 0.45  # of the frame: people who fill more of it are close
TREMBLE = 0.03  # of the frame: hysteresis round FILLED
MOST_LOOKS = 30  # frames at the larger input before one at the usual resolution


class HighDetail:
    """Chooses the factor of the network's input area from its last alphas.

    input_scale: the factor for the next frame, 1 or HIGH_DETAIL.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again at the usual resolution."""
        self.input_scale = 1.0
        self._not_filled = False
        self._looks = 0

    def update(self, alpha: NDArray[np.float32]) -> None:
        """Update input_scale from the network's alpha of a whole frame, (h, w) float32 in [0, 1]."""
        if not people_in(alpha):
            self.reset()
            return
        self._not_filled = float(alpha.mean()) < FILLED + (TREMBLE if self._not_filled else -TREMBLE)
        self._looks = self._looks + 1 if self.input_scale > 1 else 0
        self.input_scale = HIGH_DETAIL if self._not_filled and self._looks < MOST_LOOKS else 1.0
