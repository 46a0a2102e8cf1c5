"""How the process ends: whenever a signal asks for it, and without libraries being torn down under threads."""

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

PATIENCE = 1.0  # seconds that threads get to end what they are at, such as writing a file


def heed_signals() -> None:
    """From now on SIGTERM ends the program with 0, and Ctrl-C with 130, wherever it has got to in its start.

    For the main thread. A signal that was ignored before, as by a shell for what runs in the background, stays so.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


def heed_no_longer() -> None:
    """Signals do again what they do to any program: for commands that have nothing to close."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) is _end:
            signal.signal(number, usual)


def _end(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    # Not by an exception: libraries that are just being loaded lose it, or take it for their own failure.
    end_at_once(130 if number == signal.SIGINT else 0)


def run(main: Callable[[], int]) -> NoReturn:
    """Call main, which returns the exit status, and end the process with that."""
    try:
        status = main()
    except SystemExit as error:
        if isinstance(error.code, str):  # Python says it otherwise, with the status 1
            say(error.code, error=True)
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    leave(status)


def leave(status: int, patience: float = PATIENCE) -> NoReturn:
    """End the process, once everything that must be closed is closed.

    A thread that is inside a library when Python takes itself down aborts the process: OpenCV that reads a picture, a
    camera that does not answer. Threads that have not ended after patience seconds are left as they are, and the process
    ends without taking anything down.
    """
    _ignore_signals()
    until = time.monotonic() + patience
    others = [each for each in threading.enumerate() if each is not threading.current_thread()]
    for each in others:
        each.join(max(0.0, until - time.monotonic()))
    held_up = [each.name for each in others if each.is_alive()]
    if held_up:
        log.info("Left behind: %s", ", ".join(held_up))
        end_at_once(status)
    sys.exit(status)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends already


def end_at_once(status: int) -> NoReturn:
    """Close what asked to be closed at the end, and be gone."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)
