"""How the process ends: at any signal, and without destroying libraries that threads still use."""

import atexit
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from backdrop.system.say import say

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds for threads to finish, for example writing a file
LOOK = 0.01  # seconds between checks whether they have ended


def handle_signals() -> None:
    """From now on SIGTERM ends the program with status 0, and Ctrl-C with 130, at any point of its start.

    Call it on the main thread. A signal that is already ignored, as by a shell for background jobs, stays ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


def restore_signals() -> None:
    """Restore the default handling of signals, for commands that have nothing to close."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) is _end:
            signal.signal(number, usual)


def _end(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    # Not by an exception: a library that is just being imported may swallow it, or treat it as its own failure.
    end_at_once(130 if number == signal.SIGINT else 0)


def run(main: Callable[[], int]) -> NoReturn:
    """Call main, which returns the exit status, and end the process with it."""
    try:
        status = main()
    except SystemExit as error:
        if isinstance(error.code, str):  # Python would print it and use status 1
            say(error.code, error=True)
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    leave(status)


def leave(status: int, patience: float = PATIENCE) -> NoReturn:
    """End the process after closing everything that must be closed.

    If a thread is inside a library while Python shuts down, for example OpenCV reading a picture or a camera that does not
    answer, the process aborts; libraries have threads of their own, which Python does not know. So threads get patience
    seconds to end, and then the process exits without shutting Python down.
    """
    _ignore_signals()
    until = time.monotonic() + patience
    # Asked for again and again: one that ends may have started another.
    while (others := _others()) and time.monotonic() < until:
        time.sleep(LOOK)
    if others:
        log.info("Threads that did not end: %s", ", ".join(each.name for each in others))
    end_at_once(status)


def _others() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each is not threading.current_thread()]


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it is already ending


def end_at_once(status: int) -> NoReturn:
    """Run the exit handlers and end the process at once."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)
