"""Converts a composite for the screen: display size and pixel format."""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from sinet_core.matting.guided_upsampling import halved


def for_screen(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale a composite, (H, W, 3) uint8 BGR or I420, to width × height, both even.

    Returns (height, width, 4) uint8 BGRA, which Qt calls RGB32 and displays without conversion. I420 is scaled before
    it is converted, because it has less data.
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
    """Halve while at least twice as large, so that every pixel counts, then interpolate bilinearly."""
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        pixels = halved(pixels)
    return cv2.resize(pixels, (width, height), dst=into, interpolation=cv2.INTER_LINEAR)
