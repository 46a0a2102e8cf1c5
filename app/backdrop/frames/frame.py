"""One picture from the camera, with what the line needs to know about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it travels from the camera thread to the processing thread.

    pixels: (H, W, 3) uint8 BGR, contiguous, and nobody's but this frame's: no camera writes to it any more.
    index: counts the frames of one camera from 0. captured_at: time.monotonic() seconds when read() returned. stand_in: it is
    the demo's, for want of a camera, and not for others to see.
    """

    pixels: NDArray[np.uint8]
    index: int
    captured_at: float
    stand_in: bool = False
