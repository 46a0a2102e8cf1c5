"""Detects movement outside the region of interest, from a few sampled pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS = 45  # of sampled pixels in a frame: few, so that it costs next to nothing
CHANGED = 24.0  # levels: more than a sensor's noise
ENOUGH = 0.01  # of the samples


class Glance:
    """Compares frames with a remembered one. Use it from one thread."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None

    def keep(self, frame: NDArray[np.uint8]) -> None:
        """Remember a frame, (H, W, 3) uint8 BGR."""
        self._before = _samples(frame)

    def moved(self, frame: NDArray[np.uint8], within: tuple[slice, slice]) -> bool:
        """Whether a frame (H, W, 3) uint8 BGR differs from the remembered one outside a region.

        within: the rows and columns of the region, in pixels of the frame. False if no frame of this size is remembered.
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
