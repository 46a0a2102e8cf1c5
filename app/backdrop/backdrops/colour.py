"""A plain colour behind the person."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import BackdropError
from backdrop.frames import i420
from backdrop.language import _


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour. text: "#rrggbb"."""

    text: str

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
        at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop."""
        return _plain(frame.shape[1], frame.shape[0], self.text, in_i420)


@lru_cache(maxsize=2)
def _plain(width: int, height: int, text: str, in_i420: bool) -> NDArray[np.uint8]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise BackdropError(_("{text} is not a colour: write it like #3b5b7a.", text=f"{text!r}")) from None
    pixels = np.full((height, width, 3), (blue, green, red), np.uint8)
    if in_i420:
        pixels = i420.from_bgr(pixels)
    pixels.setflags(write=False)
    return pixels
