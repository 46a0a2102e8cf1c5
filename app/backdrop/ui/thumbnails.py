"""The small pictures of the gallery's tiles, kept on disk, because a folder of photos takes long to read."""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, QStandardPaths
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from backdrop.backdrops.blur import Blur
from backdrop.backdrops.picture import Picture, find_picture
from backdrop.backdrops.transparent import DARK, LIGHT
from backdrop.backdrops.video import is_video, still_of

log = logging.getLogger(__name__)

THUMBNAIL = QSize(288, 162)  # pixels: tiles of 96 × 54 on a screen scaled to 300 %
MOST = 1000  # files in the cache
QUALITY = 88  # of the JPEGs there …
END = b"\xff\xd9"  # … and how each of them ends


def cache_folder() -> Path:
    """Where thumbnails are kept. They may show private pictures: only this user may look into it."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)
    return Path(place) / "backdrop" / "thumbnails"


def thumbnail(path: Path, folder: Path | None = None) -> QImage:
    """The thumbnail of a picture or video, from the cache if the file has not changed. Raises BackdropError."""
    kept = _kept(path, folder)
    if kept is not None:
        found = _read_kept(kept)
        if found.size() == THUMBNAIL:
            return found
    image = read_thumbnail(path)
    if kept is not None:
        _keep(image, kept)
    return image


def forget_thumbnail(path: Path, folder: Path | None = None) -> None:
    """Delete what is kept of a picture."""
    kept = _kept(path, folder)
    if kept is not None:
        with suppress(OSError):
            kept.unlink(missing_ok=True)


def tidy(folder: Path | None = None, most: int = MOST) -> None:
    """Delete the oldest thumbnails if there are too many."""
    with suppress(OSError):
        files = sorted((folder or cache_folder()).glob("*.jpg"), key=lambda file: file.stat().st_mtime)
        for file in files[: max(0, len(files) - most)]:
            file.unlink(missing_ok=True)


def _kept(path: Path, folder: Path | None) -> Path | None:
    try:
        about = path.stat()
    except OSError:
        return None
    named = f"{path.resolve()}\n{about.st_mtime_ns}\n{about.st_size}\n{THUMBNAIL.width()}"
    return (
        folder or cache_folder()
    ) / f"{hashlib.sha256(named.encode('utf-8', 'surrogateescape')).hexdigest()}.jpg"


def _read_kept(kept: Path) -> QImage:
    """Null unless all of it is there: Qt shows the rest of a file that was cut off as grey."""
    try:
        data = kept.read_bytes()
    except OSError:
        return QImage()
    return QImage.fromData(data) if data.endswith(END) else QImage()


def _keep(image: QImage, kept: Path) -> None:
    """Write a thumbnail. Not synced to the disk, which takes longer than to read the picture again."""
    begun = kept.with_name(f"{kept.stem}.part.jpg")
    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if image.save(str(begun), quality=QUALITY):
            begun.replace(kept)
    except OSError as error:
        log.info("Thumbnails cannot be kept: %s", error)


def read_thumbnail(path: Path) -> QImage:
    """Read a picture or video as the pipeline does, at thumbnail size. Slow for large files. Raises BackdropError."""
    if is_video(path):
        return _image(still_of(path, THUMBNAIL.width(), THUMBNAIL.height()))
    return _image(Picture(path).render(np.zeros((THUMBNAIL.height(), THUMBNAIL.width(), 3), np.uint8), None))


def blurred_thumbnail() -> QImage:
    """A blurred room, for the blur tile."""
    room = thumbnail(find_picture("bookshelf")).convertToFormat(QImage.Format.Format_BGR888)
    pixels = np.frombuffer(room.constBits(), np.uint8).reshape(THUMBNAIL.height(), THUMBNAIL.width(), 3)
    return _image(Blur(70).render(pixels, None))


def squares_thumbnail() -> QPixmap:
    """A chequerboard, the usual sign for transparency."""
    squares = QPixmap(THUMBNAIL)
    squares.fill(QColor(LIGHT, LIGHT, LIGHT))
    painter, side = QPainter(squares), THUMBNAIL.height() // 6
    for row in range(0, THUMBNAIL.height(), side):
        for column in range(row % (2 * side), THUMBNAIL.width(), 2 * side):
            painter.fillRect(column, row, side, side, QColor(DARK, DARK, DARK))
    painter.end()
    return squares


def _image(pixels: np.ndarray) -> QImage:
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888).copy()
