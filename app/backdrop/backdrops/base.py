"""What every backdrop keeps to."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class BackdropError(Exception):
    """A backdrop cannot be shown. str() is one sentence for a person, with what to do next."""


class Backdrop(Protocol):
    """Something that can be put behind a person."""

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
        at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """Return the backdrop for a frame, (H, W, 3) uint8 BGR: a new array, or a shared one that cannot be written to.

        frame: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person, or None where nobody is known. half:
        halved(frame), where the caller has it. in_i420: return it in I420; H and W are even then. at: the frame's time in
        seconds, for what moves.
        Raises BackdropError.
        """
        ...
