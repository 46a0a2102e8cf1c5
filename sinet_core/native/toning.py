"""Exposure, colours and noise of a frame: tone.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows

GAIN = 32768  # a gain of 1 as an integer
LIFT = 16384  # a lift of 1
CONTRAST = 8257  # a contrast of 1
SATURATION = 64  # a saturation of 1
Curve = tuple[
    tuple[int, int, int], int, int, int
]  # gains for blue, green and red, lift, contrast, saturation

_tone = declared("tone_bgr", *(ARRAY, STEP) * 5, COUNT, COUNT, ARRAY, *(COUNT,) * 5)


def half_of(height: int, width: int) -> tuple[int, int]:
    """The shape of the glow of a frame."""
    return (height + 1) // 2, (width + 1) // 2


def tone(
    frame: NDArray[np.uint8],
    curve: Curve,
    into: NDArray[np.uint8],
    alpha: NDArray[np.uint8] | None,
    glow: NDArray[np.uint8] | None,
    steadied: NDArray[np.uint8] | None,
    follow: int,
    noise: int,
) -> None:
    """The same as backdrop.pipeline.tone.toned(). Raises ValueError for wrong arrays and numbers.

    into: overlaps none of the others. follow: of 256.
    """
    gains, lift, contrast, saturation = curve
    small = abs(lift) <= LIFT and abs(contrast) <= CONTRAST and 0 <= saturation <= 2 * SATURATION
    if not (
        small and all(0 <= gain < 2 * GAIN for gain in gains) and 0 <= follow <= 256 and 0 <= noise <= 255
    ):
        raise ValueError(f"a tone {curve} or steadying {follow}, {noise} that does not fit into 16 bits")
    height, width = frame.shape[:2]
    shape = (height, width, 3)
    pixels, out = rows(frame, np.uint8, shape), rows(into, np.uint8, shape, written=True)
    cover = (None, 0) if alpha is None else rows(alpha, np.uint8, (height, width))
    light = (None, 0) if glow is None else rows(glow, np.uint8, half_of(height, width))
    kept = (None, 0) if steadied is None else rows(steadied, np.uint8, shape, written=True)
    factors = np.array(gains, np.uint16)
    numbers = lift, contrast, saturation, follow, noise
    _tone(*pixels, *cover, *light, *kept, *out, width, height, address_of(factors), *numbers)
