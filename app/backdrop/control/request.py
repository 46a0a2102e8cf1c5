"""What can be asked of a running Backdrop, and how it is read from a message."""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from backdrop.control.place import ControlError
from backdrop.language import _
from backdrop.settings.settings import NAMES, Settings, check

MAX_REQUEST = 4096  # bytes
COMMANDS = ("status", "toggle", "set", "preset", "snapshot", "show", "quit")
DETAIL = {"toggle": "what", "set": "settings", "show": "token", "preset": "preset"}  # besides its command
PRESET_DEEDS = ("use", "save", "rename", "belong", "delete")
TOKEN = re.compile(r"[!-~]{1,200}")
# The blur, and every setting that is true or false. Spelled with hyphens, settings with underscores.
TOGGLES = (
    "blur",
    *(
        each.name.replace("_", "-")
        for each in fields(Settings)
        if each.type is bool and each.name not in ("told_of_tray", "welcomed")
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """do: one of COMMANDS. what: one of TOGGLES, for toggle. settings: names and valid values, for set.

    token: for show, what Wayland gave the asking process so that Backdrop's window may come to the front.
    preset: for preset: "name" and "deed", one of PRESET_DEEDS; "to", the new name or the program it shall belong to;
    "room": "yes" if using it may show the room to others. All are texts.
    """

    do: str
    what: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    preset: dict[str, str] = field(default_factory=dict)


def encode(request: Request) -> bytes:
    """The request as a message. A token that is not one is left out. Raises ControlError if it is too long."""
    asked = {name: value for name, value in asdict(request).items() if value}
    if not TOKEN.fullmatch(request.token):
        asked.pop("token", None)
    message = json.dumps(asked).encode()
    if len(message) > MAX_REQUEST:
        raise ControlError(too_long(), status=2)
    return message


def read_request(message: bytes) -> Request:
    """The request in a message. Raises ControlError, with a sentence, or SettingsError for an invalid value."""
    try:
        asked = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ControlError(_("A request must be JSON."), status=2) from error
    if not isinstance(asked, dict) or asked.get("do") not in COMMANDS:
        choices = ", ".join(COMMANDS)
        raise ControlError(_("A request's “do” must be one of {choices}.", choices=choices), status=2)
    detail = DETAIL.get(asked["do"], "do")
    if not set(asked) <= {"do", detail}:
        raise ControlError(_("The request contains something unknown."), status=2)
    value = asked.get(detail)
    if detail == "what" and value not in TOGGLES:
        raise ControlError(_("What can be toggled is {choices}.", choices=", ".join(TOGGLES)), status=2)
    if detail == "token" and detail in asked and not (isinstance(value, str) and TOKEN.fullmatch(value)):
        raise ControlError(_("That is not a desktop's activation token."), status=2)
    if detail == "preset" and not _is_preset(value):
        raise ControlError(_("The request contains something unknown."), status=2)
    if detail == "settings":
        if not isinstance(value, dict) or not value:
            raise ControlError(_("“settings” must hold names of settings and their values."), status=2)
        for name, each in value.items():
            check_name(name)
            check(name, each)
    return Request(**asked)


def _is_preset(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"name", "deed"} <= set(value) <= {"name", "deed", "to", "room"}
        and all(isinstance(each, str) for each in value.values())
        and value["deed"] in PRESET_DEEDS
    )


def check_name(name: str) -> None:
    """Raise ControlError unless there is a setting of that name."""
    if name in NAMES:
        return
    named = f"“{ascii(name[:40])[1:-1]}{'…' if len(name) > 40 else ''}”"
    near = get_close_matches(name, NAMES, 1)
    if near:
        raise ControlError(
            _("Unknown setting {name}. Did you mean {near}?", name=named, near=near[0]), status=2
        )
    names = ", ".join(NAMES)
    raise ControlError(
        _("Unknown setting {name}. The settings are {names}.", name=named, names=names), status=2
    )


def too_long() -> str:
    return _("A request may have at most {most} bytes.", most=MAX_REQUEST)
