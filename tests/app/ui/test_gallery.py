"""The gallery of backdrops, with the pictures that ship and pictures that the tests write."""

import itertools
import os
import re
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QImage, QMouseEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidgetItem, QMenu

from backdrop.backdrops.arguments import read_picture
from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import BUILT_IN, LOOPS, built_in_pictures, find_picture
from backdrop.settings.settings import FORMER_PICTURES, Settings
from backdrop.ui.choice import Choice
from backdrop.ui.gallery import Gallery
from backdrop.ui.own_pictures import own
from backdrop.ui.thumbnails import forget_thumbnail, read_thumbnail, thumbnail, tidy
from backdrop.ui.tile import PIXMAP, fitting_font
from backdrop.ui.tiles import Tiles
from tests.qt import heard, until
from tests.videos import write_video


@pytest.fixture
def gallery(shown, worker):
    return shown(Gallery(worker), 288, 400)


def tile(gallery: Gallery, at: int) -> tuple[Tiles, QListWidgetItem]:
    """A tile by its place among all, and the group that it is in."""
    choice = gallery.choices()[at]
    tiles = gallery.groups[choice.group]
    item = tiles.tile(choice)
    assert item is not None
    return tiles, item


def thumbnails(gallery: Gallery) -> list[QPixmap | None]:
    return [tile(gallery, at)[1].data(PIXMAP) for at in range(len(gallery.choices()))]


def selected(gallery: Gallery) -> list[str]:
    return [item.text() for tiles in gallery.groups.values() for item in tiles.selectedItems()]


