"""Filtering alphas over time: temporal_filter.c and components.c."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from sinet_core.native import ARRAY, COUNT, REAL, address_of, declared, whole

Plane = NDArray[np.float32]

_find_static = declared("find_static", *(ARRAY,) * 3, REAL, COUNT, COUNT, ARRAY)
_blend = declared("blend_over_time", *(ARRAY,) * 3, REAL, REAL, *(ARRAY,) * 4, COUNT)
_find_unconfirmed = declared("find_unconfirmed", *(ARRAY,) * 5, ctypes.c_double, COUNT, COUNT, ARRAY)


def static_mask(grey: Plane, before: Plane, light: float) -> Plane:
    """1 where the frame is static, 0 where it moves. light: factor of the thresholds, DIM to 1.

    All planes (h, w) float32 without gaps. Raises ValueError for any others.
    """
    shape = _shape(grey)
    height, width = shape
    still = np.empty(shape, np.float32)
    scratch = np.empty((2 * height + 1) * width, np.float32)
    _find_static(
        whole(grey, np.float32, shape),
        whole(before, np.float32, shape),
        address_of(still),
        light,
        width,
        height,
        address_of(scratch),
    )
    return still


def blended(
    alpha: Plane, before: Plane, still: Plane, keep: float, keep_still: float, grey: Plane, grey_before: Plane
) -> tuple[Plane, Plane]:
    """Blend an alpha and its frame's grey with the previous ones. Returns both.

    All planes (h, w) float32 without gaps. Raises ValueError for any others.
    """
    shape = _shape(alpha)
    answer, grey_answer = np.empty(shape, np.float32), np.empty(shape, np.float32)
    _blend(
        whole(alpha, np.float32, shape),
        whole(before, np.float32, shape),
        whole(still, np.float32, shape),
        keep,
        keep_still,
        whole(grey, np.float32, shape),
        whole(grey_before, np.float32, shape),
        address_of(answer),
        address_of(grey_answer),
        alpha.size,
    )
    return answer, grey_answer


def unconfirmed(alpha: Plane, still: Plane, ages: Plane, seconds: float) -> tuple[Plane | None, Plane | None]:
    """Where components of an alpha are unconfirmed, and where holes are: (h / 2, w / 2) each, 0 or 1; None if nowhere.

    alpha, still: (h, w) float32 without gaps, h and w even. ages: (2, h / 2, w / 2) float32, of person and background; updated
    in place. seconds: since the last call. Raises ValueError for any other arrays.
    """
    height, width = shape = _shape(alpha)
    if height % 2 or width % 2:
        raise ValueError(f"an array {shape} that cannot be halved")
    grid = (2, height // 2, width // 2)
    answers, any_of = np.empty(grid, np.float32), np.empty(2, np.int32)
    scratch = np.empty((6 * grid[2] + 10) * grid[1], np.float64)
    _find_unconfirmed(
        whole(alpha, np.float32, shape),
        whole(still, np.float32, shape),
        whole(ages, np.float32, grid, written=True),
        address_of(answers),
        address_of(any_of),
        seconds,
        grid[2],
        grid[1],
        address_of(scratch),
    )
    islands, holes = any_of.tolist()
    return answers[0] if islands else None, answers[1] if holes else None


def _shape(plane: Plane) -> tuple[int, int]:
    if plane.ndim != 2 or plane.size == 0:
        raise ValueError(f"an array {plane.shape} that is no plane")
    return plane.shape[0], plane.shape[1]
