"""Messages while the program works: printed if somebody can read them, else dropped, without disturbing the work.

With a closed terminal, a pipe whose reader has gone or hangs, or a full disk, print() would raise or block for ever. The
result of a command, such as a list of cameras, is printed with print(), and main() reports if that fails.
"""

import contextlib
import errno
import os
import select
import signal
import sys
from typing import TextIO

PATIENCE = 0.2  # seconds for a terminal or a pipe to take a line
# Errors of a write: the reader has gone, the disk is full, the terminal has hung up, the stream is closed.
UNHEARD = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EAGAIN, errno.ENXIO)


def say(text: object, *, error: bool = False, end: str = "\n") -> None:
    """Print a line to standard output, or standard error. Waits only a moment; never raises if nobody can read it."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # a program without a console
        return
    with contextlib.suppress(OSError, ValueError):
        handle = _handle(stream)
        if handle is None:
            print(text, file=stream, end=end, flush=True)
            return
        stream.flush()
        # Past the stream's buffer: what cannot be written would stay in there and fail again at the end of the program.
        rest = f"{text}{end}".encode(stream.encoding, stream.errors or "strict")
        while rest and _takes(handle):
            rest = rest[os.write(handle, rest[: select.PIPE_BUF]) :]


def is_terminal(*, error: bool = False) -> bool:
    """Whether the stream is a terminal, where a line can be overwritten."""
    stream = sys.stderr if error else sys.stdout
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def keep_streams_open() -> None:
    """Open closed standard streams (`>&-`) to nowhere; else a camera or video file would get their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            if os.open(os.devnull, os.O_RDWR) == number and number > 0:
                setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def outlive_the_terminal() -> None:
    """Keep running when the terminal is closed, as under nohup: a call may be using the virtual camera."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def hush() -> None:
    """Discard what is left in the buffers of the standard streams, so that writing it does not fail again."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            try:
                stream.flush()
            except OSError:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _handle(stream: TextIO) -> int | None:
    """The file number of a stream; None if it has none, as in a test, or if we should not write to it directly."""
    if sys.platform == "win32":  # its console does not take UTF-8, and select() does not take pipes
        return None
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _takes(handle: int) -> bool:
    """Whether a few kilobytes can be written soon."""
    poll = select.poll()
    poll.register(handle, select.POLLOUT)
    return bool(poll.poll(1000 * PATIENCE))