def key(
    gallery: Gallery, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key in the group of the chosen tile."""
    target = gallery.focusProxy()
    assert target is not None
    QTest.keyClick(target, key, modifier)


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
        frames = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    assert frames[0].shape == (720, 1280)
    assert 5 * 20 <= len(frames) <= 15 * 20
    pairs = [*itertools.pairwise(frames[:40]), *itertools.pairwise(frames[-40:])]
    steps = [cv2.absdiff(a, b).mean() for a, b in pairs]
    seam = cv2.absdiff(frames[-1], frames[0]).mean()
    assert 0.01 < np.median(steps) < 3
    assert seam < 2 * np.median(steps) + 0.3
    assert cv2.absdiff(frames[0], frames[len(frames) // 2]).mean() > 0.2, "it moves at all"


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


def test_arrow_keys_choose(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = heard(gallery.chosen)
    key(gallery, Qt.Key.Key_Right)
    key(gallery, Qt.Key.Key_Left)
    assert [choice.backdrop for choice in chosen] == ["colour", "blur"]


def test_showing_settings_marks_a_tile_without_choosing_it(gallery):
    chosen = heard(gallery.chosen)
    gallery.show_settings(Settings(backdrop="picture", picture="cafe"))
    assert gallery.current().text() == "Café"
    gallery.show_settings(Settings(backdrop="picture"))
    assert gallery.current().text() == "Office"
    gallery.show_settings(Settings(backdrop="none"))
    assert gallery.current().text() == "None"
    assert chosen == []


def test_the_colours_tile_has_the_colour_of_the_settings(gallery):
    gallery.show_settings(Settings(colour="#ff8000"))
    assert thumbnails(gallery)[2].toImage().pixelColor(4, 4).name() == "#ff8000"


def test_an_own_picture_can_be_added_and_asked_away_with_delete(gallery, tmp_path):
    beach = own(write_picture(tmp_path / "beach.png"))
    gallery.add(beach)
    until(lambda: thumbnails(gallery)[-1])
    gallery.show_settings(Settings(backdrop="picture", picture=beach.picture))
    removed = heard(gallery.removed)
    key(gallery, Qt.Key.Key_Delete)
    assert removed == [beach]
    gallery.remove(beach)
    assert beach not in gallery.choices()


def test_a_built_in_picture_cannot_be_asked_away(gallery):
    gallery.show_settings(Settings(backdrop="picture", picture="cafe"))
    removed = heard(gallery.removed)
    key(gallery, Qt.Key.Key_Delete)
    assert removed == []


def test_an_own_picture_that_is_gone_stays_with_a_sentence(gallery, tmp_path):
    gallery.add(Choice("picture", "gone", str(tmp_path / "gone.png"), own=True))
    _tiles, item = tile(gallery, -1)
    until(lambda: "gone.png" in item.toolTip() and "choose another" in item.toolTip())
    assert item.data(PIXMAP) is None
    assert not gallery.grab().isNull()


def test_it_is_as_high_as_its_tiles_need(gallery):
    for tiles in [each for each in gallery.groups.values() if each.isVisible()]:
        bottom = max(
            (tiles.visualItemRect(tiles.item(row)).bottom() for row in range(tiles.count())), default=0
        )
        assert bottom <= tiles.height() <= bottom + 12
    three = gallery.height()
    gallery.set_columns(4)
    assert gallery.height() < three


def test_every_tile_says_its_name_to_a_screen_reader(gallery):
    names = [
        tile(gallery, at)[1].data(Qt.ItemDataRole.AccessibleTextRole) for at in range(len(gallery.choices()))
    ]
    assert all(names)
    assert gallery.accessibleName() == "Backdrop"
    assert [tiles.accessibleName() for tiles in gallery.order] == [
        "Backdrop: Effects",
        "Backdrop: Built in",
        "Backdrop: Mine",
    ]


def test_a_thumbnail_shows_the_middle_of_the_picture_in_its_own_colours(tmp_path):
    image = read_thumbnail(tmp_path / write_picture(tmp_path / "tall.png", (255, 0, 0), (400, 60)))
    assert image.width() / image.height() == pytest.approx(16 / 9, abs=0.01)
    assert image.pixelColor(100, 80).blue() == 255


def test_a_video_has_a_thumbnail_a_sign_and_a_name_of_its_own(gallery, tmp_path):
    path = write_video(tmp_path / "sea.mp4", [np.full((90, 160, 3), (200, 40, 20), np.uint8)] * 3)
    gallery.add(Choice("picture", "sea", str(path), own=True))
    _tiles, item = tile(gallery, -1)
    until(lambda: item.data(PIXMAP))
    assert item.data(PIXMAP).toImage().pixelColor(100, 80).blue() > 150
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "sea, your own video"
    place = _tiles.visualItemRect(item)
    middle = (
        _tiles.viewport().grab(place).toImage().pixelColor(place.width() // 2, (place.height() - 22) // 2)
    )
    assert min(middle.red(), middle.green()) > 150  # the sign is white


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("x.gif", content) for content in (b"", b"no video", b"GIF89a" + b"\xff" * 9)),
        *(("x.png", content) for content in (b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50)),
    ],
)
def test_a_thumbnail_of_a_file_that_shows_nothing_is_one_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BackdropError, match=re.escape(name)):
        read_thumbnail(tmp_path / name)


def press(gallery, at, button=Qt.MouseButton.LeftButton):
    tiles, item = tile(gallery, at)
    QTest.mouseClick(tiles.viewport(), button, pos=tiles.visualItemRect(item).center())


@pytest.mark.parametrize(
    "keys", [[Qt.Key.Key_Left], [Qt.Key.Key_Home], [Qt.Key.Key_Up], [Qt.Key.Key_N], [Qt.Key.Key_PageUp]]
)
def test_keys_never_choose_to_show_the_room(gallery, keys):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = heard(gallery.chosen)
    for each in keys:
        key(gallery, each)
    assert chosen == []
    assert selected(gallery) == ["Blur"]


@pytest.mark.parametrize("pressed", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_room_is_chosen_by_enter_or_the_space_bar_on_its_tile(gallery, pressed):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = heard(gallery.chosen)
    key(gallery, Qt.Key.Key_Left)
    assert gallery.groups["effects"].currentItem().text() == "None"
    key(gallery, pressed)
    assert [choice.backdrop for choice in chosen] == ["none"]


def test_the_room_is_chosen_by_a_click_and_not_by_passing_over_it(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = heard(gallery.chosen)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    tiles = gallery.groups["effects"]
    start, room = (tiles.visualItemRect(tiles.item(row)).center() for row in (2, 0))
    QTest.mousePress(tiles.viewport(), left, none, start)
    for share in range(1, 11):
        at = start + (room - start) * share / 10
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), tiles.viewport().mapToGlobal(QPointF(at)), left, left, none
        )
        QApplication.sendEvent(tiles.viewport(), event)
    QTest.mouseRelease(tiles.viewport(), left, none, room)
    press(gallery, 0)
    assert [choice.backdrop for choice in chosen] == ["colour", "none"]


def test_the_keys_are_seen_where_they_are_while_another_tile_is_chosen(gallery):
    gallery.show_settings(Settings(backdrop="blur"))
    gallery.activateWindow()
    gallery.setFocus()
    until(lambda: isinstance(QApplication.focusWidget(), Tiles))
    tiles, item = tile(gallery, 0)
    place = tiles.visualItemRect(item)
    before = tiles.viewport().grab(place).toImage()
    key(gallery, Qt.Key.Key_Left)
    assert tiles.viewport().grab(place).toImage() != before
    gallery.show_settings(Settings(backdrop="blur"))  # as after every change of another setting
    assert tiles.currentItem().text() == "None"


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_another_button_than_the_left_chooses_nothing(gallery, button):
    gallery.show_settings(Settings(backdrop="blur"))
    chosen = heard(gallery.chosen)
    for row in (0, 2, 5):
        press(gallery, row, button)
    assert chosen == []
    assert selected(gallery) == ["Blur"]


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_menu_of_an_own_picture_takes_out_that_one_and_changes_nothing_else(gallery, tmp_path, reason):
    mine = [own(write_picture(tmp_path / f"{name}.png")) for name in ("sea", "wood")]
    for choice in mine:
        gallery.add(choice)
    gallery.show_settings(Settings(backdrop="picture", picture=mine[1].picture))
    chosen, removed = heard(gallery.chosen), heard(gallery.removed)
    tiles, item = tile(gallery, -2)
    at = tiles.visualItemRect(item).center()
    tiles.contextMenuEvent(QContextMenuEvent(reason, at, tiles.mapToGlobal(at)))
    menu = gallery.findChild(QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    assert chosen == []
    assert removed == [mine[0] if reason == QContextMenuEvent.Reason.Mouse else mine[1]]


def test_a_right_click_beside_the_tiles_opens_no_menu(gallery, tmp_path):
    sea = own(write_picture(tmp_path / "sea.png"))
    gallery.add(sea)
    gallery.show_settings(Settings(backdrop="picture", picture=sea.picture))
    tiles = gallery.groups["mine"]
    at = QPoint(tiles.width() - 2, tiles.height() - 2)
    tiles.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, tiles.mapToGlobal(at)))
    assert gallery.findChild(QMenu) is None


def test_the_tiles_are_in_groups_with_titles_and_an_empty_group_has_none(gallery, tmp_path):
    titles = {group: title.isVisible() for group, title in gallery._titles.items()}
    assert titles == {"effects": True, "built in": True, "mine": False}
    sea = own(write_picture(tmp_path / "sea.png"))
    gallery.add(sea)
    assert gallery._titles["mine"].isVisible()
    assert gallery.groups["mine"].choices() == [sea]
    gallery.remove(sea)
    assert not gallery._titles["mine"].isVisible()


def test_arrow_keys_go_on_from_one_group_to_the_next_and_back(gallery):
    gallery.activateWindow()
    gallery.show_settings(Settings(backdrop="transparent"))
    gallery.chosen.connect(lambda choice: gallery.show_settings(choice.chosen(Settings())))
    gallery.groups["effects"].setFocus()
    until(lambda: QApplication.focusWidget() is gallery.groups["effects"])
    key(gallery, Qt.Key.Key_Right)
    assert (selected(gallery), QApplication.focusWidget()) == (["Office"], gallery.groups["built in"])
    key(gallery, Qt.Key.Key_Left)
    assert selected(gallery) == ["Transparent"]
    gallery.show_settings(Settings(backdrop="picture", picture="wall"))
    gallery.groups["built in"].setFocus()
    key(gallery, Qt.Key.Key_Up)
    assert gallery.groups["effects"].hasFocus()
    assert selected(gallery) != ["None"]


def test_an_own_picture_is_renamed_and_moved_by_key_and_stays_what_it_is(gallery, tmp_path):
    mine = [own(write_picture(tmp_path / f"{name}.png")) for name in ("sea", "wood", "hill")]
    for choice in mine:
        gallery.add(choice)
    gallery.show_settings(Settings(backdrop="picture", picture=mine[2].picture))
    asked, chosen = heard(gallery.renamed), heard(gallery.chosen)
    gallery.moved.connect(gallery.move_by)
    key(gallery, Qt.Key.Key_F2)
    assert asked == [mine[2]]
    gallery.replace(replace(mine[2], name="A hill"))
    key(gallery, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    key(gallery, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    key(gallery, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)  # it is the first already
    assert [choice.name for choice in gallery.groups["mine"].choices()] == ["A hill", "sea", "wood"]
    assert (selected(gallery), chosen) == (["A hill"], [])
    key(gallery, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert [choice.name for choice in gallery.groups["mine"].choices()] == ["sea", "A hill", "wood"]


def test_a_long_name_is_shortened_in_its_middle_and_whole_in_the_tooltip(gallery, tmp_path):
    name = "2026-07-14 holiday in the mountains with everybody (edited)"
    gallery.add(own(str(tmp_path / "x.png"), name))
    _tiles, item = tile(gallery, -1)
    font = fitting_font(gallery.font(), name, 90, chosen=False)
    short = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, 90)
    assert short.startswith("2026"[:2])
    assert short.endswith(")")
    assert name in item.toolTip()


def test_a_picture_remembers_how_it_lies_in_the_frame():
    choice = own("/a/sea.png", "", "whole", 20)
    settings = choice.chosen(Settings())
    assert (settings.picture, settings.picture_fit, settings.picture_position) == ("/a/sea.png", "whole", 20)
    assert own("/a/wood.png").chosen(settings).picture_fit == "fill"


def test_a_thumbnail_is_read_once_and_again_only_when_the_file_has_changed(tmp_path):
    folder, path = tmp_path / "cache", tmp_path / "sea.png"
    write_picture(path, (255, 0, 0))
    first = thumbnail(path, folder)
    (kept,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0  # for this user alone
    painted = QImage(first.size(), first.format())
    painted.fill(Qt.GlobalColor.green)
    painted.save(str(kept))
    assert thumbnail(path, folder).pixelColor(9, 9).green() > 200  # the file was not read
    write_picture(path, (0, 0, 255), (50, 80))
    assert thumbnail(path, folder).pixelColor(9, 9).red() > 200
    forget_thumbnail(path, folder)
    assert len(list(folder.iterdir())) == 1
    kept.write_bytes(b"no picture")
    path.write_bytes(b"nothing")
    with pytest.raises(BackdropError):
        thumbnail(path, folder)


@pytest.mark.parametrize("left", [0, 2, 700])
def test_a_kept_thumbnail_that_was_cut_off_is_made_again(tmp_path, left):
    folder, path = tmp_path / "cache", tmp_path / "sea.png"
    write_picture(path, (255, 0, 0))
    first = thumbnail(path, folder)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:left])
    assert thumbnail(path, folder) == first
    assert kept.read_bytes() == whole


def test_only_so_many_thumbnails_are_kept_and_the_newest_stay(tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
        os.utime(tmp_path / f"{number}.jpg", (number, number))
    tidy(tmp_path, most=5)
    assert sorted(int(file.stem) for file in tmp_path.iterdir()) == [7, 8, 9, 10, 11]
