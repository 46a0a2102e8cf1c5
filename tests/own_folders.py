"""Folders of its own for a program that a test starts: it finds nothing of the person's, and leaves nothing there."""

from pathlib import Path

NAMES = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")


def own_folders(root: Path) -> dict[str, str]:
    """Make them below root; for the environment of the program."""
    for name in NAMES:
        (root / name).mkdir(mode=0o700)
    return {name: str(root / name) for name in NAMES}
