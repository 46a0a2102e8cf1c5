"""Whether anybody is there at all: the network half takes a bed or a coat for a person, but it is rarely sure of that."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]

CLEAR, SURE = 0.5, 0.9  # alpha above which there may be somebody, and above which the network is sure
# Somebody has come when so much of some part of the alpha is sure, and stays while so much is. Of empty rooms two to seven in a
# hundred have such a part, of frames with somebody in them all but one or two (weights/README.md, "Nobody there").
COME, STAY = 0.4, 0.1
LEAST = 2e-4  # of the alpha: smaller parts say nothing
PATIENCE = 0.4  # seconds for which the network may be unsure of somebody before they have left


class Presence:
    """Takes all of an alpha away as long as no part of it is surely a person. Used by one thread.

    somebody: whether somebody was there in the last alpha.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nobody has been seen yet."""
        self.somebody = False
        self._seen_at = 0.0  # when somebody was there for sure

    def __call__(self, alpha: Plane, captured_at: float) -> Plane:
        """Return the alpha, (h, w) float32 in [0, 1], as it is where somebody is there, and else zeros of its shape.

        captured_at: seconds on a clock that never goes back.
        """
        if is_sure(alpha, STAY if self.somebody else COME):
            self.somebody, self._seen_at = True, captured_at
        elif not 0 <= captured_at - self._seen_at <= PATIENCE:
            self.somebody = False
        return alpha if self.somebody else np.zeros_like(alpha)


def is_sure(alpha: Plane, share: float) -> bool:
    """Whether some part of an alpha (h, w) is sure in at least this share of its pixels."""
    clear, sure = alpha > CLEAR, alpha > SURE
    area = np.count_nonzero(clear)
    if area < LEAST * alpha.size:
        return False
    if np.count_nonzero(sure) >= share * area:  # then so is at least one part of it
        return True
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    enough = areas >= LEAST * alpha.size
    enough[0] = False
    return bool((np.bincount(labels[sure], minlength=count)[enough] >= share * areas[enough]).any())
