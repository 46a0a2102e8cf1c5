"""The room itself as a backdrop, out of focus."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app import i420
from sinet_core.matte import halved

GRAIN = 2.5  # pixels of the small grid that a blur has for its standard deviation, at the least


@dataclass(frozen=True, slots=True)
class Blur:
    """The room itself, out of focus, without the person: their colours do not shine round their edge.

    strength: 0 to 100. 0 is the weakest blur, not none: the way to show the room is to turn the effect off.
    """

    strength: int

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        in_i420: bool = False,
    ) -> NDArray[np.uint8]:
        """See Backdrop. What lies behind the middle of a large person is guessed from round them."""
        height, width = frame.shape[:2]
        sigma = max(5.0, max(height, width) * (0.008 + 0.022 * self.strength / 100))
        halvings = int(math.log2(sigma / GRAIN))  # a blur of so many pixels needs no finer grid
        sigma /= 2**halvings
        room = _halved(halved(frame) if half is None else half, halvings - 1)
        person = np.zeros(room.shape[:2], np.uint8) if alpha is None else _halved(alpha, halvings)
        soft = _blur_without(room, person, sigma)
        if in_i420:
            return i420.enlarged(soft, width, height)
        return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)


def _halved(pixels: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    for _ in range(times):  # faster than one step, and every pixel counts
        pixels = halved(pixels)
    return pixels


def _blur(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def _blur_without(room: NDArray[np.uint8], alpha: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Blur with every pixel weighted by how little of it is person. A pixel beside the person counts as theirs."""
    person = cv2.dilate(alpha, np.ones((3, 3), np.uint8))
    weight = 1.0 - person.astype(np.float32) * np.float32(1 / 255)
    weight = weight * weight + np.float32(1e-3)  # never 0, so that there is an answer everywhere
    weighted = cv2.multiply(room, _three(weight), dtype=cv2.CV_32F)
    return cv2.divide(_blur(weighted, sigma), _three(_blur(weight, sigma)), dtype=cv2.CV_8U)


def _three(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.cvtColor(plane, cv2.COLOR_GRAY2BGR)
