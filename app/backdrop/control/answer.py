"""What a running Backdrop does when it is asked, and what it says: the same with a window and without one."""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Protocol

from backdrop import __version__
from backdrop.control.place import ControlError
from backdrop.control.request import Request, read_request
from backdrop.language import _
from backdrop.run.engine import Stats
from backdrop.run.output_words import condition_of
from backdrop.settings.settings import STAYS_BLURRED, Settings, SettingsError

log = logging.getLogger(__name__)

Edit = Callable[[Settings], Settings]


class Controlled(Protocol):
    """A running Backdrop. Called from the server's thread; each call returns soon, or raises ControlError."""

    def status(self) -> dict[str, Any]:
        """What describe() makes of it."""
        ...

    def change(self, edit: Edit) -> tuple[Settings, Settings]:
        """Put edit(settings) in the place of the settings. Returns both. What edit raises comes back."""
        ...

    def show(self, token: str) -> bool:
        """Bring the window to the front. Returns whether there is one. token: see Request."""
        ...

    def quit(self) -> None:
        """End soon, as when a person ends it."""
        ...


def describe(settings: Settings, stats: Stats, notices: list[str], *, window: bool) -> dict[str, Any]:
    """The state of a running Backdrop, for JSON. Rates are per second. resting: the camera is closed, for nobody
    watches. virtual_camera: its "state" is off, starting, ready, in use (by "consumers", names as far as they are
    known), recording (the output is a file), or failed, which has a "reason". watched: whether a
    program watches, None where that cannot be told. notices: what a person should know, in words.
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
        "notices": notices,
        "settings": asdict(settings),
    }


def answer(line: bytes, backdrop: Controlled) -> bytes:
    """Do what the line asks. Returns one line of JSON: "ok", and "error" with "status" or what was asked for.

    Never raises: what goes wrong is in the answer. A request is done whole or not at all.
    """
    try:
        return _as_line({"ok": True, **_done(read_request(line), backdrop)})
    except ControlError as error:
        return refuse(str(error), error.status)
    except SettingsError as error:
        return refuse(str(error), 2)
    except Exception as error:
        log.exception("A request failed")
        return refuse(_("Something went wrong: {error}", error=repr(error)), 1)


def refuse(sentence: str, status: int) -> bytes:
    """The line that says why a request is not done. status: see ControlError."""
    return _as_line({"ok": False, "error": sentence, "status": status})


def _as_line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _done(request: Request, backdrop: Controlled) -> dict[str, Any]:
    log.info("Asked to %s %s", request.do, request.what or ", ".join(request.settings))
    if request.do == "status":
        return {"status": backdrop.status()}
    if request.do in ("toggle", "set"):
        before, after = backdrop.change(edit_of(request))
        if request.what == "blur" and after == before:
            raise ControlError(_(STAYS_BLURRED))
        asked = (
            {"backdrop"} if request.what == "blur" else {request.what.replace("-", "_"), *request.settings}
        )
        return {
            "settings": {
                name: value
                for name, value in asdict(after).items()
                if name in asked or value != getattr(before, name)
            }
        }
    if request.do == "show":
        return {"pid": os.getpid(), "shown": backdrop.show(request.token)}
    backdrop.quit()
    return {"pid": os.getpid()}


def edit_of(request: Request) -> Edit:
    """What a request to toggle or to set makes of the settings."""
    if request.what == "blur":
        return Settings.with_blur_toggled
    if request.what:
        return lambda settings: _toggled(settings, request.what.replace("-", "_"))
    values = request.settings

    def edit(settings: Settings) -> Settings:
        if "backdrop" in values:  # so that the blur toggle goes back to what was there
            settings = settings.with_backdrop(values["backdrop"])
        return replace(settings, **values)

    return edit


def _toggled(settings: Settings, name: str) -> Settings:
    changed: dict[str, Any] = {name: not getattr(settings, name)}
    return replace(settings, **changed)
