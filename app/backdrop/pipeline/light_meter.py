"""Measures the light on a person: how bright they are, which colour the light has, and how noisy the frame is.

Everything is measured on a frame reduced to about ROWS rows, except noise, which that would hide.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.resize import downscale, halved

ROWS = 20  # of the reduced frame, roughly
BRIGHT_PART = (
    0.8  # of the person is darker than their reference: skin and shirt in the light, not hair or shadow
)
TARGET = 118.0  # what the reference is lifted to, of 255; people in good light measure 115 to 175
SPREAD = 0.15  # of log ratios of colours: how close to neutral a pixel must be to count as grey
STRONGEST = 0.3  # the largest cast that is corrected, as a log ratio of red or blue to green
USABLE = (12.0, 243.0)  # of 255: darker colours are noise, brighter ones are clipped
EVERY_NTH = 7  # pixel of a row and of a column, to measure noise
Gains = tuple[float, float, float]  # for blue, green and red


def reduced(half: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A small frame (h, w, 3) and alpha (h, w), uint8. half: (H / 2, W / 2, 3). alpha: (H, W)."""
    while len(half) >= 2 * ROWS:
        half = halved(half)
    return half, downscale(alpha, *half.shape[:2])


def lift_for(small: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> float | None:
    """The lift, 0 to 1, that makes the person bright enough (Tone.lift); None if nobody is in the frame. Never darkens.

    small: (h, w, 3) uint8 BGR. alpha: (h, w) uint8.
    """
    there = alpha > 127
    if np.count_nonzero(there) < 8:
        return None
    brightness = small[there] @ np.array([0.114, 0.587, 0.299], np.float32)
    reference = float(np.quantile(brightness, BRIGHT_PART)) / 255
    lifts = np.linspace(0, 1, 33)
    once = reference + lifts * reference * (1 - reference)
    return float(np.interp(TARGET / 255, once + lifts * once * (1 - once), lifts))


def neutral_gains(small: NDArray[np.uint8]) -> Gains | None:
    """Gains that make grey things grey, without a change of brightness; None if there is nothing to judge by.

    small: (h, w, 3) uint8 BGR. The room counts, because skin and shirts have colours of their own. Colours are compared as log
    ratios. The estimate starts at neutral and moves to the mean of the colours near it until it rests (a mean shift), so that a
    red wall does not pull it. A strong cast is corrected in part.
    """
    colours = small.reshape(-1, 3).astype(np.float32)
    colours = colours[(colours.min(axis=1) > USABLE[0]) & (colours.max(axis=1) < USABLE[1])]
    if len(colours) < len(small):
        return None
    logs = np.log(colours)
    ratios = logs[:, ::2] - logs[:, 1:2]
    weights = colours.sum(axis=1)
    cast = np.zeros(2, np.float32)
    for _ in range(6):
        near = weights * np.exp(-0.5 * (((ratios - cast) / SPREAD) ** 2).sum(axis=1)) + 1e-6 * weights
        cast = near @ ratios / near.sum()
    cast *= min(1.0, STRONGEST / max(float(np.abs(cast).max()), 1e-6))
    blue, red = np.exp(-cast)
    grey = 0.114 / blue + 0.587 + 0.299 / red  # of a grey pixel of brightness 1, under the cast
    return float(blue * grey), float(grey), float(red * grey)


def noise_of(frame: NDArray[np.uint8], steadied: NDArray[np.uint8]) -> float:
    """The standard deviation of the noise of a frame, in levels, by what has changed since the steadied frame before.

    Both (H, W, 3) uint8 BGR. Where things move the change is larger, so only the smaller half of all changes counts.
    """
    now, before = frame[::EVERY_NTH, ::EVERY_NTH].astype(np.int16), steadied[::EVERY_NTH, ::EVERY_NTH]
    changes = np.sort(np.abs(now - before), axis=None)[: now.size // 2]
    # Of a normal distribution, the smaller half of all absolute values has a mean of 0.325 standard deviations.
    return float(changes.mean()) / 0.325 if changes.size and math.isfinite(float(changes.mean())) else 0.0
