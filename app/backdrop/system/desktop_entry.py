"""`backdrop install-desktop`: adds Backdrop to the desktop's application menu, and a unit that runs it without a window.

It writes what the freedesktop.org specifications ask for: a desktop entry, icons in the theme hicolor, and metadata for
software centres; and a unit for systemd's user manager. All go into the user's own folders; nothing needs root.
"""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from backdrop.language import _
from backdrop.resources import resource
from backdrop.system.home import home
from backdrop.system.say import say

# Backdrop's name for the desktop: desktop entry, AppStream, portals, Wayland. Such IDs are reversed domain names, so that
# they are unique, but Backdrop has no domain. alt is the top-level domain reserved for names outside the DNS (RFC 9476),
# so nobody can register it; the package's name follows. With a domain, a better ID would be possible.
ID = "alt.sinet_backdrop.backdrop"
SIZES = (16, 24, 32, 48, 64, 128, 256)  # pixels of the icons for desktops that do not read the SVG


class InstallError(Exception):
    """The files cannot be installed. str() is one sentence for the user, with what to do next."""


def install_desktop(remove: bool = False, environment: Mapping[str, str] = os.environ) -> int:
    """Run the command, and print the files that were written or removed. Returns the exit status.

    Raises InstallError if this is not Linux, or a file cannot be written.
    """
    if not sys.platform.startswith("linux"):
        raise InstallError(
            _("Only Linux needs this. Here, the installer has already added Backdrop to the menu.")
        )
    files = contents(command(), environment)
    former = next(iter(files)).with_name("backdrop.desktop")  # the name of the entry in development versions
    try:
        former.unlink(missing_ok=True)
        for path, content in files.items():
            if remove:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            say(path)
    except OSError as error:
        raise InstallError(
            _("{path} cannot be written: {reason}.", path=error.filename, reason=error.strerror)
        ) from error
    if not remove:
        say(
            _(
                "To run Backdrop without a window whenever you are signed in, use `systemctl --user enable "
                "--now backdrop`."
            )
        )
    return 0


def contents(words: list[str], environment: Mapping[str, str]) -> dict[Path, bytes]:
    """The files to write: {path: content}. words: the command that starts Backdrop, with absolute paths."""
    data = Path(environment.get("XDG_DATA_HOME") or home() / ".local" / "share")
    config = Path(environment.get("XDG_CONFIG_HOME") or home() / ".config")
    icons = data / "icons" / "hicolor"
    files = {
        data / "applications" / f"{ID}.desktop": _started_by(
            _read("backdrop.desktop"), "Exec", desktop_words(words)
        ),
        data / "metainfo" / f"{ID}.metainfo.xml": _read("backdrop.metainfo.xml"),
        config / "systemd" / "user" / "backdrop.service": _started_by(
            _read("backdrop.service"), "ExecStart", _unit_words(words)
        ),
        icons / "scalable" / "apps" / "backdrop.svg": resource("icons/backdrop.svg").read_bytes(),
    }
    for size in SIZES:
        files[icons / f"{size}x{size}" / "apps" / "backdrop.png"] = icon(size)
    return files


def icon(size: int) -> bytes:
    """The application's icon as a PNG file of this width in pixels."""
    import cv2

    drawn = cv2.imread(str(resource("icons/backdrop.png")), cv2.IMREAD_UNCHANGED)
    assert drawn is not None, "it ships with Backdrop"
    scaled = (
        drawn if drawn.shape[0] == size else cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA)
    )
    return bytes(cv2.imencode(".png", scaled)[1])


def command() -> list[str]:
    """The command that starts this Backdrop from any folder."""
    if getattr(sys, "frozen", False):  # the bundle
        return [sys.executable]
    beside = Path(sys.executable).with_name("backdrop")
    found = str(beside) if beside.exists() else shutil.which("backdrop")
    return [found] if found else [sys.executable, "-m", "backdrop"]


def _read(name: str) -> bytes:
    return resource(f"desktop/{name}").read_bytes()


def _started_by(file: bytes, key: str, words: str) -> bytes:
    """The file with this command in place of the bare word backdrop."""
    return re.sub(rf"(?m)^{key}=backdrop\b", lambda _match: f"{key}={words}", file.decode()).encode()


def desktop_words(words: list[str]) -> str:
    """Quoted by the desktop entry specification: % is doubled, and \\ is escaped twice."""
    return " ".join(
        '"' + re.sub(r'([\\"`$])', r"\\\1", word).replace("\\", "\\\\").replace("%", "%%") + '"'
        if re.search(r"[^\w@%+=:,./-]", word)
        else word.replace("%", "%%")
        for word in words
    )


def _unit_words(words: list[str]) -> str:
    return " ".join(shlex.quote(word).replace("%", "%%").replace("$", "$$") for word in words)
