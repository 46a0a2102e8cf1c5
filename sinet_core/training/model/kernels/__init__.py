"""Loops in C for training on a CPU: SINet's layers, forward and backward, for float32 arrays of whole batches.

Torch takes two to four times as long for this kind of network: many channels of few pixels each, depthwise kernels, and a
normalisation after each of them. The library is compiled for the current processor when it is first needed.
cpu_kernels.py puts these functions behind the network's layers; nothing else calls them.
"""

import ctypes
import platform
from functools import cache
from pathlib import Path

from torch import Tensor

from sinet_core.native.build import CompilerError, compile_native, sources

FOLDER = Path(__file__).parent
FLAGS = ("-march=native", "-fopenmp", "-ffp-contract=fast", "-mprefer-vector-width=512")


@cache
def library() -> ctypes.CDLL:
    """The compiled functions. Raises CompilerError, whose text says why, where there is no compiler for them."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        raise CompilerError("The loops for training need x86-64.")
    path = FOLDER / f"_{sources(FOLDER)}.so"
    if not path.exists():
        compile_native(path, FLAGS, FOLDER)
    return ctypes.CDLL(str(path))


def use_threads(count: int) -> None:
    """Set the number of threads. Results do not depend on it."""
    library().use_threads(ctypes.c_int(count))


def call(name: str, *given: Tensor | int | None) -> None:
    """Call a function of the library. Tensors, contiguous float32, are passed as addresses, None as NULL, numbers as ptrdiff_t.

    Raises ValueError for any other tensor.
    """
    passed: list[ctypes.c_void_p | ctypes.c_ssize_t | None] = []
    for value in given:
        if isinstance(value, Tensor):
            if value.dtype.itemsize != 4 or not value.dtype.is_floating_point or not value.is_contiguous():
                raise ValueError(f"{name} takes float32 without gaps, not {value.dtype}, {value.stride()}")
            passed.append(ctypes.c_void_p(value.data_ptr()))
        else:
            passed.append(None if value is None else ctypes.c_ssize_t(value))
    getattr(library(), name)(*passed)
