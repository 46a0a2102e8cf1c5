"""Folders of its own for a program that a test starts: it finds nothing of the person's, and leaves nothing there."""

import os
import tempfile
from pathlib import Path

NAMES = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


def own_folders(root: Path) -> dict[str, str]:
    """Make them below root; for the environment of the program."""
    for name in NAMES:
        (root / name).mkdir(mode=0o700)
    return {name: str(root / name) for name in NAMES} | {"XDG_RUNTIME_DIR": runtime_folder()}


def runtime_folder() -> str:
    """A folder for sockets: pytest's own are too long for an address, and Backdrop would then take one that all share."""
    return tempfile.mkdtemp(prefix="run-", dir=os.environ["XDG_RUNTIME_DIR"])
