"""The claim to be the Backdrop that commands reach. One process has it until it ends, however it ends."""

import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Listener
from pathlib import Path
from typing import IO

from backdrop.control.place import address, folder, name_of, unusable

MAX_WAITING = 64  # connections that the system holds until they are accepted


@dataclass(frozen=True, slots=True)
class Instance:
    """The lock, and the listening socket in which callers wait until a Server answers.

    The system releases the lock with the process, so the next process takes over the socket of one that was killed.
    """

    listener: Listener
    _lock: IO[str]

    def close(self) -> None:
        """Remove the socket, then release the lock. Harmless the second time."""
        if not self._lock.closed:
            with suppress(OSError):
                self.listener.close()
            self._lock.close()  # last, so that the next owner does not find a socket that is about to be removed


def claim(instance: str = "") -> Instance | None:
    """Become the Backdrop of this name; None if another process is. If several start at once, exactly one succeeds.

    Raises ControlError if the name is not allowed or the socket cannot be created.
    """
    place = folder() / f"{name_of(instance)}.lock"
    try:
        with ExitStack() as on_failure:
            lock = on_failure.enter_context(place.open("a"))
            if not _locked(lock):
                return None
            if sys.platform != "win32":
                Path(address(instance)).unlink(missing_ok=True)  # left by a process that was killed
            listener = Listener(address(instance), backlog=MAX_WAITING)
            if sys.platform != "win32":
                Path(address(instance)).chmod(0o600)
            on_failure.pop_all()
            return Instance(listener, lock)
    except OSError as error:
        raise unusable(place, error) from error


def _locked(lock: IO[str]) -> bool:
    """Lock a file. Returns False if another process holds its lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
