"""The claim to be the Backdrop that commands reach: one process has it, until it ends, however it ends."""

import os
import socket
import sys
from pathlib import Path

from backdrop.control.place import ControlError, address, folder, name_of
from backdrop.language import _

MOST_WAITING = 64  # connections that the system keeps until they are accepted


class Instance:
    """What claim() gives: the lock, and the socket that listens. Callers wait in it until somebody answers.

    The lock goes with the process, so that one that was killed leaves a socket that the next takes over.
    """

    def __init__(self, name: str, lock: int, listener: "socket.socket | None", path: Path | None) -> None:
        self.name = name
        self.listener = listener  # None on Windows, where a pipe takes its place
        self._lock: int | None = lock
        self._path = path

    def close(self) -> None:
        """Remove the socket, then give up the lock. Harmless the second time."""
        if self._lock is None:
            return
        if self.listener is not None:
            self.listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        os.close(self._lock)  # the lock last: who takes it finds no socket that is about to go
        self._lock = None


def claim(instance: str = "") -> Instance | None:
    """Become the Backdrop of this name; None where another process is. Of several at one moment, one does.

    Raises ControlError where there is no place for a socket.
    """
    name = name_of(instance)
    lock = _lock(folder() / f"{name}.lock")
    if lock is None:
        return None
    if sys.platform == "win32":
        return Instance(instance, lock, None, None)
    path = Path(address(instance))
    listener = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)  # left by one that was killed; nobody else has the lock
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(MOST_WAITING)
    except OSError as error:
        listener.close()
        os.close(lock)
        raise ControlError(
            _(
                "Commands cannot reach Backdrop: {place} cannot be made ({why}).",
                place=path,
                why=error.strerror,
            )
        ) from error
    return Instance(instance, lock, listener, path)


def _lock(path: Path) -> int | None:
    """A handle that holds the lock, or None where another process does. Raises ControlError."""
    handle = -1
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        if handle >= 0:
            os.close(handle)
            return None
        raise _no_lock(path, error) from error
    except OSError as error:
        if handle >= 0:
            os.close(handle)
        raise _no_lock(path, error) from error
    return handle


def _no_lock(path: Path, error: OSError) -> ControlError:
    return ControlError(
        _("Commands cannot reach Backdrop: {place} cannot be locked ({why}).", place=path, why=error.strerror)
    )
