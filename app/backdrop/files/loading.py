"""Threads that read pictures and videos, and a clean end of the program while they run.

They are daemon threads: a network folder that never answers must not keep the program alive. But a thread inside a C++ library
while Python shuts down aborts the process. So the program waits for these threads at its end, up to a deadline, and otherwise
leaves by os._exit().
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
    """Do work once, on a new thread. After wait_for_all(), do nothing."""
    thread = threading.Thread(target=lambda: None if _ending.is_set() else work(), name=name, daemon=True)
    _running.add(thread)
    thread.start()
    return thread


def ending() -> bool:
    """Whether the program is about to end, so that threads should stop early."""
    return _ending.is_set()


def wait_for_all(deadline: float) -> bool:
    """Wait for all threads at the end of the program. Returns whether they ended within deadline seconds."""
    _ending.set()
    until = time.monotonic() + deadline
    for thread in list(_running):
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in list(_running))


atexit.register(lambda: wait_for_all(AT_EXIT))
