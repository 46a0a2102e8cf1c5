"""Loops for training on a CPU, in C: the layers of SINet forwards and backwards, for float32 arrays on whole batches.

Torch's own take two to four times as long for a network of this shape: many channels of few pixels each, depthwise kernels, and
a normalisation behind every one. The library is compiled for the very processor that it runs on, when it is first asked for.
quick.py puts these functions behind the network's layers; nothing else calls them.
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
        raise CompilerError("The training's loops are made for x86-64.")
    path = FOLDER / f"_{sources(FOLDER)}.so"
    if not path.exists():
        compile_native(path, FLAGS, FOLDER)
    return ctypes.CDLL(str(path))


def use_threads(count: int) -> None:
    """How many threads the functions share their work over, from now on. Their answers do not depend on it."""
    library().use_threads(ctypes.c_int(count))


def call(name: str, *given: Tensor | int | None) -> None:
    """Call a function of the library: a float32 tensor without gaps is its address, None is none, a number is ptrdiff_t.

    Raises ValueError for a tensor of another kind, whose memory C would read wrongly.
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
