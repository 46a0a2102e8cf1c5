"""One image from the camera, with its index and its time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it travels from the camera thread to the processing thread.

    pixels: (H, W, 3) uint8 BGR, contiguous. It belongs to this frame alone: no camera writes to it any more.
    index: counts the frames of one camera from 0. captured_at: when read() returned, in seconds of time.monotonic().
    is_fallback: the frame is the demo's, because there is no camera. Others must not see it.
    """

    pixels: NDArray[np.uint8]
    index: int
    captured_at: float
    is_fallback: bool = False
