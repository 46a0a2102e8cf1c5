"""The protocol of all backdrops, and their error."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backdrop.frames.pixel_format import PixelFormat


class BackdropError(Exception):
    """A backdrop cannot be shown. str() is one sentence for a person, with what to do next."""


class Backdrop(Protocol):
    """Something that can be put behind a person."""

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        pixel_format: PixelFormat = PixelFormat.BGR,
        captured_at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """Return the backdrop for a frame, of its size: a new array, or a shared one that cannot be written to.

        frame: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person, or None if it is not known. half: halved(frame),
        if the caller has it. pixel_format: of the returned array; for I420, H and W are even. captured_at: the frame's time
        in seconds, for backdrops that move.
        Raises BackdropError.
        """
        ...
