"""`backdrop status`, `toggle`, `set`, `preset`, `snapshot`, `show` and `quit`: commands for the running Backdrop."""

import argparse
import json
import os
import time
from typing import Any, get_type_hints

from backdrop.backdrops.arguments import PICTURES, read_backdrop, read_picture
from backdrop.control.client import NotRunningError, ask
from backdrop.control.place import ControlError
from backdrop.control.request import COMMANDS, TOGGLES, Request, check_name
from backdrop.language import _, number
from backdrop.outputs.open import is_file
from backdrop.settings.file import settings_path
from backdrop.settings.presets import Presets, presets_path
from backdrop.settings.settings import NAMES, Settings, about, check
from backdrop.system.say import say

__all__ = ["COMMANDS", "add_name", "add_options", "apply", "control"]

OPENING = 4.0  # seconds that a command waits for a virtual camera to open
YES_NO = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def add_options(
    *,
    status: argparse.ArgumentParser,
    toggle: argparse.ArgumentParser,
    set_: argparse.ArgumentParser,
    preset: argparse.ArgumentParser,
    others: tuple[argparse.ArgumentParser, ...],
) -> None:
    """Add the options of COMMANDS to their parsers."""
    named = _("The name of the running Backdrop, if it was started with one.")
    for parser in (status, toggle, set_, preset, *others):
        parser.add_argument("--instance", metavar="NAME", default="", help=named)
    status.add_argument("--json", action="store_true", help=_("Print all details as JSON."))
    choices = _("One of {choices}.", choices=", ".join(TOGGLES))
    toggle.add_argument("what", metavar="WHAT", choices=TOGGLES, help=choices)
    names = _("A setting and its new value: {names}.", names=", ".join(NAMES))
    set_.add_argument("settings", metavar="NAME=VALUE", nargs="+", help=names)

    _add_preset_options(preset)


def _add_preset_options(parser: argparse.ArgumentParser) -> None:
    named = _("A preset's name, or its number from 1. Without it, the presets are listed.")
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help=named)
    deeds = parser.add_mutually_exclusive_group()
    save = _("Save the backdrop and its looks as they are now under this name.")
    deeds.add_argument("--save", action="store_const", dest="deed", const="save", help=save)
    deeds.add_argument("--delete", action="store_const", dest="deed", const="delete", help=_("Delete it."))
    deeds.add_argument("--rename", metavar="NEW", help=_("Give it another name."))
    app = _('Use it whenever this program starts to read the virtual camera, such as Zoom; "" for none.')
    deeds.add_argument("--app", metavar="PROGRAM", help=app)
    room = _("Use it even if others would then see your room.")
    parser.add_argument("--show-room", action="store_true", help=room)


