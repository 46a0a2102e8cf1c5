"""What a running Backdrop does when asked, and what it answers: the same with a window and without one."""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from backdrop import __version__
from backdrop.control.place import ControlError
from backdrop.control.request import Request, read_request
from backdrop.language import _
from backdrop.run.hold import held_words
from backdrop.run.output_words import condition_of
from backdrop.run.snapshot import SnapshotError
from backdrop.run.stats import Stats
from backdrop.settings.presets import Presets
from backdrop.settings.settings import STAYS_BLURRED, Settings, SettingsError

log = logging.getLogger(__name__)

Edit = Callable[[Settings], Settings]


class Controlled(Protocol):
    """A running Backdrop. Called from a thread of the server; each call returns soon, or raises ControlError."""

    def status(self) -> dict[str, Any]:
        """The state as describe() returns it."""
        ...

    def change(self, edit: Edit) -> tuple[Settings, Settings]:
        """Replace the settings by edit(settings). Returns both. What edit raises is raised."""
        ...

    @property
    def presets(self) -> Presets:
        """Its presets. To be changed only in an edit."""
        ...

    def snapshot(self) -> Path:
        """Write what others see to a new picture file. Returns its path. Raises SnapshotError."""
        ...

    def show(self, token: str) -> bool:
        """Bring the window to the front. Returns whether there is one. token: see Request."""
        ...

    def quit(self) -> None:
        """End soon, as if the user had ended it."""
        ...


def describe(
    settings: Settings, stats: Stats, notices: list[str], presets: Presets, *, window: bool
) -> dict[str, Any]:
    """The state of a running Backdrop, for JSON. rates: in fps. resting: the camera is closed because nobody watches.
    virtual_camera: its "state" is off, starting, ready, in use (by "consumers", as far as their names are known),
    recording (the output is a file), or failed, with a "reason". has_consumers: whether a program reads the output,
    None if unknown. notices: sentences for the user. presets: their names, in order; preset: the one in use, "" for none.
    """
    return {
        "version": __version__,
        "pid": os.getpid(),
        "window": window,
        "camera": stats.camera,
        "output": stats.output,
        "virtual_camera": {
            "state": condition_of(settings, stats),
            "reason": stats.output_reason,
            "consumers": list(stats.consumers),
        },
        "recording": {"file": stats.recording, "seconds": round(stats.recorded, 1)},
        "resting": stats.resting,
        "has_consumers": stats.has_consumers,
        "rates": {
            "camera": round(stats.capture_fps, 1),
            "processing": round(stats.process_fps, 1),
            "output": round(stats.output_fps, 1),
        },
        "milliseconds": round(stats.milliseconds, 2),
        "frames": stats.frames,
        "dropped": stats.dropped,
        "notices": [f"{words}." for words in [held_words(settings)] if words] + notices,
        "presets": [preset.name for preset in presets.all],
        "preset": current.name if (current := presets.current(settings)) else "",
        "settings": asdict(settings),
    }


def answer(message: bytes, backdrop: Controlled) -> bytes:
    """Do what a message asks. Returns JSON: "ok", and "error" with "status", or what was asked for.

    Never raises: errors are in the answer. A request is carried out in full or not at all.
    """
    try:
        return json.dumps({"ok": True, **_carry_out(read_request(message), backdrop)}).encode()
    except ControlError as error:
        return refuse(str(error), error.status)
    except SettingsError as error:
        return refuse(str(error), 2)
    except Exception as error:
        log.exception("A request failed")
        return refuse(_("Something went wrong: {error}", error=repr(error)), 1)


def refuse(sentence: str, status: int) -> bytes:
    """The answer that says why a request is not carried out. status: see ControlError."""
    return json.dumps({"ok": False, "error": sentence, "status": status}).encode()


def _carry_out(request: Request, backdrop: Controlled) -> dict[str, Any]:
    log.info("Asked to %s %s", request.do, request.what or ", ".join(request.settings or request.preset))
    if request.do == "status":
        return {"status": backdrop.status()}
    if request.do == "snapshot":
        try:
            return {"file": str(backdrop.snapshot())}
        except SnapshotError as error:
            raise ControlError(str(error)) from error
    if request.do == "show":
        return {"pid": os.getpid(), "shown": backdrop.show(request.token)}
    if request.do == "quit":
        backdrop.quit()
        return {"pid": os.getpid()}
    if request.do == "preset":
        before, after = backdrop.change(preset_edit_of(request, backdrop.presets))
        old, new = asdict(before), asdict(after)
        return {"settings": {name: new[name] for name in new if new[name] != old[name]}}
    before, after = backdrop.change(edit_of(request))
    if request.what == "blur" and after == before:
        raise ControlError(_(STAYS_BLURRED))
    asked = {"backdrop" if request.what == "blur" else request.what.replace("-", "_"), *request.settings}
    old, new = asdict(before), asdict(after)
    return {"settings": {name: new[name] for name in new if name in asked or new[name] != old[name]}}


def edit_of(request: Request) -> Edit:
    """The change of the settings that a request to toggle or to set makes."""
    if request.what == "blur":
        return Settings.with_blur_toggled
    name, values = request.what.replace("-", "_"), request.settings

    def edit(settings: Settings) -> Settings:
        changed: dict[str, Any] = {name: not getattr(settings, name)} if name else values
        if "backdrop" in changed:  # so that toggling the blur goes back to it
            settings = settings.with_backdrop(changed["backdrop"])
        return replace(settings, **changed)

    return edit


def preset_edit_of(request: Request, presets: Presets) -> Edit:
    """What a request about a preset does. The edit raises SettingsError or ControlError."""
    asked = request.preset
    name, to = asked["name"], asked.get("to", "")

    def use(settings: Settings) -> Settings:
        preset = presets.find(name)
        kept_back = (settings.virtual_camera or settings.record) and settings.backdrop != "none"
        if preset.shows_room and kept_back and asked.get("room") != "yes":
            raise ControlError(
                _(
                    "The preset {name} shows your room. To show it to others, add --show-room.",
                    name=preset.name,
                )
            )
        return preset.on(settings)

    def do(settings: Settings) -> Settings:
        if asked["deed"] == "save":
            presets.save(name, settings)
        elif asked["deed"] == "rename":
            presets.rename(name, to)
        elif asked["deed"] == "belong":
            presets.belong(name, to)
        else:
            presets.delete(name)
        return settings

    return use if asked["deed"] == "use" else do
