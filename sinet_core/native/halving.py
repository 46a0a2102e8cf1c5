"""Half the size: halve.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, STEP, address_of, declared, rows

_halve = declared("halve", ARRAY, STEP, ARRAY, STEP, COUNT, COUNT, COUNT)


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of every four pixels. pixels: (H, W) or (H, W, 3) uint8, H and W even and not 0. Raises ValueError."""
    shape = pixels.shape
    if (
        len(shape) not in (2, 3)
        or shape[2:] not in ((), (3,))
        or min(shape) < 2
        or shape[0] % 2
        or shape[1] % 2
    ):
        raise ValueError(f"pixels {shape} that cannot be halved")
    small = np.empty((shape[0] // 2, shape[1] // 2, *shape[2:]), np.uint8)
    address, step = rows(pixels, np.uint8, shape)
    _halve(
        address,
        step,
        address_of(small),
        small.strides[0],
        small.shape[1],
        small.shape[0],
        3 if shape[2:] else 1,
    )
    return small
