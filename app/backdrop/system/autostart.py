"""Starting with the computer: an entry among those that the desktop starts when a person signs in.

The entry itself is what says whether it is on, for desktops have lists of their own in which a person can remove it.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from backdrop.language import _
from backdrop.system.desktop_entry import ID, InstallError, command, desktop_words
from backdrop.system.home import home

ENTRY = """\
[Desktop Entry]
Type=Application
Name=Backdrop
Exec={words} gui --in-tray
Icon=backdrop
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def can_start_with_the_computer() -> bool:
    """Whether this system's desktops read such entries."""
    return sys.platform.startswith("linux")


def entry_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the entry is, if there is one."""
    config = Path(environment.get("XDG_CONFIG_HOME") or home() / ".config")
    return config / "autostart" / f"{ID}.desktop"


def starts_with_the_computer(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether it does: a desktop that switches it off leaves the entry, with a line that says so."""
    try:
        lines = entry_path(environment).read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return not {"Hidden=true", "X-GNOME-Autostart-enabled=false"} & {line.replace(" ", "") for line in lines}


def start_with_the_computer(on: bool, environment: Mapping[str, str] = os.environ) -> None:
    """Write the entry, or remove it. Raises InstallError."""
    path = entry_path(environment)
    try:
        if on:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ENTRY.format(words=desktop_words(command())), "utf-8")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise InstallError(
            _("{path} cannot be written: {reason}.", path=path, reason=error.strerror)
        ) from error
