"""The pictures that the person has added to the gallery. They are listed in a file beside the settings."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from backdrop.files.atomic import write_json
from backdrop.settings.settings import SettingsError, check
from backdrop.system.home import read_regular
from backdrop.ui.choice import Choice

log = logging.getLogger(__name__)

MOST = 500
LONGEST_NAME = 80  # characters
LARGEST_FILE = 1_000_000


def own(path: str, name: str = "", fit: str = "fill", position: int = 50) -> Choice:
    """The tile of a picture of one's own. name: "" for the file's."""
    return Choice("picture", name or Path(path).stem, path, own=True, fit=fit, position=position)


def load_own_pictures(path: Path) -> list[Choice]:
    """Return them in their order; none if the file is missing or damaged."""
    try:
        found = json.loads(read_regular(path, LARGEST_FILE))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError):
        log.warning("%s could not be read; the gallery begins without your own pictures", path)
        return []
    choices = [_read(each) for each in found] if isinstance(found, list) else []
    return list({choice.picture: choice for choice in choices if choice is not None}.values())[:MOST]


def _read(found: object) -> Choice | None:
    """An entry is a path, or, where there is more to say, an object."""
    if isinstance(found, str):
        found = {"path": found}
    if not isinstance(found, dict) or not found.get("path"):
        return None
    try:
        check("picture", found["path"])
    except SettingsError:
        return None  # a tile that could not be chosen
    given: dict[str, Any] = {}
    if isinstance(found.get("name"), str):
        given["name"] = found["name"].strip()[:LONGEST_NAME]
    for key in ("fit", "position"):
        with suppress(SettingsError, KeyError):
            check(f"picture_{key}", found[key])
            given[key] = found[key]
    return own(found["path"], **given)


def save_own_pictures(pictures: Sequence[Choice], path: Path) -> None:
    """Write them atomically. Raises OSError."""
    write_json([_written(choice) for choice in pictures[-MOST:]], path)


def _written(choice: Choice) -> object:
    plain = own(choice.picture)
    if choice == plain:
        return choice.picture
    name = {} if choice.name == plain.name else {"name": choice.name}
    return {"path": choice.picture, **name, "fit": choice.fit, "position": choice.position}
