"""What is done to an alpha after the network: steadying it over time, and fitting it to the frame's own edges."""

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.colours import Colours, followed, half_size, mix, weighed

Plane: TypeAlias = NDArray[np.float32]

GAP = 0.5  # seconds without a frame after which what was before says nothing any more
KEEP = 0.9  # how much of the steadied alpha stays, at most
# The disagreement that counts as movement, where the alpha is clear and where it is one half.
SURE, UNSURE = 0.06, 0.6
HAZE = 0.15  # what is nearer than this to 0 or 1 after refining is taken for it
# Below this alpha nobody is looked for, except so many pixels round where it is above.
FAINT, MARGIN = 0.15, 3


class Steady:
    """Smooths alphas over time, so that a still picture does not shimmer and a moving hand does not trail.

    The more a new alpha disagrees with the steadied one, the less of the steadied one is kept; where the new alpha
    is itself unsure, more disagreement is put down to noise. It starts afresh when the size changes, when time goes
    backwards, and after a gap of more than half a second.
    """

    def __init__(self) -> None:
        self._steadied: NDArray[np.float32] | None = None
        self._captured_at = 0.0

    def reset(self) -> None:
        """Forget what was before: the next alpha comes back as it is."""
        self._steadied = None

    def __call__(self, alpha: NDArray[np.float32], captured_at: float) -> NDArray[np.float32]:
        """Return the alpha steadied by those before it.

        alpha: (h, w) float32 in [0, 1], finite; not written to. captured_at: seconds on a clock that never goes
        back. Returns (h, w) float32 in [0, 1], an array that the caller may keep but not write to.
        """
        before = self._steadied
        gap = captured_at - self._captured_at
        self._captured_at = captured_at
        if before is None or before.shape != alpha.shape or not 0 <= gap <= GAP:
            self._steadied = alpha.copy()
            return self._steadied
        change = cv2.subtract(alpha, before)
        unsure = cv2.multiply(alpha, 1.0 - alpha, scale=4.0)
        tolerance = SURE + (UNSURE - SURE) * unsure
        calm = np.maximum(1.0 - cv2.divide(np.abs(change), tolerance), 0.0)
        self._steadied = alpha - cv2.multiply(change, calm, scale=KEEP)
        return self._steadied


def refine(
    alpha: NDArray[np.float32], frame: NDArray[np.uint8], half: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Bring an alpha of the network's size to the frame's size, fitted to the frame's own edges.

    At half the alpha's size, its outline is moved to where the colours of person and room part. Then a fast guided
    filter: round every pixel, alpha is described as a mix of the frame's three colours, and the mix is brought to half
    the frame's size, where it meets the frame's own colours, sharp edges and all.

    alpha: (h, w) float32 in [0, 1], finite, any h and w. frame: (H, W, 3) uint8 BGR. half: halved(frame), where the
    caller has it. None of them is written to. Returns (H, W) uint8, 255 is all person.
    """
    half = halved(frame) if half is None else half
    whole = np.zeros(frame.shape[:2], np.uint8)
    if not (alpha > FAINT).any():
        return whole
    alpha = cv2.resize(alpha, half_size(alpha), interpolation=cv2.INTER_AREA)
    guide = cv2.split(_reduced(half, *alpha.shape) * np.float32(1 / 255))
    alpha = followed(weighed(alpha, guide), guide)
    x, y, width, height = cv2.boundingRect((alpha > FAINT).astype(np.uint8))
    rows, large_rows = _span(y, height, alpha.shape[0], frame.shape[0])
    columns, large_columns = _span(x, width, alpha.shape[1], frame.shape[1])
    if width > 0:
        gains, offset = mix(alpha[rows, columns], [colour[rows, columns] for colour in guide])
        part = half[_in_half(large_rows), _in_half(large_columns)]
        part = np.ascontiguousarray(part)  # cv2.split takes four times as long for a part of an array
        _apply(gains, offset, part, whole[large_rows, large_columns])
    return whole


def _span(first: int, length: int, small: int, large: int) -> tuple[slice, slice]:
    """Return where a person may be on one axis of the alpha, and the same stretch of the frame.

    The stretch is widened until it begins and ends between two pixels of the alpha and between two groups of eight
    pixels of the frame, so that halving and enlarging it gives exactly what the whole would have given.
    """
    step = small if large % 8 else small // math.gcd(small, large // 8)
    begin = max(first - MARGIN, 0) // step * step
    end = min(math.ceil((first + length + MARGIN) / step) * step, small)
    return slice(begin, end), slice(begin * large // small, end * large // small)


def _in_half(span: slice) -> slice:
    return slice(span.start // 2, max(1, span.stop // 2))


def _reduced(frame: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    # Halved step by step: several times faster than INTER_AREA at once, and no pixel is left out either.
    while frame.shape[0] >= 2 * height and frame.shape[1] >= 2 * width:
        frame = halved(frame)
    return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _apply(gains: Colours, offset: Plane, half: NDArray[np.uint8], fine: NDArray[np.uint8]) -> None:
    """Turn the colours of half a frame, or a part of it, into alpha. fine: where the answer is written to."""
    # From here on alpha is in steps of 1/255, and stretched so that the haze on either side of an edge goes.
    stretch = 1 / (1 - 2 * HAZE)
    size = (half.shape[1], half.shape[0])
    fitted = cv2.resize((offset - HAZE) * np.float32(255 * stretch), size, interpolation=cv2.INTER_LINEAR)
    for gain, colour in zip(gains, cv2.split(half), strict=True):
        part = cv2.resize(gain, size, interpolation=cv2.INTER_LINEAR)
        cv2.add(fitted, cv2.multiply(part, colour, dst=part, scale=stretch, dtype=cv2.CV_32F), dst=fitted)
    # Enlarged before it is cut off at 0 and 255, which keeps an edge of one pixel sharp.
    fitted = cv2.add(fitted, 0.0, dtype=cv2.CV_16S)
    fitted = cv2.resize(fitted, fine.shape[::-1], interpolation=cv2.INTER_LINEAR)
    np.clip(fitted, 0, 255, out=fine, casting="unsafe")


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half the size, (H, W) or (H, W, 3) uint8: the mean of every four pixels. An odd last row or column goes in, too."""
    height, width = pixels.shape[:2]
    # Both give the same where both sides are even, but there INTER_AREA is faster, and elsewhere many times slower.
    how = cv2.INTER_LINEAR if height % 2 or width % 2 else cv2.INTER_AREA
    return cv2.resize(pixels, (max(1, width // 2), max(1, height // 2)), interpolation=how)
