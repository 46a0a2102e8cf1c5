"""Turn command-line arguments and commands to a running Backdrop into settings."""

import argparse
import re
from dataclasses import replace
from typing import get_args

from backdrop.files.local import expanded
from backdrop.language import _
from backdrop.settings.arguments import given_settings
from backdrop.settings.settings import FORMER_PICTURES, BackdropKind, Settings, SettingsError

KINDS = get_args(BackdropKind)
PICTURES = ("picture", "hide_picture")  # the settings that read_picture() reads


def read_settings(arguments: argparse.Namespace, start: Settings) -> Settings:
    """Apply the command line to start. Raises SettingsError."""
    given = vars(arguments)
    if "backdrop" in given:
        given.update(read_backdrop(given["backdrop"]))
    elif "picture" in given or "colour" in given:  # giving one chooses that kind
        given["backdrop"] = "picture" if "picture" in given else "colour"
    elif "blur_strength" in given or "blur_style" in given:
        given["backdrop"] = "blur"
    elif "key_colour" in given:
        given["backdrop"] = "transparent"
    for name in PICTURES:
        if given.get(name):
            given[name] = read_picture(given[name])
    return replace(start, **given_settings(arguments))


def read_backdrop(text: str) -> dict[str, str]:
    """The settings that "blur", "#10a0ff", "cafe" or "beach.jpg" stands for. Raises SettingsError."""
    if text in KINDS:
        return {"backdrop": text}
    if re.fullmatch("#[0-9a-fA-F]{6}", text):
        return {"backdrop": "colour", "colour": text}
    return {"backdrop": "picture", "picture": read_picture(text)}


def read_picture(text: str) -> str:
    """The absolute path of a picture, or the name of a built-in one. Raises SettingsError, before anything starts."""
    from backdrop.backdrops.picture import built_in_pictures

    names = [path.stem for path in built_in_pictures()]
    if FORMER_PICTURES.get(text, text) in names:
        return FORMER_PICTURES.get(text, text)
    if expanded(text).is_file():
        return str(expanded(text).resolve())
    raise SettingsError(
        _(
            "There is no picture {text}: use none, blur, picture, colour, transparent, #rrggbb, a file,"
            " or one of {names}.",
            text=text,
            names=", ".join(names),
        )
    )
