"""What may be asked of a running Backdrop, and how a line of bytes is read as that."""

import json
import re
from dataclasses import dataclass, field, fields
from typing import Any

from backdrop.control.place import ControlError
from backdrop.language import _
from backdrop.settings.settings import NAMES, Settings, SettingsError, check

LONGEST = 4096  # bytes of a request, with the end of its line
DEEDS = ("status", "toggle", "set", "show", "quit")
WITH = {"toggle": "what", "set": "settings", "show": "token"}  # what else may be in a request
TOKEN = re.compile(r"[!-~]{1,200}")
# What can be toggled: the blur, and every setting that is true or false. Words have hyphens, settings underscores.
TOGGLES = (
    "blur",
    *(
        each.name.replace("_", "-")
        for each in fields(Settings)
        if each.type is bool and each.name != "told_of_tray"
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """do: one of DEEDS. what: one of TOGGLES, for toggle. settings: names and values that are right, for set.

    token: for show, what Wayland gave the asking process so that a window of it may come to the front.
    """

    do: str
    what: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    token: str = ""


def as_line(request: Request) -> bytes:
    """The request as it goes through the socket. Raises ControlError when it is too long for that."""
    asked: dict[str, Any] = {"do": request.do}
    if request.what:
        asked["what"] = request.what
    if request.settings:
        asked["settings"] = request.settings
    if TOKEN.fullmatch(request.token):
        asked["token"] = request.token
    line = json.dumps(asked).encode() + b"\n"
    if len(line) > LONGEST:
        raise ControlError(too_long(), status=2)
    return line


def read_request(line: bytes) -> Request:
    """The request in a line. Raises ControlError, a sentence, for everything else; SettingsError for a wrong value."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ControlError(_("A request must be one line of JSON."), status=2) from error
    if not isinstance(asked, dict) or asked.get("do") not in DEEDS:
        raise ControlError(
            _("A request's “do” must be one of {choices}.", choices=", ".join(DEEDS)), status=2
        )
    do = asked["do"]
    if not set(asked) <= {"do", WITH.get(do, "do")}:
        raise ControlError(_("There is too much in the request."), status=2)
    if do == "toggle":
        return Request(do, what=_toggle(asked.get("what")))
    if do == "set":
        return Request(do, settings=_settings(asked.get("settings")))
    if do == "show" and "token" in asked:
        return Request(do, token=_token(asked["token"]))
    return Request(do)


def _token(token: object) -> str:
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise ControlError(_("That is no token of a desktop."), status=2)
    return token


def _toggle(what: object) -> str:
    if what not in TOGGLES:
        raise ControlError(_("What can be toggled is {choices}.", choices=", ".join(TOGGLES)), status=2)
    return str(what)


def _settings(values: object) -> dict[str, Any]:
    if not isinstance(values, dict) or not values:
        raise ControlError(_("“settings” must hold names of settings, each with its value."), status=2)
    for name, value in values.items():
        check_name(name)
        try:
            check(name, value)
        except SettingsError as error:
            raise ControlError(str(error), status=2) from error
    return values


def check_name(name: str) -> None:
    """Raise ControlError unless there is a setting of that name."""
    if name not in NAMES:
        short = ascii(name if len(name) <= 40 else f"{name[:40]}…")
        raise ControlError(
            _("There is no setting {name}, but {names}.", name=short, names=", ".join(NAMES)), status=2
        )


def too_long() -> str:
    return _("A request may have {most} bytes, and this one has more.", most=LONGEST)
