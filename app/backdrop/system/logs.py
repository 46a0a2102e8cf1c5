"""Logging: to the terminal with --verbose, and always the last lines in memory, for a crash report.

Arrays and bytes are logged as type and size, never content, so that no picture gets into a log.
"""

import logging
from collections import deque
from pathlib import PurePath
from typing import Any

from backdrop.system.say import say

LINES = 200  # kept in memory
LONGEST = 2000  # characters of one record; an error message may quote a whole file
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


class LastLines(logging.Handler):
    """Keeps the last records as text."""

    def __init__(self, lines: int = LINES) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter(FORMAT))
        self._kept: deque[str] = deque(maxlen=lines)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._kept.append(self.format(record)[:LONGEST])
        except Exception:
            self.handleError(record)

    def text(self) -> str:
        """The kept records, the newest last."""
        return "\n".join(list(self._kept))


class Terminal(logging.Handler):
    """Prints the records to standard error without blocking the thread that logs."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(self.format(record), error=True)
        except Exception:
            self.handleError(record)


class NoPictures(logging.Filter):
    """Replaces arrays by their shape and bytes by their length."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_described, record.args))
        elif record.args:
            record.args = {name: _described(value) for name, value in record.args.items()}
        if not isinstance(record.msg, str | Exception):
            record.msg = str(_described(record.msg))
        return True


def _described(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | PurePath | BaseException):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape:
        return f"<array {shape} {dtype}>"
    if isinstance(value, list | tuple | set | frozenset):
        return (
            f"<{type(value).__name__} of {len(value)}>"
            if len(value) > 16
            else type(value)(map(_described, value))
        )
    if isinstance(value, dict):
        return {name: _described(each) for name, each in value.items()}
    return value


def start_logging(verbose: bool) -> LastLines:
    """Set up logging for this process, once. Returns the handler that keeps the last lines."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    last = LastLines()
    handlers: list[logging.Handler] = [last]
    if verbose:
        terminal = Terminal()
        terminal.setFormatter(logging.Formatter(FORMAT))
        handlers.append(terminal)
    for handler in handlers:
        handler.addFilter(NoPictures())
        root.addHandler(handler)
    return last
