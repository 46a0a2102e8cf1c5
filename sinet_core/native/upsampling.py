"""Guided upsampling: colours.c and guided_upsampling.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows
from sinet_core.native.constants import MARGIN

_PLACE = (ARRAY, STEP)
_fit_to_colours = declared("fit_to_colours", *_PLACE, *_PLACE, COUNT, COUNT, ARRAY)
_apply_linear_model = declared(
    "apply_linear_model", *_PLACE, *_PLACE, COUNT, COUNT, *(*_PLACE, COUNT, COUNT) * 2, ARRAY
)


def fit_to_colours(alpha: NDArray[np.float32], guide: NDArray[np.uint8]) -> None:
    """Apply colours.colour_posterior() and colours.guided_filter() to an alpha, in place.

    alpha: (h, w) float32 in [0, 1], finite, h and w even. guide: (h, w, 3) uint8 BGR. Raises ValueError for any other arrays.
    """
    height, width = _sides(alpha)
    if height % 2 or width % 2:
        raise ValueError(f"an alpha {alpha.shape} that cannot be halved")
    scratch = np.empty((3 * height + 250) * (width + 2 * MARGIN), np.float32)
    _fit_to_colours(
        *rows(alpha, np.float32, (height, width), written=True),
        *rows(guide, np.uint8, (height, width, 3)),
        width,
        height,
        address_of(scratch),
    )


def apply_linear_model(
    alpha: NDArray[np.float32], guide: NDArray[np.uint8], half: NDArray[np.uint8], fine: NDArray[np.uint8]
) -> None:
    """Fit colours.local_linear_coefficients() to an alpha and apply them to the frame's own colours.

    alpha: (h, w) float32 in [0, 1], finite. guide, half: the same part of the frame, at the alpha's size and at half the frame's,
    (h, w, 3) and (h', w', 3) uint8 BGR. fine: (H, W) uint8, all 0: the result is written there.
    Raises ValueError for any other arrays.
    """
    height, width = _sides(alpha)
    half_height, half_width = _sides(half)
    fine_height, fine_width = _sides(fine)
    scratch = np.empty(64 * (width + 2 * MARGIN) + 16 * (half_width + 2 * MARGIN) + 4 * height, np.float32)
    _apply_linear_model(
        *rows(alpha, np.float32, (height, width)),
        *rows(guide, np.uint8, (height, width, 3)),
        width,
        height,
        *rows(half, np.uint8, (half_height, half_width, 3)),
        half_width,
        half_height,
        *rows(fine, np.uint8, (fine_height, fine_width), written=True),
        fine_width,
        fine_height,
        address_of(scratch),
    )


def _sides(pixels: NDArray) -> tuple[int, int]:
    """(height, width) of an array. Raises ValueError if it is empty."""
    if pixels.ndim < 2 or pixels.size == 0:
        raise ValueError(f"an array {pixels.shape} without pixels")
    return pixels.shape[0], pixels.shape[1]
