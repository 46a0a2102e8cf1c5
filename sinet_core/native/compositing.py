"""Compositing the person over the backdrop: composite.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows, whole

UNIT = 4096  # a gain of 1 as an integer
BRIGHTEST = 15.0  # the largest gain

_bgr = declared("composite_bgr", *(ARRAY, STEP) * 4, COUNT, COUNT, ARRAY)
_i420 = declared("composite_i420", *(ARRAY, STEP) * 2, ARRAY, ARRAY, COUNT, COUNT, ARRAY)


def composite(
    frame: NDArray[np.uint8],
    backdrop: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    into: NDArray[np.uint8],
    gains: NDArray[np.float32] | None,
) -> None:
    """The same as backdrop.pipeline.composite.composite(), but always written to `into`.

    into: the backdrop itself, or an array that overlaps none of the others. Raises ValueError for wrong arrays and gains.
    """
    height, width = alpha.shape
    gain = None if gains is None else _in_units(gains)
    pixels, coverage = rows(frame, np.uint8, (height, width, 3)), rows(alpha, np.uint8, (height, width))
    shape = (height, width, 3) if backdrop.ndim == 3 else (height * 3 // 2, width)
    behind, out = rows(backdrop, np.uint8, shape), rows(into, np.uint8, shape, written=True)
    factors = None if gain is None else address_of(gain)
    if backdrop.ndim == 3:
        _bgr(*pixels, *coverage, *behind, *out, width, height, factors)
        return
    if height % 2 or width % 2:
        raise ValueError(f"no I420 has the size {width} × {height}")
    whole(backdrop, np.uint8, shape)
    whole(into, np.uint8, shape)
    _i420(*pixels, *coverage, behind[0], out[0], width, height, factors)


def _in_units(gains: NDArray[np.float32]) -> NDArray[np.uint16]:
    if gains.shape != (3,) or not (gains >= 0).all() or not (gains <= BRIGHTEST).all():
        raise ValueError(f"gains {gains}, where three from 0 to {BRIGHTEST} are needed")
    return np.rint(gains * UNIT).astype(np.uint16)
