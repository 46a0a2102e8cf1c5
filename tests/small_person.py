"""A room that must not be seen, with people in it who may be small: white ellipses, which a finder of white finds."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.segmenter import input_size, to_input_size
from tests.secret_room import secret_frame

WHITE = 250  # nothing in the secret room has all of its colours so bright

Person = tuple[float, float, float, float]  # middle x and y, half the width and half the height, in pixels


def people_in_secret_room(
    width: int, height: int, people: Sequence[Person], seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The frame (H, W, 3) uint8 BGR and its alpha (H, W) uint8."""
    alpha = np.zeros((height, width), np.uint8)
    for x, y, wide, tall in people:
        cv2.ellipse(alpha, (round(x), round(y)), (round(wide), round(tall)), 0, 0, 360, 255, -1)
    frame = _room(width, height, seed).copy()
    frame[alpha > 0] = 255
    return frame, alpha


@lru_cache(maxsize=4)
def _room(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    return secret_frame(width, height, seed)


class WhiteFinder:
    """Finds what is white, at half the network's size as the network does, and counts how often it looked, at what share."""

    def __init__(self) -> None:
        self.looks: list[tuple[int, ...]] = []
        self.input_scales: list[float] = []

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        self.looks.append(frame.shape)
        self.input_scales.append(input_scale)
        height, width = input_size(frame.shape[0], frame.shape[1], round(60_000 * input_scale), 32)
        white = (to_input_size(frame, height, width).min(axis=2) > WHITE).astype(np.float32)
        return cv2.resize(white, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
