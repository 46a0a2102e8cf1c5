"""A glance at what lies outside of the region that the network looks at: has anything moved there?"""

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS = 45  # of the samples of a frame; a glance must cost nothing
CHANGED = 24.0  # levels of grey: more than a sensor's noise
ENOUGH = 0.01  # of the samples


class Glance:
    """Remembers a frame, a few pixels of it, and compares others with it. Used by one thread."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None

    def keep(self, frame: NDArray[np.uint8]) -> None:
        """Remember this frame, (H, W, 3) uint8 BGR, in place of the one before."""
        self._before = _samples(frame)

    def moved(self, frame: NDArray[np.uint8], within: tuple[slice, slice]) -> bool:
        """Whether much of a frame (H, W, 3) uint8 BGR has changed since the one that is remembered.

        within: the rows and columns, in pixels of the frame, that do not count. False where none of its size is remembered.
        """
        now = _samples(frame)
        if self._before is None or self._before.shape != now.shape:
            return False
        step = max(1, frame.shape[0] // ROWS)
        changed = cv2.absdiff(now, self._before) > CHANGED
        rows, columns = (slice(part.start // step, -(-part.stop // step)) for part in within)
        changed[rows, columns] = False
        return bool(np.count_nonzero(changed) >= ENOUGH * changed.size)


def _samples(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    step = max(1, frame.shape[0] // ROWS)
    return np.ascontiguousarray(frame[::step, ::step, 1])
