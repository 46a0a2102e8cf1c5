"""Memory that the C library keeps although nobody needs it."""

import ctypes
import sys

M_ARENA_MAX = -8  # of glibc's malloc.h


def give_back() -> None:
    """Return freed memory to the system, tens of megabytes after starting; takes some milliseconds.

    glibc keeps it, thread by thread, in case as much is needed again; other C libraries return it by themselves.
    """
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_one_heap() -> None:
    """Let all threads take memory from one heap; to be called before they are started.

    glibc gives each thread a heap of its own, up to eight a core, and what one has freed no other can use: with cameras,
    sizes and outputs changing that is seventy megabytes more, and it grows for an hour. Threads that take so little, so
    large and so seldom as ours do not wait for one another.
    """
    if not sys.platform.startswith("linux"):
        return
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(M_ARENA_MAX, 1)
