"""Command-line options for the settings."""

import argparse
from typing import Any

from backdrop.settings.settings import _DEFAULTS, NAMES, SettingsError, about, check


def add_arguments(parser: argparse.ArgumentParser, names: tuple[str, ...] = NAMES) -> None:
    """Add an option for each of these settings that has one. Options not given are absent from the parsed result."""
    for name in names:
        what, default, flag = about(name), _DEFAULTS[name], f"--{name.replace('_', '-')}"
        if not what.option:
            continue
        common: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": what.help}
        if isinstance(default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, **common)
        else:
            shown = "{" + ",".join(what.choices) + "}" if what.choices else name.rsplit("_", 1)[-1].upper()
            parser.add_argument(flag, type=_reader(name), metavar=shown, **common)


def _reader(name: str) -> Any:
    def read(text: str) -> int | str:
        wanted = type(_DEFAULTS[name])
        try:
            value = wanted(text)
        except ValueError:
            value = text
        try:
            check(name, value)
        except SettingsError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return value

    return read


def given_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings among the options given on the command line."""
    return {name: value for name, value in vars(arguments).items() if name in NAMES}
