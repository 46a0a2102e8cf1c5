"""The settings file: read field by field, so that one bad field costs only itself, and written atomically."""

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
    FORMER_PICTURES,
    LARGEST_FILE,
    SAVED,
    Settings,
    SettingsError,
    _short,
    check,
)
from backdrop.system.home import home, read_regular
from backdrop.system.reason import reason_of


def settings_path() -> Path:
    """Return the path of the settings file on this platform. The file need not exist."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or home() / "AppData" / "Roaming") / "Backdrop"
    elif sys.platform == "darwin":
        folder = home() / "Library" / "Application Support" / "Backdrop"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or home() / ".config") / "backdrop"
    return folder / "settings.json"


def load_settings(path: Path) -> tuple[Settings, list[str]]:
    """Return the settings in the file, and a sentence for each problem found. Never raises.

    A missing file means a first run: defaults and no notice. An invalid field gets its default. Unknown
    fields are ignored: they may come from a newer version.
    """
    found, notices = _read(path)
    usable: dict[str, Any] = {}
    for name in SAVED:
        if name not in found:
            continue
        try:
            check(name, found[name])
        except SettingsError as error:
            notices.append(
                _("{error} Backdrop uses {value} instead.", error=error, value=_short(_DEFAULTS[name]))
            )
        else:
            usable[name] = FORMER_PICTURES.get(found[name], found[name]) if name == "picture" else found[name]
    return Settings(**usable), notices


def _read(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        raw = read_regular(path, LARGEST_FILE + 1)
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        reason = reason_of(error)
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
    """Recover settings from a damaged file. save_settings() writes one setting per line."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        # Not a regular expression: backtracking is slow on a line with a megabyte of brackets.
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
    """Write the settings atomically: after a crash or on a full disk, the old file is intact.

    Creates the folder if needed. Raises SettingsError that names the file and the reason.
    """
    try:
        write_json({name: value for name, value in asdict(settings).items() if name in SAVED}, path)
    except OSError as error:
        reason = reason_of(error)
        raise SettingsError(
            _("The settings could not be saved in {path}: {reason}.", path=path, reason=reason)
        ) from error
