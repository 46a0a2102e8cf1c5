"""What is pasted into the gallery."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture_file import LARGEST_SIDE
from backdrop.ui.paste import bring_back, files_in, forget, forget_what_was_left, picture_in, set_aside
from backdrop.ui.thumbnails import read_thumbnail
from tests.qt import application


def _copied(width: int = 64, height: int = 48) -> QMimeData:
    application()
    image, data = QImage(width, height, QImage.Format.Format_RGB32), QMimeData()
    image.fill(QColor(200, 30, 20))
    data.setImageData(image)
    return data


def test_a_picture_that_was_copied_becomes_a_file_that_the_gallery_shows(tmp_path):
    write = picture_in(_copied(), tmp_path / "pasted")
    assert write is not None
    path = Path(write())
    assert path.parent == tmp_path / "pasted"
    assert read_thumbnail(path).pixelColor(100, 80).red() == 200


def test_a_picture_is_kept_no_larger_than_it_is_ever_shown(tmp_path):
    write = picture_in(_copied(2 * LARGEST_SIDE, 10), tmp_path)
    assert write is not None
    assert QImage(write()).width() == LARGEST_SIDE


def test_files_that_were_copied_stay_where_they_are(tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png")), QUrl("https://example.org/b.png")])
    assert files_in(data) == [str(tmp_path / "a.png")]


def test_what_is_no_picture_is_none(tmp_path):
    data = QMimeData()
    data.setText("words")
    assert picture_in(data, tmp_path) is None
    assert files_in(data) == []


def test_where_it_cannot_be_kept_there_is_a_sentence(unprivileged):
    folder = unprivileged / "locked"
    folder.mkdir(mode=0o500)
    write = picture_in(_copied(), folder)
    assert write is not None
    with pytest.raises(BackdropError, match="could not be saved"):
        write()
    assert os.listdir(folder) == []  # noqa: PTH208


def test_only_what_was_pasted_is_deleted_with_its_tile(tmp_path):
    folder = tmp_path / "pasted"
    folder.mkdir()
    own, pasted = tmp_path / "own.png", folder / "pasted.png"
    own.write_bytes(b"")
    pasted.write_bytes(b"")
    for path in (own, pasted, pasted):
        set_aside(str(path), folder)
        forget(str(path), folder)
    assert own.exists()
    assert list(folder.iterdir()) == []


def test_what_was_set_aside_comes_back_and_is_not_left_for_ever(tmp_path):
    pasted = tmp_path / "pasted.png"
    pasted.write_bytes(b"picture")
    set_aside(str(pasted), tmp_path)
    assert not pasted.exists()
    bring_back(str(pasted), tmp_path)
    assert pasted.read_bytes() == b"picture"
    set_aside(str(pasted), tmp_path)
    (aside,) = tmp_path.iterdir()
    now = aside.stat().st_ctime
    forget_what_was_left(tmp_path, now + 60)  # another window may still bring it back
    assert aside.exists()
    forget_what_was_left(tmp_path, now + 7200)
    assert list(tmp_path.iterdir()) == []
