"""A small plane at a larger size: enlarge.c."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows
from sinet_core.native.constants import LANES

LARGEST = 1 << 15  # pixels of a side

_enlarge = declared("enlarge", *(ARRAY, STEP, COUNT, COUNT) * 2, *(ARRAY,) * 6)


@dataclass(frozen=True, slots=True)
class Places:
    """Where so many pixels lie among fewer: what enlarge.h calls Places, with LANES more shares at the end.

    addresses: of before, share and starts, in this order; to ask for them takes longer than to enlarge a small row.
    """

    before: NDArray[np.int32]
    share: NDArray[np.int16]
    starts: NDArray[np.int32]
    addresses: tuple[int, int, int]


@lru_cache(maxsize=16)
def places(small: int, large: int) -> Places:
    """For a side of so many pixels that becomes one of so many. Raises ValueError."""
    if not 0 < small <= large <= LARGEST:
        raise ValueError(f"{small} pixels cannot be enlarged to {large}")
    where = (np.arange(large) + 0.5) * (small / large) - 0.5
    before = np.floor(where)
    share = np.zeros(large + LANES, np.int16)
    share[:large] = np.minimum(np.rint((where - before) * 32768), 32767)
    starts = np.searchsorted(before, np.arange(-1, small + 1)).astype(np.int32)
    before = before.astype(np.int32)
    return Places(before, share, starts, (address_of(before), address_of(share), address_of(starts)))


def enlarge(small: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
    """Fill into, (H, W) uint8, with small, (h, w) uint8 and no larger, bilinearly. Raises ValueError."""
    address, step = rows(small, np.uint8, small.shape[:2])
    target, target_step = rows(into, np.uint8, into.shape[:2], written=True)
    (small_height, small_width), (height, width) = small.shape, into.shape
    across, down = places(small_width, width), places(small_height, height)
    between = np.empty(3 * (width + LANES), np.int16)
    _enlarge(
        *(address, step, small_width, small_height, target, target_step, width, height),
        *(*across.addresses, *down.addresses[:2], address_of(between)),
    )
