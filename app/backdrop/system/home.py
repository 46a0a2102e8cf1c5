"""The home folder, and reading files that may be missing or may not be regular files."""

import errno
import os
import stat
from pathlib import Path


def home() -> Path:
    """The home folder. For a user without one, as in a container, a path that does not exist and cannot be created."""
    try:
        return Path.home()
    except RuntimeError:  # neither $HOME nor an entry in the user database
        return Path("/proc/nonexistent")  # not even root can create a folder there


def read_regular(path: Path, most: int) -> bytes:
    """The first bytes of a file, at most this many. Raises OSError, also if it is not a regular file: a pipe could block."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with os.fdopen(handle, "rb") as file:
        return file.read(most)
