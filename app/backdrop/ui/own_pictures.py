"""The pictures that the person has added to the gallery. Their paths are in a file beside the settings."""

import json
import logging
from pathlib import Path

from backdrop.files.atomic import write_json
from backdrop.system.home import read_regular

log = logging.getLogger(__name__)

MOST = 60
LARGEST_FILE = 1_000_000


def load_own_pictures(path: Path) -> list[str]:
    """Return the paths in the order in which they were added; none if the file is missing or damaged."""
    try:
        found = json.loads(read_regular(path, LARGEST_FILE))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError):
        log.warning("%s could not be read; the gallery begins without your own pictures", path)
        return []
    texts = [text for text in found if isinstance(text, str) and text] if isinstance(found, list) else []
    return list(dict.fromkeys(texts))[:MOST]


def save_own_pictures(pictures: list[str], path: Path) -> None:
    """Write the paths atomically. Raises OSError."""
    write_json(pictures[-MOST:], path)
