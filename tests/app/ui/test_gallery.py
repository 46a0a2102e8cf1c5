"""The gallery of backdrops, with the pictures that ship and pictures that the tests write."""

import itertools

import av
import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from backdrop.backdrops.arguments import read_picture
from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import BUILT_IN, LOOPS, built_in_pictures, find_picture
from backdrop.settings.settings import FORMER_PICTURES, Settings
from backdrop.ui.gallery import _THUMBNAIL, Choice, Gallery, read_thumbnail
from backdrop.ui.worker import Worker
from tests.qt import application, until
from tests.videos import write_video


@pytest.fixture
def gallery():
    application()
    worker = Worker("thumbnails")
    widget = Gallery(worker)
    widget.resize(288, 400)
    widget.show()
    yield widget
    worker.stop()
    widget.close()
    widget.deleteLater()


def thumbnails(gallery: Gallery) -> list[QPixmap | None]:
    return [gallery.item(row).data(_THUMBNAIL) for row in range(gallery.count())]


def write_picture(path, colour=(0, 0, 255), size=(40, 60)):
    cv2.imwrite(str(path), np.full((*size, 3), colour, np.uint8))
    return str(path)


def test_it_offers_no_effect_blur_a_colour_nothing_and_every_built_in_picture(gallery):
    kinds = [choice.backdrop for choice in gallery.choices()]
    assert kinds[:4] == ["none", "blur", "colour", "transparent"]
    assert [choice.picture for choice in gallery.choices()[4:]] == [path.stem for path in built_in_pictures()]
    assert 6 <= len(built_in_pictures()) <= 12


