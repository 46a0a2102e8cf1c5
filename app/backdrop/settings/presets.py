"""Presets: named sets of a backdrop and its looks, in a file beside the settings.

They have a file of their own, so that neither a damaged file nor another version of Backdrop costs both.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backdrop.files.atomic import write_json
from backdrop.language import _
from backdrop.settings.settings import NAMES, Settings, SettingsError, about, check
from backdrop.system.home import read_regular
from backdrop.system.reason import reason_of

log = logging.getLogger(__name__)

MOST = 30
KEYS = 9  # the first ones have the keys 1 to 9
LONGEST_NAME = 40  # characters
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Preset:
    """looks: settings by name. What this version does not know, or finds invalid, is kept and not used.

    app: the program to which it belongs, "" for none.
    """

    name: str
    looks: dict[str, Any] = field(default_factory=dict)
    app: str = ""

    @classmethod
    def of(cls, name: str, settings: Settings, app: str = "") -> "Preset":
        """What these settings look like: the backdrop, and only the looks that count for it."""
        kind = settings.backdrop
        names = ("backdrop", *(each for each in NAMES if about(each).look in ("any", *_kinds(each, kind))))
        return cls(name, {each: getattr(settings, each) for each in names}, app)

    @property
    def usable(self) -> dict[str, Any]:
        """The looks that this version knows and finds valid."""
        found = {}
        for name, value in self.looks.items():
            if name in NAMES and (name == "backdrop" or about(name).look):
                with suppress(SettingsError):
                    check(name, value)
                    found[name] = value
        return found

    @property
    def shows_room(self) -> bool:
        return self.looks.get("backdrop") == "none"

    def on(self, settings: Settings) -> Settings:
        """The settings with this preset. Without a valid backdrop it leaves the one that is there."""
        usable = self.usable
        if "backdrop" in usable:
            settings = settings.with_backdrop(usable["backdrop"])
        return replace(settings, **usable)

    def matches(self, settings: Settings) -> bool:
        """Whether the settings look like this."""
        usable = self.usable
        return bool(usable) and all(getattr(settings, name) == value for name, value in usable.items())


def _kinds(name: str, kind: str) -> tuple[str, ...]:
    return (about(name).look,) if kind in about(name).look.split() else ()


class Presets:
    """The presets in a file, in order. Each change is written at once, and changed() is called after it.

    notice: a sentence if the file could not be read, else "".
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.changed: Callable[[], object] = lambda: None
        self.all, self.notice = _read(path)

    def find(self, text: str) -> Preset:
        """The preset of that name, or with that number from 1. Raises SettingsError."""
        for preset in self.all:
            if preset.name.casefold() == text.strip().casefold():
                return preset
        if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= len(self.all):
            return self.all[int(text) - 1]
        if not self.all:
            raise SettingsError(_("There are no presets yet. Save one in the window or with --save."))
        names = ", ".join(preset.name for preset in self.all)
        raise SettingsError(_("There is no preset {name}. There are {names}.", name=text[:40], names=names))

    def has(self, name: str) -> bool:
        return any(preset.name.casefold() == name.strip().casefold() for preset in self.all)

    def current(self, settings: Settings) -> Preset | None:
        """The first preset that looks like the settings."""
        return next((preset for preset in self.all if preset.matches(settings)), None)

    def for_app(self, name: str) -> Preset | None:
        """The preset that belongs to a program. One for Teams is also for teams-for-linux, if none is for just that."""
        named = name.casefold()
        owned = {each.app.casefold(): each for each in self.all if each.app}
        begun = [app for app in owned if named.startswith(app)]
        return owned[max(begun, key=len)] if begun else None

    def save(self, name: str, settings: Settings) -> Preset:
        """Save the looks of the settings under a name; the preset that has it is replaced. Raises SettingsError."""
        name = check_name(name)
        if self.has(name):
            before = self.find(name)
            preset = Preset.of(before.name, settings, before.app)
            self._swap(before, preset)
            return preset
        if len(self.all) >= MOST:
            raise SettingsError(_("There can be at most {most} presets. Delete one first.", most=MOST))
        preset = Preset.of(name, settings)
        self._write((*self.all, preset))
        return preset

    def rename(self, name: str, to: str) -> None:
        """Raises SettingsError, also if another preset has the new name."""
        before, to = self.find(name), check_name(to)
        if self.has(to) and self.find(to) is not before:
            raise SettingsError(_("There is already a preset {name}.", name=to))
        self._swap(before, replace(before, name=to))

    def belong(self, name: str, app: str) -> None:
        """Let a preset belong to a program, "" for none. Another one no longer does. Raises SettingsError."""
        chosen, app = self.find(name), app.strip()[:LONGEST_NAME]
        left = [replace(each, app="") if each.app.casefold() == app.casefold() else each for each in self.all]
        left[self.all.index(chosen)] = replace(chosen, app=app)
        self._write(tuple(left))

    def delete(self, name: str) -> None:
        """Raises SettingsError."""
        gone = self.find(name)
        self._write(tuple(each for each in self.all if each is not gone))

    def _swap(self, before: Preset, after: Preset) -> None:
        self._write(tuple(after if each is before else each for each in self.all))

    def _write(self, presets: tuple[Preset, ...]) -> None:
        listed = [{"name": each.name, "app": each.app, "looks": each.looks} for each in presets]
        try:
            write_json(listed, self._path)
        except OSError as error:
            reason = reason_of(error)
            raise SettingsError(
                _("The presets could not be saved in {path}: {reason}.", path=self._path, reason=reason)
            ) from error
        self.all = presets
        self.changed()


def presets_path(settings_path: Path) -> Path:
    """The file of the presets, beside the settings file."""
    return settings_path.with_name("presets.json")


def check_name(name: str) -> str:
    """The name without spaces around it. Raises SettingsError unless it may be a preset's."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(_("A name has 1 to {most} characters.", most=LONGEST_NAME))
    if name.isdecimal():
        raise SettingsError(_("A name cannot be only a number: numbers are the keys."))
    return name


def _read(path: Path) -> tuple[tuple[Preset, ...], str]:
    try:
        found = json.loads(read_regular(path, LARGEST_FILE))
    except FileNotFoundError:
        return (), ""
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        log.warning("%s could not be read", path)
        aside = path.with_name(f"{path.stem}-damaged{path.suffix}")
        with suppress(OSError):
            path.replace(aside)
        return (), _(
            "The presets in {path} are damaged. The file is now {aside}.", path=path, aside=aside.name
        )
    presets: dict[str, Preset] = {}
    for each in found:
        preset = _preset(each)
        if preset is not None:
            presets.setdefault(preset.name.casefold(), preset)
    return tuple(presets.values())[:MOST], ""


def _preset(found: object) -> Preset | None:
    if not isinstance(found, dict):
        return None
    name, looks, app = found.get("name"), found.get("looks"), found.get("app", "")
    if not isinstance(name, str) or not isinstance(looks, dict) or not isinstance(app, str):
        return None
    try:
        return Preset(check_name(name), looks, app)
    except SettingsError:
        return None
