"""Threads that read pictures and videos, and how a program ends with none of them in the middle of that.

They are daemons: a network folder that never answers must not keep a program alive. But a thread that is inside a C++ library
while Python is taken down aborts the process, so who ends it waits for them, at most so long, and else leaves by os._exit().
"""

import atexit
import threading
import time
import weakref
from collections.abc import Callable

_running: "weakref.WeakSet[threading.Thread]" = weakref.WeakSet()
_ending = threading.Event()
AT_EXIT = 3.0  # seconds


def start(name: str, work: Callable[[], None]) -> threading.Thread:
    """Do work on a thread of its own, once; not at all after wait_for_all()."""
    thread = threading.Thread(target=lambda: None if _ending.is_set() else work(), name=name, daemon=True)
    _running.add(thread)
    thread.start()
    return thread


def ending() -> bool:
    """Whether the program is about to end, so that what can be left should be."""
    return _ending.is_set()


def wait_for_all(deadline: float) -> bool:
    """Wait, at the end of a program, until none of the threads runs. Returns whether that was so within deadline seconds."""
    _ending.set()
    until = time.monotonic() + deadline
    for thread in list(_running):
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in list(_running))


atexit.register(lambda: wait_for_all(AT_EXIT))