def test_every_built_in_picture_is_large_enough_light_enough_and_has_no_flat_areas():
    for path in built_in_pictures():
        if path.stem not in LOOPS:
            pixels = cv2.imread(str(path))
            assert pixels.shape == (1080, 1920, 3), path.name
            assert path.stat().st_size <= 250_000, path.name
            assert 25 < pixels.mean() < 225, path.name
            blocks = pixels[:1072, :, 1].reshape(67, 16, 120, 16).astype(float).std(axis=(1, 3))
            assert np.median(blocks) > 0.5, path.name  # fine grain, so that nothing bands


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_small_moves_gently_and_ends_where_it_begins(name):
    path = find_picture(name)
    assert path.stat().st_size < 600_000
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="gray").astype(int) for frame in file.decode(video=0)]
    assert frames[0].shape == (720, 1280)
    assert 5 * 20 <= len(frames) <= 15 * 20
    steps = [
        np.abs(a - b).mean()
        for a, b in itertools.pairwise([*frames[:40], *frames[-40:]])
        if a is not frames[39]
    ]
    seam = np.abs(frames[-1] - frames[0]).mean()
    assert 0.01 < np.median(steps) < 3
    assert seam < 2 * np.median(steps) + 0.3
    assert np.abs(frames[0] - frames[len(frames) // 2]).mean() > 0.2, "it moves at all"


def test_every_built_in_backdrop_is_there_and_the_name_of_a_former_one_finds_its_successor():
    assert [path.stem for path in built_in_pictures()] == list(BUILT_IN)
    assert set(FORMER_PICTURES.values()) <= set(BUILT_IN)
    for former, present in FORMER_PICTURES.items():
        assert find_picture(former) == find_picture(present)
        assert read_picture(former) == present


def test_thumbnails_arrive_by_themselves(gallery):
    gallery.show_settings(Settings())
    assert thumbnails(gallery)[4] is None  # the window did not wait for them
    until(lambda: all(thumbnails(gallery)[1:]))


def test_a_click_chooses(gallery):
    chosen = []
    gallery.chosen.connect(chosen.append)
    tile = gallery.visualItemRect(gallery.item(4))
    QTest.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=tile.center())
    assert chosen == [gallery.choices()[4]]


def test_arrow_keys_choose(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = []
    gallery.chosen.connect(lambda choice: chosen.append(choice.backdrop))
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    QTest.keyClick(gallery, Qt.Key.Key_Left)
    assert chosen == ["colour", "blur"]


def test_showing_settings_marks_a_tile_without_choosing_it(gallery):
    chosen = []
    gallery.chosen.connect(chosen.append)
    gallery.show_settings(Settings(backdrop="picture", picture="cafe"))
    assert gallery.currentItem().text() == "Café"
    gallery.show_settings(Settings(backdrop="picture"))
    assert gallery.currentItem().text() == "Office"
    gallery.show_settings(Settings(backdrop="none"))
    assert gallery.currentItem().text() == "None"
    assert chosen == []


def test_the_colours_tile_has_the_colour_of_the_settings(gallery):
    gallery.show_settings(Settings(colour="#ff8000"))
    assert thumbnails(gallery)[2].toImage().pixelColor(4, 4).name() == "#ff8000"


def test_an_own_picture_can_be_added_and_asked_away_with_delete(gallery, tmp_path):
    own = Choice("picture", "beach", write_picture(tmp_path / "beach.png"), own=True)
    gallery.add(own)
    until(lambda: thumbnails(gallery)[-1])
    gallery.show_settings(Settings(backdrop="picture", picture=own.picture))
    removed = []
    gallery.removed.connect(removed.append)
    QTest.keyClick(gallery, Qt.Key.Key_Delete)
    assert removed == [own]
    gallery.remove(own)
    assert own not in gallery.choices()


def test_a_built_in_picture_cannot_be_asked_away(gallery):
    gallery.show_settings(Settings(backdrop="picture", picture="cafe"))
    removed = []
    gallery.removed.connect(removed.append)
    QTest.keyClick(gallery, Qt.Key.Key_Delete)
    assert removed == []


def test_an_own_picture_that_is_gone_stays_with_a_sentence(gallery, tmp_path):
    gallery.add(Choice("picture", "gone", str(tmp_path / "gone.png"), own=True))
    item = gallery.item(gallery.count() - 1)
    until(lambda: "gone.png" in item.toolTip() and "choose another" in item.toolTip())
    assert item.data(_THUMBNAIL) is None
    assert not gallery.grab().isNull()


def test_it_is_as_high_as_its_tiles_need(gallery):
    bottom = max(gallery.visualItemRect(gallery.item(row)).bottom() for row in range(gallery.count()))
    assert bottom < gallery.height() <= bottom + 12
    three = gallery.height()
    gallery.set_columns(4)
    assert gallery.height() < three


def test_every_tile_says_its_name_to_a_screen_reader(gallery):
    names = [gallery.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(gallery.count())]
    assert all(names)
    assert gallery.accessibleName() == "Backdrop"


def test_a_thumbnail_shows_the_middle_of_the_picture_in_its_own_colours(tmp_path):
    image = read_thumbnail(tmp_path / write_picture(tmp_path / "tall.png", (255, 0, 0), (400, 60)))
    assert image.width() / image.height() == pytest.approx(16 / 9, abs=0.01)
    assert image.pixelColor(100, 80).blue() == 255


def test_a_video_has_a_thumbnail_a_sign_and_a_name_of_its_own(gallery, tmp_path):
    path = write_video(tmp_path / "sea.mp4", [np.full((90, 160, 3), (200, 40, 20), np.uint8)] * 3)
    gallery.add(Choice("picture", "sea", str(path), own=True))
    item = gallery.item(gallery.count() - 1)
    until(lambda: item.data(_THUMBNAIL))
    assert item.data(_THUMBNAIL).toImage().pixelColor(100, 80).blue() > 150
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "sea, your own video"
    tile = gallery.visualItemRect(item)
    middle = gallery.viewport().grab(tile).toImage().pixelColor(tile.width() // 2, (tile.height() - 22) // 2)
    assert min(middle.red(), middle.green()) > 150  # the sign is white


@pytest.mark.parametrize("content", [b"", b"no video", b"GIF89a" + b"\xff" * 9])
def test_a_thumbnail_of_a_file_that_is_no_video_is_one_sentence(tmp_path, content):
    path = tmp_path / "x.gif"
    path.write_bytes(content)
    with pytest.raises(BackdropError, match=r"x\.gif"):
        read_thumbnail(path)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_a_thumbnail_of_something_else_is_one_sentence(tmp_path, content):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(BackdropError, match=r"x\.png"):
        read_thumbnail(path)


def press(gallery, row, button=Qt.MouseButton.LeftButton):
    QTest.mouseClick(gallery.viewport(), button, pos=gallery.visualItemRect(gallery.item(row)).center())


@pytest.mark.parametrize(
    "keys", [[Qt.Key.Key_Left], [Qt.Key.Key_Home], [Qt.Key.Key_Up], [Qt.Key.Key_N], [Qt.Key.Key_PageUp]]
)
def test_keys_never_choose_to_show_the_room(gallery, keys):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = []
    gallery.chosen.connect(lambda choice: chosen.append(choice.backdrop))
    for key in keys:
        QTest.keyClick(gallery, key)
    assert chosen == []
    assert [item.text() for item in gallery.selectedItems()] == ["Blur"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_room_is_chosen_by_enter_or_the_space_bar_on_its_tile(gallery, key):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = []
    gallery.chosen.connect(lambda choice: chosen.append(choice.backdrop))
    QTest.keyClick(gallery, Qt.Key.Key_Left)
    assert gallery.currentItem().text() == "None"
    QTest.keyClick(gallery, key)
    assert chosen == ["none"]


def test_the_room_is_chosen_by_a_click_and_not_by_passing_over_it(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = []
    gallery.chosen.connect(lambda choice: chosen.append(choice.backdrop))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    start, room = (gallery.visualItemRect(gallery.item(row)).center() for row in (2, 0))
    QTest.mousePress(gallery.viewport(), left, none, start)
    for share in range(1, 11):
        at = start + (room - start) * share / 10
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), gallery.viewport().mapToGlobal(QPointF(at)), left, left, none
        )
        QApplication.sendEvent(gallery.viewport(), event)
    QTest.mouseRelease(gallery.viewport(), left, none, room)
    assert chosen == ["colour"]
    press(gallery, 0)
    assert chosen == ["colour", "none"]


def test_the_keys_are_seen_where_they_are_while_another_tile_is_chosen(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    gallery.activateWindow()
    gallery.setFocus()
    until(gallery.hasFocus)
    tile = gallery.visualItemRect(gallery.item(0))
    before = gallery.viewport().grab(tile).toImage()
    QTest.keyClick(gallery, Qt.Key.Key_Left)
    assert gallery.viewport().grab(tile).toImage() != before
    gallery.show_settings(Settings(backdrop="blur"))  # as after every change of another setting
    assert gallery.currentItem().text() == "None"


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_another_button_than_the_left_chooses_nothing(gallery, button):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = []
    gallery.chosen.connect(chosen.append)
    for row in (0, 2, 5):
        press(gallery, row, button)
    assert chosen == []
    assert [item.text() for item in gallery.selectedItems()] == ["Blur"]


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_menu_of_an_own_picture_takes_out_that_one_and_changes_nothing_else(gallery, tmp_path, reason):
    own = [
        Choice("picture", name, write_picture(tmp_path / f"{name}.png"), own=True) for name in ("sea", "wood")
    ]
    for choice in own:
        gallery.add(choice)
    gallery.show_settings(Settings(backdrop="picture", picture=own[1].picture))
    chosen, removed = [], []
    gallery.chosen.connect(chosen.append)
    gallery.removed.connect(removed.append)
    at = gallery.visualItemRect(gallery.item(gallery.count() - 2)).center()
    gallery.contextMenuEvent(QContextMenuEvent(reason, at, gallery.mapToGlobal(at)))
    menu = gallery.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert chosen == []
    assert removed == [own[0] if reason == QContextMenuEvent.Reason.Mouse else own[1]]


def test_a_right_click_beside_the_tiles_opens_no_menu(gallery, tmp_path):
    own = Choice("picture", "sea", write_picture(tmp_path / "sea.png"), own=True)
    gallery.add(own)
    gallery.show_settings(Settings(backdrop="picture", picture=own.picture))
    at = QPoint(gallery.width() - 2, gallery.height() - 2)
    gallery.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, gallery.mapToGlobal(at)))
    assert gallery.findChild(QMenu) is None
