"""Where a running Backdrop is reached: a folder that only this user can enter."""

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from backdrop.language import _

LONGEST_PATH = 100  # bytes; a socket's address takes 104 on macOS and 108 on Linux, with a 0 at the end
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class ControlError(Exception):
    """The running Backdrop cannot be reached, or refuses. str() is one sentence for a person.

    status: what a command ends with, 1 where Backdrop cannot do it, 2 where it was not asked for rightly.
    """

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def folder() -> Path:
    """The folder for sockets and locks, made when it is missing: mode 0700, ours, and no link.

    $XDG_RUNTIME_DIR/backdrop where that is this user's alone; else /run/user/UID/backdrop; else backdrop-UID among the
    temporary files. Raises ControlError where a folder of that name belongs to somebody else.
    """
    if sys.platform == "win32":
        place = Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "Backdrop"  # the user's own
        place.mkdir(parents=True, exist_ok=True)
        return place
    user = os.getuid()
    place = Path(tempfile.gettempdir()) / f"backdrop-{user}"
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{user}"):
        if parent and _is_private(Path(parent)) and _is_short(Path(parent, "backdrop")):
            place = Path(parent, "backdrop")
            break
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        about = place.lstat()
    except OSError as error:
        raise ControlError(
            _(
                "Commands cannot reach Backdrop: {place} cannot be made ({why}).",
                place=place,
                why=error.strerror,
            )
        ) from error
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != user:
        raise ControlError(
            _(
                "Commands cannot reach Backdrop: {place} belongs to somebody else, have it removed.",
                place=place,
            )
        )
    if stat.S_IMODE(about.st_mode) != 0o700:
        place.chmod(0o700)
    return place


def _is_private(place: Path) -> bool:
    """Whether a folder is there, is this user's, and nobody else may write into it."""
    try:
        about = place.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022


def _is_short(place: Path) -> bool:
    return place.is_absolute() and len(os.fsencode(place)) + len("/") + 32 + len(".lock") <= LONGEST_PATH


def address(instance: str) -> str:
    """The socket of a running Backdrop. instance: its name, "" for the one without. Raises ControlError."""
    if sys.platform == "win32":
        return rf"\\.\pipe\backdrop-{os.environ.get('USERNAME', '')}-{name_of(instance)}"
    return str(folder() / f"{name_of(instance)}.sock")


def name_of(instance: str) -> str:
    """The name of an instance in names of files. Raises ControlError for one that could lead elsewhere."""
    if instance and not NAME.fullmatch(instance):
        raise ControlError(
            _(
                "An instance's name has up to 32 letters a to z, digits and hyphens, not {name}.",
                name=ascii(instance),
            ),
            status=2,
        )
    return instance or "main"
