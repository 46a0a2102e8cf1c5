"""Memory that the C library keeps although nobody needs it."""

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system, tens of megabytes after starting; takes some milliseconds.

    glibc keeps it, thread by thread, in case as much is needed again; other C libraries return it by themselves.
    """
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
