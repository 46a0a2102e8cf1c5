"""I420, the pixel format of virtual cameras and videos: brightness per pixel, colour per 2 × 2 pixels. Half of BGR's bytes.

An I420 array is (H · 3 / 2, W) uint8, H and W even: H rows of Y, then the planes U and V, each half as high and half as wide.
The colours are BT.601 with limited range, as a webcam sends them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames.pixel_format import PixelFormat
from sinet_core import native
from sinet_core.matting.resize import halved
from sinet_core.native import enlarging

# Rows: Y, U, V. Columns: the factors of blue, green and red, and a constant.
BT601 = np.array(
    [[0.098, 0.504, 0.257, 16], [0.439, -0.291, -0.148, 128], [-0.071, -0.368, 0.439, 128]], np.float32
)

# Its inverse, written out: the bundle has no LAPACK to compute it with.
_TO_BGR = np.array(
    [
        [1.1641444, 2.0178254, -0.0012458384, -276.7485],
        [1.1641444, -0.39144275, -0.81348205, 135.60406],
        [1.1641443, -0.0017888809, 1.5957862, -222.65797],
    ],
    np.float32,
)


def size_of(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    """(width, height) of an array in BGR or in I420."""
    rows = pixels.shape[0]
    return pixels.shape[1], rows if PixelFormat.of(pixels) is PixelFormat.BGR else rows * 2 // 3


def planes(i420: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Y (H, W), U and V (H / 2, W / 2): writable views."""
    width, height = size_of(i420)
    colours = i420[height:].reshape(2, height // 2, width // 2)
    return i420[:height], colours[0], colours[1]


def from_bgr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 BGR, H and W even, as I420. The first of every 2 × 2 pixels sets their colour."""
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420)


def as_i420(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """An array in BGR, cut to width × height, both even, and converted; one in I420 is returned as it is."""
    return pixels if PixelFormat.of(pixels) is PixelFormat.I420 else from_bgr(pixels[:height, :width])


def to_bgr(i420: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """I420 as (H, W, 3) uint8 BGR."""
    return cv2.cvtColor(i420, cv2.COLOR_YUV2BGR_I420)


def from_picture(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """from_bgr() with the mean colour of every 2 × 2 pixels: slower, but fine patterns in a picture need it."""
    width, height = size_of(pixels)
    mean = cv2.resize(halved(pixels), (width, height), interpolation=cv2.INTER_NEAREST)
    i420 = from_bgr(pixels)
    i420[height:] = from_bgr(mean)[height:]
    return i420


def enlarged(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A small (h, w, 3) uint8 BGR, enlarged to width × height, both even, as I420."""
    i420 = np.empty((height * 3 // 2, width), np.uint8)
    small = cv2.split(cv2.transform(pixels, BT601))
    for plane, target in zip(small, planes(i420), strict=True):
        if native.takes(plane, target) and min(width - 2 * plane.shape[1], height - 2 * plane.shape[0]) >= 0:
            enlarging.enlarge(plane, target)
        else:
            cv2.resize(plane, target.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
    return i420


def reduced(pixels: NDArray[np.uint8], halvings: int) -> NDArray[np.uint8]:
    """Halve an array in BGR or I420 several times, at least once. Returns (h, w, 3) uint8 BGR."""
    if PixelFormat.of(pixels) is PixelFormat.BGR:
        for _ in range(halvings):
            pixels = halved(pixels)
        return pixels
    brightness, *colours = planes(pixels)
    brightness = halved(brightness)
    for _ in range(halvings - 1):
        brightness, colours = halved(brightness), [halved(colour) for colour in colours]
    return cv2.transform(cv2.merge([brightness, *colours]), _TO_BGR)


def mirrored(i420: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A new array with left and right exchanged."""
    flipped = np.empty_like(i420)
    for plane, target in zip(planes(i420), planes(flipped), strict=True):
        cv2.flip(plane, 1, dst=target)
    return flipped
