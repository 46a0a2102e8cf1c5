"""Measures the light on a person: how bright they are, which colour the light has, and how noisy the frame is.

Everything is measured on a frame reduced to about ROWS rows, except noise, which that would hide.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.resize import downscale, halved

ROWS = 20  # of the reduced frame, roughly
BRIGHT_PART = 0.8  # of the person is darker than their reference: skin and shirt in the light, not hair
TARGET = 118.0  # what the reference is lifted to, of 255; people in good light measure 115 to 175
SPREAD = 0.15  # of log ratios of colours: how close to neutral a pixel must be to count as grey
STRONGEST = 0.3  # the largest cast that is corrected, as a log ratio of red or blue to green
# What people may look like in neutral light, with their clothes, as log ratios: red to blue, and both to green.
WARMTHS, TINTS = (0.0, 0.35), (0.0, 0.08)
LAMP_TINT = 0.06  # of a lamp's light, either way; larger tints are believed less and less
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


def neutral_gains(small: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Gains | None:
    """Gains that make grey things grey, without a change of brightness; None if there is nothing to judge by.

    small: (h, w, 3) uint8 BGR. alpha: (h, w) uint8; None if it is not known. The room counts, because skin and shirts have
    colours of their own. Colours are compared as log ratios. The estimate starts at neutral and moves to the mean of the
    colours near it until it rests (a mean shift), so that a red wall does not pull it. The person then decides how much of it
    is believed: in front of a blue wall they are not blue. A strong cast is corrected in part.
    """
    colours = small.reshape(-1, 3).astype(np.float32)
    usable = (colours.min(axis=1) > USABLE[0]) & (colours.max(axis=1) < USABLE[1])
    if np.count_nonzero(usable) < len(small):
        return None
    logs = np.log(colours[usable])
    ratios = logs[:, ::2] - logs[:, 1:2]
    weights = colours[usable].sum(axis=1)
    cast = np.zeros(2, np.float32)
    for _ in range(6):
        near = weights * np.exp(-0.5 * (((ratios - cast) / SPREAD) ** 2).sum(axis=1)) + 1e-6 * weights
        cast = near @ ratios / near.sum()
    of_person = ratios[alpha.reshape(-1)[usable] > 127] if alpha is not None else ratios[:0]
    cast = _believed(cast, np.median(of_person, axis=0) if len(of_person) >= 8 else None)
    cast *= min(1.0, STRONGEST / max(float(np.abs(cast).max()), 1e-6))
    blue, red = np.exp(-cast)
    grey = 0.114 / blue + 0.587 + 0.299 / red  # of a grey pixel of brightness 1, under the cast
    return float(blue * grey), float(grey), float(red * grey)


def _believed(cast: NDArray[np.float32], person: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """The part of a cast after whose correction a person still has a colour that people have.

    cast, person: (2,), log ratios of blue and of red to green. A small tint is always believed, because lamps have one. Without
    a person, warm light is, too.
    """
    warmth, tint = float(cast[1] - cast[0]), float(cast.mean())
    lamps_tint = math.copysign(max(min(abs(tint), 2 * LAMP_TINT - abs(tint)), 0.0), tint)
    if person is None:
        warmth, tint = max(warmth, 0.0), lamps_tint
    else:
        warmth = _limited(warmth, float(person[1] - person[0]), *WARMTHS)
        tint = max(_limited(tint, float(person.mean()), *TINTS), lamps_tint, key=abs)
    return np.array([tint - warmth / 2, tint + warmth / 2], np.float32)


def _limited(cast: float, own: float, least: float, most: float) -> float:
    """As much of a cast as leaves what is the person's own between least and most, when it is taken away."""
    return min(cast, max(own - least, 0.0)) if cast > 0 else max(cast, min(own - most, 0.0))


def noise_of(frame: NDArray[np.uint8], steadied: NDArray[np.uint8]) -> float:
    """The standard deviation of the noise of a frame, in levels, by what has changed since the steadied frame before.

    Both (H, W, 3) uint8 BGR. Where things move the change is larger, so only the smaller half of all changes counts.
    """
    now, before = frame[::EVERY_NTH, ::EVERY_NTH].astype(np.int16), steadied[::EVERY_NTH, ::EVERY_NTH]
    changes = np.sort(np.abs(now - before), axis=None)[: now.size // 2]
    # Of a normal distribution, the smaller half of all absolute values has a mean of 0.325 standard deviations.
    return float(changes.mean()) / 0.325 if changes.size and math.isfinite(float(changes.mean())) else 0.0
