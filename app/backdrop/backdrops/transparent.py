"""Composites with transparency: for files, and for the preview, where squares stand for it.

The backdrop is a single known colour, the key. So a composite and its alpha are enough: the person's part of a pixel is the
pixel minus the key's part. Here, too, nothing but composites leaves the line.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

SQUARE = 12  # pixels in the preview
LIGHT, DARK = 204, 160  # of the squares


def unpremultiplied(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, key: str
) -> NDArray[np.uint8]:
    """A composite with transparency, as video files expect it: the person's own colours, not multiplied by alpha.

    pixels: (H, W, 3) uint8 BGR, over key, "#rrggbb". alpha: (H, W) uint8, None for an opaque image.
    Returns (H, W, 4) uint8 BGRA, black where alpha is 0.
    """
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    if alpha is None:
        return np.concatenate([pixels, opaque], axis=2)
    share = alpha[..., None] * np.float32(1 / 255)
    colours = (pixels - (1 - share) * _bgr(key)) / np.maximum(share, np.float32(1 / 255))
    colours[alpha == 0] = 0
    return np.concatenate([np.clip(colours + 0.5, 0, 255).astype(np.uint8), alpha[..., None]], axis=2)


def over_squares(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], key: str) -> NDArray[np.uint8]:
    """A composite over light and dark squares, the usual sign for transparency, instead of the key.

    pixels: (H, W, 4) uint8 BGRA, over key. alpha: (H, W) uint8. Returns the same kind of array, a new one.
    """
    lacking = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2BGRA)
    keyed, squares = _plain(*alpha.shape, key), _squares(*alpha.shape)
    person = cv2.subtract(pixels, cv2.multiply(keyed, lacking, scale=1 / 255))
    return cv2.add(person, cv2.multiply(squares, lacking, scale=1 / 255))


def _bgr(colour: str) -> NDArray[np.float32]:
    return np.frombuffer(bytes.fromhex(colour.removeprefix("#")), np.uint8)[::-1].astype(np.float32)


@lru_cache(maxsize=1)
def _plain(height: int, width: int, key: str) -> NDArray[np.uint8]:
    return np.full((height, width, 4), (*_bgr(key), 0), np.uint8)


@lru_cache(maxsize=1)
def _squares(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.arange(height) // SQUARE, np.arange(width) // SQUARE
    squares = np.where((rows[:, None] + columns) % 2, LIGHT, DARK).astype(np.uint8)
    return cv2.cvtColor(squares, cv2.COLOR_GRAY2BGRA)
