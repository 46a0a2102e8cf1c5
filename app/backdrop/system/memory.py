"""Memory that the C library keeps although it is free."""

import ctypes
import sys

M_ARENA_MAX = -8  # of glibc's malloc.h


def give_back() -> None:
    """Return freed memory to the system: tens of megabytes after startup. Takes a few milliseconds.

    glibc keeps it for each thread in case it is needed again; other C libraries return it by themselves.
    """
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_one_heap() -> None:
    """Let all threads allocate from one heap. Call it before they start.

    glibc gives each thread its own heap, up to eight per core, and no thread can use what another has freed. With
    changing cameras, sizes and outputs that costs 70 MB, growing for an hour. Our threads allocate rarely and in large
    blocks, so they do not block each other.
    """
    if not sys.platform.startswith("linux"):
        return
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(M_ARENA_MAX, 1)