def add_name(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a Backdrop, so that commands can tell several apart."""
    named = _(
        "A name for commands to reach this Backdrop by if several run: letters a to z, digits and hyphens."
    )
    parser.add_argument("--instance", metavar="NAME", default="", help=named)


def control(arguments: argparse.Namespace) -> int:
    """Run one of the commands. Returns 0. Raises ControlError, which has the exit status, or SettingsError."""
    if arguments.command == "preset" and not arguments.name:
        return _list_presets(arguments.instance)
    return _carry_out(_request(arguments), arguments)


def apply(settings: dict[str, Any], instance: str) -> int:
    """Give the options of a second start to the running Backdrop, as `backdrop set` does. Raises ControlError."""
    return _carry_out(Request("set", settings=settings), argparse.Namespace(instance=instance))


def _carry_out(request: Request, arguments: argparse.Namespace) -> int:
    said = ask(request, arguments.instance)
    if request.do == "status":
        print(json.dumps(said["status"], indent=2) if arguments.json else as_text(said["status"]))
    elif request.do == "snapshot":
        say(said["file"])
    elif request.do in ("toggle", "set", "preset"):
        changed = said["settings"]
        for name, value in changed.items():
            if name in NAMES and name != "virtual_camera":
                say(f"{about(name).label}: {_value(value)}")
        if changed.get("backdrop") == "none":
            say(_("Your room is visible."))
        if "virtual_camera" in changed or "output" in changed:
            _report_virtual_camera(arguments.instance)
    elif request.do == "show" and not said["shown"]:
        raise ControlError(_("Backdrop is running without a window. `backdrop quit` ends it."))
    return 0


def _list_presets(instance: str) -> int:
    """Print the presets, and mark the one in use. Without a running Backdrop, those in the file."""
    try:
        status = ask(Request("status"), instance)["status"]
        names, current = status["presets"], status["preset"]
    except NotRunningError:
        names, current = [preset.name for preset in Presets(presets_path(settings_path())).all], ""
    for number_, name in enumerate(names, 1):
        print(f"{'*' if name == current else ' '} {number_} {name}")
    if not names:
        say(_("There are no presets yet. Save one in the window or with --save."))
    return 0


def _report_virtual_camera(instance: str) -> None:
    """Wait until the virtual camera has opened or failed, and print that. Raises ControlError if it has failed."""
    until = time.monotonic() + OPENING
    while True:
        status = ask(Request("status"), instance)["status"]
        state = status["virtual_camera"]["state"]
        if state != "starting" or time.monotonic() >= until:
            break
        time.sleep(0.1)
    said = f"{_output_label(status)}: {virtual_camera_in_words(status)}"
    if state == "failed":
        raise ControlError(said)
    say(said)


def _output_label(status: dict[str, Any]) -> str:
    """The name of the output in words: a file is not a virtual camera."""
    return about("output" if is_file(status["settings"]["output"]) else "virtual_camera").label


def virtual_camera_in_words(status: dict[str, Any]) -> str:
    """The state of the virtual camera in what describe() returned."""
    state = status["virtual_camera"]
    if state["state"] == "failed":
        return _("failed: {reason}", reason=state["reason"])
    if state["state"] == "recording":
        return _("recording to {file}", file=status["output"])
    if state["state"] == "in use":
        names = ", ".join(state["consumers"]) or _("a program")
        return _("{output}, in use by {names}", output=status["output"], names=names)
    return {"off": _("off"), "starting": _("starting"), "ready": status["output"]}[state["state"]]


def _request(arguments: argparse.Namespace) -> Request:
    if arguments.command == "toggle":
        return Request("toggle", what=arguments.what)
    if arguments.command == "set":
        return Request("set", settings=read_values(arguments.settings))
    if arguments.command == "preset":
        return Request("preset", preset=_preset(arguments))
    if arguments.command == "show":
        return Request("show", token=os.environ.get("XDG_ACTIVATION_TOKEN", ""))
    return Request(arguments.command)


def _preset(arguments: argparse.Namespace) -> dict[str, str]:
    asked = {"name": arguments.name, "deed": arguments.deed or "use"}
    if arguments.show_room:
        asked["room"] = "yes"
    if arguments.rename is not None:
        return {**asked, "deed": "rename", "to": arguments.rename}
    if arguments.app is not None:
        return {**asked, "deed": "belong", "to": arguments.app}
    return asked


def read_values(texts: list[str]) -> dict[str, Any]:
    """The settings in NAME=VALUE texts, each with its type. A backdrop is named as on the command line.

    Raises ControlError or SettingsError for the first that is invalid.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ControlError(_("Write a setting as NAME=VALUE, not {text}.", text=ascii(text)), status=2)
        name = name.replace("-", "_")
        check_name(name)
        if name == "backdrop":
            values |= read_backdrop(value)
        else:
            values[name] = read_picture(value) if name in PICTURES and value else _typed(name, value)
            check(name, values[name])
    return values


def _typed(name: str, text: str) -> Any:
    """The value in a text, with the setting's type if it can have it; check() explains what is wrong with the others."""
    wanted = get_type_hints(Settings)[name]
    if wanted is bool:
        return YES_NO.get(text.lower(), text)
    if wanted is int and text.removeprefix("-").isdecimal() and len(text) < 20:
        return int(text)
    return text


def as_text(status: dict[str, Any]) -> str:
    """What `backdrop status` prints, from what describe() returned."""
    settings, rates = status["settings"], status["rates"]
    size = f"{settings['width']} × {settings['height']}, {settings['fps']} fps"
    camera = _("closed: nobody is watching") if status["resting"] else status["camera"] or _("none")
    rows = [
        (about("camera").label, f"{camera} ({size})"),
        (_output_label(status), virtual_camera_in_words(status)),
        (about("backdrop").label, _backdrop(settings)),
        *([(_("Preset"), status["preset"])] if status["preset"] else []),
        (about("mirror").label, _value(settings["mirror"])),
        *([(about("record").label, _recorded(status["recording"]))] if status["recording"]["file"] else []),
        (
            _("Rates"),
            _(
                "camera {camera} fps, processing {processing} fps, output {output} fps · {ms} ms · {dropped} dropped",
                ms=number(status["milliseconds"]), dropped=status["dropped"],
                **{name: number(rate) for name, rate in rates.items()},
            ),
        ),
        *((_("Notice"), notice) for notice in status["notices"]),
    ]  # fmt: skip
    widest = max(len(label) for label, _text in rows)
    return "\n".join(f"{label:<{widest}}  {text}" for label, text in rows)


def _recorded(recording: dict[str, Any]) -> str:
    return _(
        "{file}, {seconds} s, without sound", file=recording["file"], seconds=round(recording["seconds"])
    )


def _backdrop(settings: dict[str, Any]) -> str:
    kind = settings["backdrop"]
    name = {
        "blur": "blur_strength",
        "picture": "picture",
        "colour": "colour",
        "transparent": "key_colour",
    }.get(kind)
    return f"{kind} ({settings[name]})" if name and settings[name] != "" else kind


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return str(value)
