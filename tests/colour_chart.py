"""A chart of colours to send, and how far they are off where they arrive."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 80
ACROSS = 8
# The patches of a ColorChecker in sRGB, and the corners of the cube, which limited range and chroma treat worst.
ROWS = (
    "735244 c29682 627a9d 576c43 8580b1 67bdaa d67e2c 505ba6",
    "c15a63 5e3c6c 9dbc40 e0a32e 383d96 469449 af363c e7c71f",
    "bb5695 0885a1 f3f3f2 c8c8c8 a0a0a0 7a7a79 555555 343434",
    "000000 ffffff ff0000 00ff00 0000ff ffff00 ff00ff 00ffff",
)
PATCHES = [text for row in ROWS for text in row.split()]


def colour_chart() -> NDArray[np.uint8]:
    """(320, 640, 3) uint8 BGR: the patches, row by row."""
    colours = np.array([[int(text[at : at + 2], 16) for at in (4, 2, 0)] for text in PATCHES], np.uint8)
    return colours.reshape(-1, ACROSS, 3).repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def differences(seen: NDArray[np.uint8]) -> NDArray[np.float64]:
    """ΔE of CIE 1976 of each patch in a chart, (H, W, 3) uint8 BGR, that has arrived: 1 is about what an eye can tell."""
    lab = [
        cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_BGR2LAB).astype(np.float64)
        for each in (colour_chart(), seen)
    ]
    apart = np.linalg.norm(lab[0] - lab[1], axis=2)
    rows = apart.shape[0] // SIDE
    patches = apart.reshape(rows, SIDE, ACROSS, SIDE)
    inside = slice(SIDE // 4, -SIDE // 4)  # chroma is shared by neighbours at the patches' edges
    return np.asarray(patches[:, inside, :, inside].mean(axis=(1, 3)).reshape(-1))
