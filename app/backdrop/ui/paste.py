"""Pasting: turns the clipboard's content into files for the gallery."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage

from backdrop.backdrops.base import BackdropError
from backdrop.language import _
from backdrop.outputs import new_file

FOLDER = "pasted pictures"  # beside the settings
ASIDE = ".removed"  # suffix of a removed picture that can still be restored
LEFT_AFTER = 3600.0  # seconds after which it can no longer be restored


def files_in(data: QMimeData) -> list[str]:
    """The paths of dropped or copied files."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def picture_in(data: QMimeData, folder: Path) -> Callable[[], str] | None:
    """Return a function that writes the copied picture, such as a screenshot, into folder and returns its path.

    None if no picture was copied. The function can be slow, and raises BackdropError.
    """
    image = data.imageData() if data.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    name = _("Pasted {when}", when=time.strftime("%Y-%m-%d %H.%M.%S"))

    def write() -> str:
        from backdrop.backdrops.picture_file import LARGEST_SIDE

        path, most = folder / f"{name}.png", QSize(LARGEST_SIDE, LARGEST_SIDE)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with new_file.create(path) as file:  # two can be pasted within one second
                path = file.path
        except OSError as error:
            raise _not_kept(path, error.strerror or str(error)) from error
        smaller = image
        if max(image.width(), image.height()) > LARGEST_SIDE:
            how = Qt.TransformationMode.SmoothTransformation
            smaller = image.scaled(most, Qt.AspectRatioMode.KeepAspectRatio, how)
        if not smaller.save(str(path)):
            path.unlink(missing_ok=True)
            raise _not_kept(path, _("the disk may be full"))
        return str(path)

    return write


def set_aside(path: str, folder: Path) -> None:
    """Hide a pasted picture until bring_back() or forget(). Other files are left alone."""
    if Path(path).parent == folder:
        with suppress(FileNotFoundError):
            Path(path).rename(_aside(path))


def bring_back(path: str, folder: Path) -> None:
    """Undo set_aside()."""
    if Path(path).parent == folder:
        with suppress(FileNotFoundError):
            _aside(path).rename(path)


def forget(path: str, folder: Path) -> None:
    """Delete a picture that was set aside. Nothing else in the window would show that it still exists."""
    if Path(path).parent == folder:
        _aside(path).unlink(missing_ok=True)


def forget_what_was_left(folder: Path, now: float) -> None:
    """Delete pictures set aside by a process that ended too early. now: seconds since 1970."""
    for path in folder.glob(f"*{ASIDE}"):
        if now - path.stat().st_ctime > LEFT_AFTER:
            path.unlink(missing_ok=True)


def _aside(path: str) -> Path:
    return Path(path + ASIDE)


def _not_kept(path: Path, reason: str) -> BackdropError:
    return BackdropError(_("The picture could not be saved in {path}: {reason}.", path=path, reason=reason))
