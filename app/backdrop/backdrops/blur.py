"""The room itself as a backdrop, blurred: a Gaussian, like frosted glass, or bokeh, like a lens."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from sinet_core import native
from sinet_core.matting.resize import halved
from sinet_core.native import frosting

GRAIN = 2.5  # the smallest standard deviation of a blur, in pixels of the small grid
# A camera shows a lamp no brighter than white paper. So highlights are treated as brighter than displayed. The smaller the
# headroom, the brighter the bokeh.
HEADROOM = 1.06
LEAST = 1e-3  # the weight of a pixel that is all person
RECTANGLES = 4  # whose union approximates a disc

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Blur:
    """The room itself, blurred without the person, whose colours would otherwise glow around their edge.

    strength: 0 to 100. 0 is the weakest blur, not none: only turning the effect off shows the room.
    bokeh: like a lens, every point of light a disc; otherwise a Gaussian, like frosted glass.
    """

    strength: int
    bokeh: bool = False

    def render(
        self,
        frame: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        half: NDArray[np.uint8] | None = None,
        pixel_format: PixelFormat = PixelFormat.BGR,
        captured_at: float = 0.0,
    ) -> NDArray[np.uint8]:
        """See Backdrop. The area behind a large person is filled from its surroundings."""
        height, width = frame.shape[:2]
        sigma = max(5.0, max(height, width) * (0.008 + 0.022 * self.strength / 100))
        halvings = int(math.log2(sigma / GRAIN))  # a wide blur needs no finer grid
        sigma /= 2**halvings
        room = _halved(halved(frame) if half is None else half, halvings - 1)
        person = np.zeros(room.shape[:2], np.uint8) if alpha is None else _halved(alpha, halvings)
        soft = _lens(room, person, 2 * sigma) if self.bokeh else _frosted_glass(room, person, sigma)
        if pixel_format is PixelFormat.I420:
            return i420.enlarged(soft, width, height)
        return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)


def _halved(pixels: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    for _ in range(times):  # faster than a single step, and every pixel counts
        pixels = halved(pixels)
    return pixels


def _frosted_glass(room: NDArray[np.uint8], alpha: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Gaussian blur, every pixel weighted by how little of it is person."""
    if native.takes(room, alpha):
        return frosting.frosted(room, alpha, sigma, LEAST)
    weight = _without(alpha, LEAST)
    weighted = cv2.multiply(room, _three(weight), dtype=cv2.CV_32F)
    return cv2.divide(_gaussian(weighted, sigma), _three(_gaussian(weight, sigma)), dtype=cv2.CV_8U)


def _lens(room: NDArray[np.uint8], alpha: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    """The same with discs, and in linear light instead of pixel values, so that highlights stay bright when they spread.

    A disc of some radius spreads light as far as a Gaussian with half that standard deviation.
    """
    weight = _without(alpha, 1e-5)  # smaller, because a white shirt is bright, too
    weighted = cv2.multiply(cv2.LUT(room, _light()), _three(weight))
    light = cv2.divide(_discs(weighted, radius), _three(_discs(weight, radius)))
    # The inverse of _light().
    value = cv2.sqrt(cv2.divide(light, light + np.float32(1)))
    return cv2.multiply(value, np.full(3, 255 * math.sqrt(HEADROOM)), dtype=cv2.CV_8U)


@lru_cache(maxsize=1)
def _light() -> NDArray[np.float32]:
    """The light of every pixel value, (256,) float32: 0 for black, and far more than 1 for white."""
    square = (np.arange(256) / 255) ** 2
    return (square / (HEADROOM - square)).astype(np.float32)


def _without(alpha: NDArray[np.uint8], least: float) -> Plane:
    """The weight of the room in each pixel; neighbours of the person count as person. least: added, so that no weight is 0."""
    person = cv2.dilate(alpha, np.ones((3, 3), np.uint8))
    weight = 1.0 - person.astype(np.float32) * np.float32(1 / 255)
    return weight * weight + np.float32(least)


def _gaussian(values: Plane, sigma: float) -> Plane:
    size = frosting.kernel_size(sigma)
    return cv2.GaussianBlur(values, (size, size), sigma, borderType=cv2.BORDER_REFLECT)


def _discs(values: Plane, radius: float) -> Plane:
    """The sum over a disc around every pixel, as sums over rectangles, which cost the same at any size."""
    angles = [(place + 0.5) * math.pi / 2 / RECTANGLES for place in range(RECTANGLES)]
    longer = 1.08 * radius  # so that the union has the disc's area
    corners = [(round(longer * math.cos(angle)), round(longer * math.sin(angle))) for angle in angles]
    total = _sums(values, *corners[0])
    for (_, before), (across, down) in pairwise(corners):
        cv2.add(total, _sums(values, across, down), dst=total)
        # The overlap of two rectangles counts once.
        cv2.subtract(total, _sums(values, across, before), dst=total)
    return cv2.blur(total, (3, 3), borderType=cv2.BORDER_REFLECT)  # smooths the steps of the outline


def _sums(values: Plane, across: int, down: int) -> Plane:
    size = (2 * across + 1, 2 * down + 1)
    return cv2.boxFilter(values, cv2.CV_32F, size, normalize=False, borderType=cv2.BORDER_REFLECT)


def _three(plane: Plane) -> Plane:
    return cv2.cvtColor(plane, cv2.COLOR_GRAY2BGR)
