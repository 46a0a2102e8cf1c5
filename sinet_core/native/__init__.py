"""The part that is compiled: loops that OpenCV and NumPy can only make in several passes over a frame.

Each of its functions does what a Python function beside it does, which is what runs where this part is missing. Those
functions alone decide which is taken, all in one way:

    if native.takes(frame, alpha):
        return compositing.composite(...)

A module here wraps each subject and checks every array before C sees its address: a wrong one is a ValueError.
`BACKDROP_NATIVE=off` in the environment does without the compiled part; with a path there, that library is taken.
"""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sinet_core.native.build import BUILT, sources

# What the functions take: an array as its address, or its address and the bytes from row to row; whole and real numbers.
ARRAY, STEP, COUNT, REAL = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_float


def _load() -> tuple[ctypes.CDLL | None, str]:
    """The library, and where there is none, why: "off", "missing", "old" or what the system says."""
    asked = os.environ.get("BACKDROP_NATIVE", "")
    if asked == "off":
        return None, "off"
    path = Path(asked) if asked else BUILT
    if not path.is_file():
        return None, "missing"
    try:
        loaded = ctypes.CDLL(str(path))
        loaded.sources.restype = ctypes.c_char_p
        made_of = loaded.sources().decode()
        current = sources()
    except (OSError, AttributeError) as error:  # for another processor; not ours
        return None, str(error)
    if not asked and current and made_of != current:
        return None, "old"  # its functions may take other things than those that are called here
    return loaded, ""


library, why_not = _load()


def declared(name: str, *takes: Any) -> Callable[..., None]:
    """A function of the library, which takes these and returns nothing. Where there is no library, calling it is an error."""
    if library is None:
        return _missing
    function: Callable[..., None] = getattr(library, name)
    function.argtypes, function.restype = takes, None  # type: ignore[attr-defined]
    return function


def _missing(*_: object) -> None:
    raise ValueError("The compiled part is not there.")


def takes(*arrays: NDArray, gaps: bool = True, even: bool = False) -> bool:
    """Whether the compiled part is there and takes these arrays.

    gaps: there may be some between rows, as in a part that was cut out of a frame. even: the first one's sides must be.
    """
    if library is None or (even and (arrays[0].shape[0] % 2 or arrays[0].shape[1] % 2)):
        return False
    return lie_in_rows(*arrays) if gaps else all(array.flags.c_contiguous for array in arrays)


def lie_in_rows(*arrays: NDArray) -> bool:
    """Whether what each row holds lies side by side, and the rows one after another, with any gap: a cut out of a frame does."""
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
    """The address of an array and the bytes from row to row. Raises ValueError where it is not as stated."""
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
    """Where an array begins. There are fifty of them a frame, so the faster way is taken where there is one."""
    flags = array.flags
    if flags.writeable and flags.c_contiguous and array.size:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return array.ctypes.data


def whole(array: NDArray, dtype: DTypeLike, shape: tuple[int, ...], written: bool = False) -> int:
    """The address of an array without gaps. Raises ValueError as rows() does, and where it has gaps."""
    address, _ = rows(array, dtype, shape, written)
    if not array.flags.c_contiguous:
        raise ValueError(f"an array {array.shape} with gaps")
    return address
