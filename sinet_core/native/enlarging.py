"""Bilinear enlarging of a plane: enlarge.c."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows
from sinet_core.native.constants import LANES

LARGEST = 1 << 15  # pixels: the longest side

_enlarge = declared("enlarge", *(ARRAY, STEP, COUNT, COUNT) * 2, *(ARRAY,) * 6)


@dataclass(frozen=True, slots=True)
class Places:
    """The positions of large pixels among small ones: enlarge.h's Places, with LANES more weights at the end.

    addresses: of before, weight and starts, in this order. They are kept, as asking for them takes longer than enlarging a row.
    """

    before: NDArray[np.int32]
    weight: NDArray[np.int16]
    starts: NDArray[np.int32]
    addresses: tuple[int, int, int]


@lru_cache(maxsize=16)
def places(small: int, large: int) -> Places:
    """Return the positions for a side of `small` pixels that becomes `large`. Raises ValueError if that is not larger."""
    if not 0 < small <= large <= LARGEST:
        raise ValueError(f"{small} pixels cannot be enlarged to {large}")
    where = (np.arange(large) + 0.5) * (small / large) - 0.5
    before = np.floor(where)
    weight = np.zeros(large + LANES, np.int16)
    weight[:large] = np.minimum(np.rint((where - before) * 32768), 32767)
    starts = np.searchsorted(before, np.arange(-1, small + 1)).astype(np.int32)
    before = before.astype(np.int32)
    return Places(before, weight, starts, (address_of(before), address_of(weight), address_of(starts)))


def enlarge(small: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
    """Enlarge `small`, (h, w) uint8, bilinearly into `into`, (H, W) uint8. Raises ValueError for wrong arrays."""
    address, step = rows(small, np.uint8, small.shape[:2])
    target, target_step = rows(into, np.uint8, into.shape[:2], written=True)
    (small_height, small_width), (height, width) = small.shape, into.shape
    across, down = places(small_width, width), places(small_height, height)
    between = np.empty(3 * (width + LANES), np.int16)
    _enlarge(
        *(address, step, small_width, small_height, target, target_step, width, height),
        *(*across.addresses, *down.addresses[:2], address_of(between)),
    )
