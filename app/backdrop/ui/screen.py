"""A composite as the screen takes it: at the size that it is shown at, and in the screen's own order of colours."""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from sinet_core.matting.guided_upsampling import halved


def for_screen(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A composite, (H, W, 3) uint8 BGR or I420, scaled to width × height, even numbers.

    Returns (height, width, 4) uint8 BGRA, which Qt calls RGB32 and puts on the screen without another conversion. What is
    scaled is what there is less of: I420 is made smaller before it is converted.
    """
    if PixelFormat.of(pixels) is PixelFormat.I420:
        smaller = np.empty((height * 3 // 2, width), np.uint8)
        for plane, target in zip(i420.planes(pixels), i420.planes(smaller), strict=True):
            scaled(plane, target.shape[1], target.shape[0], target)
        return cv2.cvtColor(smaller, cv2.COLOR_YUV2BGRA_I420)
    return cv2.cvtColor(scaled(pixels, width, height), cv2.COLOR_BGR2BGRA)


def scaled(
    pixels: NDArray[np.uint8], width: int, height: int, into: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Halved as often as it is twice as large, so that every pixel counts, and then by bilinear interpolation."""
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        pixels = halved(pixels)
    return cv2.resize(pixels, (width, height), dst=into, interpolation=cv2.INTER_LINEAR)
