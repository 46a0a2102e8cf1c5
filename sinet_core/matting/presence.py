"""Whether anybody is there at all. The network often half takes a bed or a coat for a person, but rarely with confidence."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]

CLEAR, SURE = 0.5, 0.9  # alpha above which there may be a person, and above which the network is sure
# A person appears when this fraction of a component of the alpha is sure, and stays while this fraction is. 2 to 7 % of
# empty rooms have a component that passes COME; 98 to 99 % of the frames with a person do (weights/README.md, "Nobody there").
COME, STAY = 0.4, 0.1
LEAST = 2e-4  # of the alpha: smaller components are ignored
PATIENCE = 0.4  # seconds for which the network may be unsure before the person counts as gone


class Presence:
    """Clears alphas in which no component is surely a person. Use it from one thread.

    somebody: whether there was a person in the last alpha.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again with nobody."""
        self.somebody = False
        self._seen_at = 0.0  # capture time of the last alpha with a sure person

    def __call__(self, alpha: Plane, captured_at: float) -> Plane:
        """Return the alpha, (h, w) float32 in [0, 1], unchanged if there is a person in it, otherwise zeros.

        captured_at: seconds on a monotonic clock.
        """
        if is_sure(alpha, STAY if self.somebody else COME):
            self.somebody, self._seen_at = True, captured_at
        elif not 0 <= captured_at - self._seen_at <= PATIENCE:
            self.somebody = False
        return alpha if self.somebody else np.zeros_like(alpha)


def is_sure(alpha: Plane, fraction: float) -> bool:
    """Whether a component of an alpha (h, w) is sure in at least this fraction of its pixels."""
    clear, sure = alpha > CLEAR, alpha > SURE
    area = np.count_nonzero(clear)
    if area < LEAST * alpha.size:
        return False
    if np.count_nonzero(sure) >= fraction * area:  # then at least one component passes
        return True
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    enough = areas >= LEAST * alpha.size
    enough[0] = False
    return bool((np.bincount(labels[sure], minlength=count)[enough] >= fraction * areas[enough]).any())
