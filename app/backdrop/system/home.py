"""The person's own folder, and files in it, where either may be missing or strange."""

import errno
import os
import stat
from pathlib import Path


def home() -> Path:
    """The home folder. One that does not exist for a user who has none, as in a container: nothing is read or kept there."""
    try:
        return Path.home()
    except RuntimeError:  # neither $HOME nor an entry in the list of users
        return Path("/proc/nonexistent")  # where not even root can make a folder


def read_regular(path: Path, most: int) -> bytes:
    """The first bytes of a file, so many at the most. Raises OSError, also for what is no file: a pipe would be waited for."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with os.fdopen(handle, "rb") as file:
        return file.read(most)
