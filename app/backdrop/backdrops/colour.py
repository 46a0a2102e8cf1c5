"""A plain colour as a backdrop."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backdrop.backdrops.base import BackdropError
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
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
        pixel_format: PixelFormat = PixelFormat.BGR,
        captured_at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop."""
        return _plain(frame.shape[1], frame.shape[0], self.text, pixel_format)


@lru_cache(maxsize=2)
def _plain(width: int, height: int, text: str, pixel_format: PixelFormat) -> NDArray[np.uint8]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise BackdropError(_("{text} is not a colour: write it like #3b5b7a.", text=f"{text!r}")) from None
    pixels = np.full((height, width, 3), (blue, green, red), np.uint8)
    if pixel_format is PixelFormat.I420:
        pixels = i420.from_bgr(pixels)
    pixels.setflags(write=False)
    return pixels
