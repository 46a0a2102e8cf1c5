"""What a program says while it works: said where somebody listens, dropped where nobody does, and never what ends the work.

A terminal that is closed, a pipe whose reader has gone or sleeps, a full disk: print() would raise, or wait for ever. What
a command was asked for, such as a list of cameras, is printed; main() tells when that failed.
"""

import contextlib
import errno
import os
import select
import signal
import sys
from typing import TextIO

PATIENCE = 0.2  # seconds for a terminal or a pipe to take a line
# Of an OSError that comes from saying something: the reader has gone, the disk is full, the terminal has hung up, it is closed.
UNHEARD = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EAGAIN, errno.ENXIO)


def say(text: object, *, error: bool = False, end: str = "\n") -> None:
    """Say a line on standard output, or as an error. Waits for a moment at most; never raises for who does not listen."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # a program without a console
        return
    with contextlib.suppress(OSError, ValueError):
        handle = _handle(stream)
        if handle is None:
            print(text, file=stream, end=end, flush=True)
            return
        stream.flush()
        # Past the stream's own buffer: what could not be written stays in that, and would fail again at the program's end.
        rest = f"{text}{end}".encode(stream.encoding, stream.errors or "strict")
        while rest and _takes(handle):
            rest = rest[os.write(handle, rest[: select.PIPE_BUF]) :]


def is_terminal(*, error: bool = False) -> bool:
    """Whether what is said is read on a terminal, where a line can change."""
    stream = sys.stderr if error else sys.stdout
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def keep_streams_open() -> None:
    """Give the standard streams a place where they have none (`>&-`): else a camera or a video becomes standard output."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            if os.open(os.devnull, os.O_RDWR) == number and number > 0:
                setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def outlive_the_terminal() -> None:
    """Go on when the terminal is closed, as under nohup: a call may be using the virtual camera."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def hush() -> None:
    """Let what is still in the buffers of the standard streams go nowhere, so that it does not fail again."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            try:
                stream.flush()
            except OSError:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _handle(stream: TextIO) -> int | None:
    """The number of the stream's file, None where it is none, as under a test, or where its writing is not ours to do."""
    if sys.platform == "win32":  # its console takes no bytes in UTF-8, and select() no pipe
        return None
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _takes(handle: int) -> bool:
    """Whether a few kilobytes can be written without waiting long."""
    poll = select.poll()
    poll.register(handle, select.POLLOUT)
    return bool(poll.poll(1000 * PATIENCE))
