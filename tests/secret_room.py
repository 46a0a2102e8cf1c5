"""A room that must not be seen: frames whose every pixel is recognised wherever it turns up."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

MAGENTA, GREEN = (255, 0, 255), (0, 255, 0)  # in no backdrop, no card, and mixed by any blur


def secret_frame(width: int = 320, height: int = 180, seed: int = 0) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 BGR: spots of two loud colours, two pixels large, other ones for every seed."""
    spots = np.random.default_rng(seed).integers(0, 2, ((height + 1) // 2, (width + 1) // 2), dtype=np.uint8)
    spots = spots.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.array([MAGENTA, GREEN], np.uint8)[spots]


def leaked(pixels: NDArray[np.uint8], person: NDArray[np.uint8] | None = None) -> int:
    """How many pixels still show the room's colours where the person is not. person: (H, W) uint8, 0 is nobody."""
    near = np.zeros(pixels.shape[:2], np.uint8)
    for colour in (MAGENTA, GREEN):
        low, high = np.array(colour) - 40, np.array(colour) + 40
        near |= cv2.inRange(pixels, np.clip(low, 0, 255), np.clip(high, 0, 255))
    if person is not None:
        near[person > 0] = 0
    return cv2.countNonZero(near)


class DiscFinder:
    """Finds a person, the disc in the middle of every frame, as the network would: small, soft, float32."""

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        height, width = frame.shape[:2]
        scale = (256 * 144 / (height * width)) ** 0.5 / 32
        size = (32 * max(1, round(width * scale)), 32 * max(1, round(height * scale)))
        disc = cv2.resize(person_disc(width, height), size, interpolation=cv2.INTER_AREA)
        return disc.astype(np.float32) / np.float32(255)


def person_disc(width: int, height: int) -> NDArray[np.uint8]:
    """Where DiscFinder finds the person: (height, width) uint8."""
    disc = np.zeros((height, width), np.uint8)
    return cv2.circle(disc, (width // 2, height // 2), min(width, height) // 4, 255, -1)


def round_the_person(width: int, height: int) -> NDArray[np.uint8]:
    """The person with a margin for what such a small alpha cannot tell apart: (height, width) uint8."""
    reach = 2 * math.ceil(4 * (width * height / (256 * 144)) ** 0.5) + 1
    return cv2.dilate(person_disc(width, height), np.ones((reach, reach), np.uint8))
