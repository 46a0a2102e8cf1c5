"""Despill and light wrap at a composite's edges: finish.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows, whole
from sinet_core.native.constants import FRACTION, LANES
from sinet_core.native.enlarging import places

# The factor from a change of a pixel's value to finish.c's integers: they have FRACTION bits of fraction, and are multiplied by
# 2 · 255 · 255 · alpha · (1 − alpha) / 2 ** 15.
CHANGE = 2.0**FRACTION * 2**15 / (2 * 255 * 255)

_finish = declared(
    "finish_plane",
    *(ARRAY, STEP) * 2,
    COUNT,
    COUNT,
    ARRAY,
    *(COUNT,) * 2,
    ARRAY,
    *(COUNT,) * 3,
    *(ARRAY,) * 6,
)


def despill_and_light_wrap(
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    change: NDArray[np.int16] | None,
    light: NDArray[np.uint8] | None,
    nothing: int,
) -> None:
    """Add alpha · (1 − alpha) · change, and light, to a plane, in place. Both sums are clipped to 0 … 255.

    pixels, alpha: (H, W) uint8. change: (H / n, W / n) int16 for any integer n, in units of 1 / CHANGE. light: (h, w) uint8, not
    larger than pixels, enlarged bilinearly; the value `nothing` in it stands for 0. Raises ValueError for wrong arrays.
    """
    height, width = alpha.shape
    cell = 1 if change is None else height // max(1, change.shape[0])
    target, coverage = (
        rows(pixels, np.uint8, (height, width), written=True),
        rows(alpha, np.uint8, (height, width)),
    )
    changes = lights = None
    light_height, light_width = (1, 1) if light is None else light.shape
    if change is not None:
        if cell < 1:
            raise ValueError(f"a change {change.shape} for {height} rows")
        changes = whole(change, np.int16, (height // cell, width // cell))
        if height % cell or width % cell:
            raise ValueError(f"{width} × {height} pixels in squares of {cell}")
    if light is not None:
        lights = whole(light, np.uint8, (light_height, light_width))
    across, down = places(light_width, width), places(light_height, height)
    between = np.empty(5 * (width + LANES), np.int16)
    _finish(
        *(*target, *coverage, width, height, changes, width // cell, cell),
        *(lights, light_width, light_height, nothing),
        *(*across.addresses, *down.addresses[:2], address_of(between)),
    )
