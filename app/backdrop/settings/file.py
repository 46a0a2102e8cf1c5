"""The settings file: reading it field by field, so that a bad one costs only itself, and writing it whole."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backdrop.files.atomic import write_json
from backdrop.language import _
from backdrop.settings.settings import (
    _ABOUT,
    _DEFAULTS,
    LARGEST_FILE,
    NAMES,
    Settings,
    SettingsError,
    _short,
    check,
)
from backdrop.system.home import home, read_regular


def settings_path() -> Path:
    """Return where the settings are kept on this platform. The file need not exist."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or home() / "AppData" / "Roaming") / "Backdrop"
    elif sys.platform == "darwin":
        folder = home() / "Library" / "Application Support" / "Backdrop"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or home() / ".config") / "backdrop"
    return folder / "settings.json"


def load_settings(path: Path) -> tuple[Settings, list[str]]:
    """Return the settings in the file, and a sentence for everything in it that cannot be used. Never raises.

    A file that is not there is a first run: the defaults, and no notice. A field that is not right gets its
    default, one that is unknown is passed over: it may be a newer version's.
    """
    found, notices = _read(path)
    usable: dict[str, Any] = {}
    for name in NAMES:
        if name not in found:
            continue
        try:
            check(name, found[name])
        except SettingsError as error:
            notices.append(
                _("{error} Backdrop uses {value} instead.", error=error, value=_short(_DEFAULTS[name]))
            )
        else:
            usable[name] = found[name]
    return Settings(**usable), notices


def _read(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        raw = read_regular(path, LARGEST_FILE + 1)
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return {}, [
            _("{path} could not be read ({reason}), so Backdrop starts with the default settings.",
              path=path, reason=reason)
        ]  # fmt: skip
    if len(raw) > LARGEST_FILE:
        return {}, [
            _(
                "{path} is too large to be a settings file, so Backdrop starts with the default settings.",
                path=path,
            )
        ]
    text = raw.decode("utf-8-sig", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = _read_lines(text)
        return found, [
            _(
                "{path} is damaged. Backdrop kept the settings it could read and uses the defaults for the "
                "rest.",
                path=path,
            )
        ]
    if not isinstance(found, dict):
        return {}, [
            _("{path} contains no settings, so Backdrop starts with the default settings.", path=path)
        ]
    return found, []


def _read_lines(text: str) -> dict[str, Any]:
    """Pick the settings out of a file that is broken somewhere: save_settings writes one on each line."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        # By hand, for an expression that gives back what it took is slow with a megabyte of brackets in one line.
        name, colon, value = line.lstrip(" \t{").partition(":")
        name = name.rstrip()
        if not colon or name[:1] != '"' or name[-1:] != '"' or name[1:-1] not in _ABOUT:
            continue
        try:
            found[name[1:-1]] = json.loads(value.rstrip(" \t,}"))
        except (ValueError, RecursionError):
            continue
    return found


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings, whole or not at all: a crash or a full disk leaves the file that was there.

    Makes the folder when it is missing. Raises SettingsError, naming the file and the reason, when it cannot.
    """
    try:
        write_json(asdict(settings), path)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            _("The settings could not be saved in {path}: {reason}.", path=path, reason=reason)
        ) from error
