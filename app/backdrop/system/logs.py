"""What is logged, and where to: the terminal with --verbose, and the last lines always in memory, for a crash report.

No picture gets into a log: what is no text, number or path is logged as what it is, not as what is in it.
"""

import logging
from collections import deque
from pathlib import PurePath
from typing import Any

from backdrop.system.say import say

LINES = 200  # that are kept
LONGEST = 2000  # characters of one record; an error may quote half a file
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
        """The records that are kept, the newest last."""
        return "\n".join(list(self._kept))


class Terminal(logging.Handler):
    """Says the records as errors, and holds nobody up who logs."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(self.format(record), error=True)
        except Exception:
            self.handleError(record)


class NoPictures(logging.Filter):
    """Puts the shape of an array, and the length of bytes, in the place of what is in them."""

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
    """Set up the log of this process, once. Returns the last lines, which are kept in any case."""
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
