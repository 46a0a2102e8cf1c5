"""Whether this desktop offers shortcuts that work in every program. Opens no dialog."""

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.system.desktop_entry import ID
from backdrop.system.home import home

SHORTCUT = N_("Shortcut for blur")
TOGGLE = "backdrop toggle blur"


def examine_shortcut(environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """On Wayland the desktop grants shortcuts, on X11 programs take them. No finding without a display."""
    if not sys.platform.startswith("linux"):
        return []
    if environ.get("WAYLAND_DISPLAY"):
        from backdrop.system.portal import PortalError, shortcuts_version

        try:
            return [judge_portal(shortcuts_version(), "", is_installed(environ))]
        except PortalError as error:
            return [judge_portal(0, str(error), is_installed(environ))]
    if environ.get("DISPLAY"):
        return [Finding(SHORTCUT, "ok", _("Shortcuts that work in every program are available."))]
    return []


def judge_portal(version: int, why: str, installed: bool) -> Finding:
    """version: of the GlobalShortcuts portal, 0 for none, with the reason in why. installed: the desktop knows Backdrop."""
    from backdrop.system.portal import INSTALL, NOT_KNOWN

    details = {"portal": version, "installed": installed}
    found = partial(Finding, SHORTCUT, details=details)
    if not version:
        bind = _("assign this command to a key in your desktop's keyboard settings.")
        return found("advice", f"{why.removesuffix('.')}; {bind}", TOGGLE)
    if not installed:
        told = _(NOT_KNOWN, command=INSTALL).replace("`", "")
        return found("advice", told, INSTALL)
    return found(
        "ok",
        _(
            "Shortcuts that work in every program are available (GlobalShortcuts, version {version}).",
            version=version,
        ),
    )


def is_installed(environ: Mapping[str, str]) -> bool:
    """Whether Backdrop's desktop entry is in a folder that the desktop searches."""
    own = environ.get("XDG_DATA_HOME") or str(home() / ".local" / "share")
    others = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return any(Path(each, "applications", f"{ID}.desktop").exists() for each in (own, *others.split(":")))
