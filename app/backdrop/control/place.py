"""Where a running Backdrop is reached: a folder that only this user can enter."""

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from backdrop.language import _

MAX_PATH = 100  # bytes; a socket's address holds 104 on macOS and 108 on Linux, including the final 0
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class ControlError(Exception):
    """The running Backdrop cannot be reached, or refuses. str() is one sentence for a person.

    status: the exit status of a command, 1 if Backdrop cannot do it, 2 for a usage error.
    """

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def folder() -> Path:
    """The folder for sockets and locks. Created if missing: mode 0700, owned by this user, not a link.

    $XDG_RUNTIME_DIR/backdrop if only this user can write to that; else /run/user/UID/backdrop; else backdrop-UID in the
    temporary folder. Raises ControlError if a folder of that name belongs to another user.
    """
    if sys.platform == "win32":
        place = Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "Backdrop"  # private already
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
        raise unusable(place, error) from error
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != user:
        raise ControlError(
            _(
                "Commands cannot reach Backdrop: {place} belongs to another user. Have it removed.",
                place=place,
            )
        )
    if stat.S_IMODE(about.st_mode) != 0o700:
        place.chmod(0o700)
    return place


def unusable(place: Path, error: OSError) -> ControlError:
    why = error.strerror
    return ControlError(
        _("Commands cannot reach Backdrop: {place} cannot be used ({why}).", place=place, why=why)
    )


def _is_private(place: Path) -> bool:
    """Whether a folder exists, belongs to this user, and nobody else may write to it."""
    try:
        about = place.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022


def _is_short(place: Path) -> bool:
    return place.is_absolute() and len(os.fsencode(place)) + len("/") + 32 + len(".lock") <= MAX_PATH


def address(instance: str) -> str:
    """The socket of a running Backdrop. instance: its name, "" for the unnamed one. Raises ControlError."""
    if sys.platform == "win32":
        return rf"\\.\pipe\backdrop-{os.environ.get('USERNAME', '')}-{name_of(instance)}"
    return str(folder() / f"{name_of(instance)}.sock")


def name_of(instance: str) -> str:
    """The name of an instance in file names. Raises ControlError for a name that could lead out of the folder."""
    if instance and not NAME.fullmatch(instance):
        named = ascii(instance)
        raise ControlError(
            _("An instance's name has up to 32 letters a to z, digits and hyphens, not {name}.", name=named),
            2,
        )
    return instance or "main"
