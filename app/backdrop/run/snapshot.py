"""A picture of what others see, as a new file in the folder of pictures."""

from collections.abc import Callable
from pathlib import Path

import cv2
from platformdirs import user_pictures_path

from backdrop.language import _
from backdrop.outputs import new_file
from backdrop.pipeline.pipeline import Result
from backdrop.system.reason import reason_of

NAME = "Backdrop.png"  # the next ones are Backdrop-2.png, Backdrop-3.png and so on


class SnapshotError(Exception):
    """str() is one sentence for a person."""


def write_snapshot(result: Result | None, folder: Callable[[], Path] = user_pictures_path) -> Path:
    """Write a result to a new file, transparent where the person has chosen that. Returns its path.

    Raises SnapshotError, also if there is nothing but the placeholder.
    """
    if result is None or result.is_placeholder:
        raise SnapshotError(_("There is no picture of you yet."))
    done, data = cv2.imencode(".png", result.unpremultiplied if result.key else result.pixels)
    assert done
    where = folder()
    try:
        where.mkdir(parents=True, exist_ok=True)
        with new_file.create(where / NAME) as file:
            try:
                file.write(data)
            except OSError:
                file.discard()
                raise
            return file.path
    except OSError as error:
        reason = reason_of(error)
        raise SnapshotError(
            _("The picture could not be saved in {folder}: {reason}.", folder=where, reason=reason)
        ) from error
