"""Compiled loops, for what would take OpenCV and NumPy several passes over a frame.

Each function does the same as a Python function, which runs if the compiled library is missing. The Python function chooses,
always in this way:

    if native.takes(frame, alpha):
        return compositing.composite(...)

The modules here check every array before C sees its address, and raise ValueError for a wrong one.
The environment variable BACKDROP_NATIVE is "off" to do without the library, or the path of another library.
"""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sinet_core.native.build import BUILT, sources

# Types of arguments: an array as its address, or its address and the bytes per row; integers and floats.
ARRAY, STEP, COUNT, REAL = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_float


def _load() -> tuple[ctypes.CDLL | None, str]:
    """Return the library, or None and why: "off", "missing", "old" or the system's message."""
    asked = os.environ.get("BACKDROP_NATIVE", "")
    if asked == "off":
        return None, "off"
    path = Path(asked) if asked else BUILT
    if not path.is_file():
        return None, "missing"
    try:
        loaded = ctypes.CDLL(str(path))
        loaded.sources.restype = loaded.version.restype = ctypes.c_char_p
        made_of = loaded.sources().decode()
        current = sources()
    except (OSError, AttributeError) as error:  # for another processor, or another library
        return None, str(error)
    if not asked and current and made_of != current:
        return None, "old"  # its functions may have other arguments
    return loaded, ""


library, why_not = _load()


def version() -> str:
    """Which of the versions of its functions the library runs here: x86-64-v4 has AVX-512, x86-64-v3 AVX2. "" without it."""
    return library.version().decode() if library else ""


def declared(name: str, *takes: Any) -> Callable[..., None]:
    """Return a function of the library with these argument types. Without a library, calling it raises ValueError."""
    if library is None:
        return _missing
    function: Callable[..., None] = getattr(library, name)
    function.argtypes, function.restype = takes, None  # type: ignore[attr-defined]
    return function


def _missing(*_: object) -> None:
    raise ValueError("The compiled library is missing.")


def takes(*arrays: NDArray, gaps: bool = True, even: bool = False) -> bool:
    """Whether the library is there and takes these arrays.

    gaps: whether there may be gaps between rows, as in a crop of a frame. even: whether the first array's sides must be even.
    """
    if library is None or (even and (arrays[0].shape[0] % 2 or arrays[0].shape[1] % 2)):
        return False
    return lie_in_rows(*arrays) if gaps else all(array.flags.c_contiguous for array in arrays)


def lie_in_rows(*arrays: NDArray) -> bool:
    """Whether each row is contiguous and the rows follow one another, with or without gaps, as in a crop of a frame."""
    for array in arrays:
        if array.flags.c_contiguous:
            continue
        step = array.itemsize
        for length, stride in zip(array.shape[:0:-1], array.strides[:0:-1], strict=True):
            if stride != step:
                return False
            step *= length
        if array.strides[0] < step:
            return False
    return True


def rows(array: NDArray, dtype: DTypeLike, shape: tuple[int, ...], written: bool = False) -> tuple[int, int]:
    """Return the address of an array and the bytes per row. Raises ValueError if its type, shape or layout is wrong."""
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"an array {array.shape} of {array.dtype}, where {shape} of {np.dtype(dtype)} is needed"
        )
    if not lie_in_rows(array):
        raise ValueError(f"an array {array.shape} whose rows do not lie one after another")
    if written and not array.flags.writeable:
        raise ValueError("an array that cannot be written to")
    return address_of(array), array.strides[0]


def address_of(array: NDArray) -> int:
    """Return an array's address, in the faster way if possible: there are fifty calls per frame."""
    flags = array.flags
    if flags.writeable and flags.c_contiguous and array.size:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return array.ctypes.data


def whole(array: NDArray, dtype: DTypeLike, shape: tuple[int, ...], written: bool = False) -> int:
    """Return the address of an array without gaps. Raises ValueError as rows() does, and if there are gaps."""
    address, _ = rows(array, dtype, shape, written)
    if not array.flags.c_contiguous:
        raise ValueError(f"an array {array.shape} with gaps")
    return address
