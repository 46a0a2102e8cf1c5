"""The people in an alpha: people.c."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, address_of, declared, whole

_find_people = declared("find_people", *(ARRAY,) * 3, COUNT, COUNT, ARRAY)


def people(alpha: NDArray[np.float32]) -> list[tuple[int, ...]]:
    """Of each, left, top, right and bottom in pixels of the alpha, and the first column of theirs in the top row.

    alpha: (h, w) float32 without gaps, h and w not 0. Raises ValueError for any other array.
    """
    if alpha.ndim != 2 or alpha.size == 0:
        raise ValueError(f"an array {alpha.shape} that is no alpha")
    height, width = alpha.shape
    told = np.empty(((width + 1) // 2 * ((height + 1) // 2), 5), np.int32)
    count = np.empty(1, np.int32)
    scratch = np.empty((5 * width + 9) * height, np.intp)
    _find_people(
        whole(alpha, np.float32, (height, width)),
        address_of(told),
        address_of(count),
        width,
        height,
        address_of(scratch),
    )
    return [tuple(person) for person in told[: count[0]].tolist()]
