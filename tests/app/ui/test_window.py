"""The whole window with a real engine: the demo camera, a toy network, and cameras that misbehave."""

import signal
import threading
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.demo import DemoCamera
from backdrop.language import LANGUAGES, speak
from backdrop.run.engine import Engine
from backdrop.settings.file import load_settings, save_settings
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.application import run_window
from backdrop.ui.keys import KeysDialog
from backdrop.ui.notices import ORDER, Notice
from backdrop.ui.room import is_on_air
from backdrop.ui.window import Window
from sinet_core import Segmenter
from tests.line_ends import LONG
from tests.qt import application, heard, until
from tests.toy_network import write_toy_network

CAMERAS = [CameraInfo("demo", "Demo camera")]
BASIC = Settings(camera="demo", width=320, height=180, backdrop="colour", colour="#ff0000")


class StalledCamera:
    """A camera whose read() does not come back until the test lets it."""

    def __init__(self):
        self.name, self.size, self.fps = "Stalled camera", (320, 180), 30.0
        self.reading, self.released = threading.Event(), threading.Event()
        self.returned = False

    def read(self):
        self.reading.set()
        self.released.wait(2 * LONG)
        self.returned = True
        return np.zeros((180, 320, 3), np.uint8)

    def close(self):
        pass


@pytest.fixture
def network(tmp_path):
    path = write_toy_network(tmp_path / "toy.onnx")
    return lambda: Segmenter.load(path)


@pytest.fixture
def open_window(tmp_path, network):
    """A function that opens a window with an engine of its own; all are closed at the end."""
    application()
    windows = []

    def open_it(settings=BASIC, *, camera=None, notices=(), cameras=lambda: CAMERAS):
        opener = {} if camera is None else {"open_camera": lambda *_: camera}
        # Not governed: that would say that this computer is too busy.
        engine = Engine(settings, segmenter=network, governed=False, **opener)
        engine.start()
        window = Window(engine, tmp_path / "settings.json", notices, cameras=cameras)
        windows.append(window)
        window.show()
        window.activateWindow()
        until(window.isActiveWindow)  # keys go to the active window alone
        return window

    yield open_it
    for window in windows:
        window.close()
        window.deleteLater()


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(50, 50), copy, data, left, Qt.KeyboardModifier.NoModifier))


def picture_names(window):
    return [choice.name for choice in window.panel.gallery.choices()]


def write_picture(path):
    cv2.imwrite(str(path), np.full((90, 160, 3), (255, 0, 0), np.uint8))
    return path


def test_the_person_is_seen_live_before_the_chosen_backdrop(open_window):
    window = open_window()
    until(lambda: window._engine.stats().frames > 3 and window.preview.painted > 3)
    assert window.preview.frame_size().width() == 320
    share = np.mean(np.all(window.preview._pixels[..., :3] == (0, 0, 255), axis=2))
    assert 0.02 < share < 0.98


def test_blur_goes_on_and_off_with_the_button_and_with_its_key(open_window):
    window = open_window()
    QTest.mouseClick(window.bar.blur, Qt.MouseButton.LeftButton)
    assert window._engine.settings.backdrop == "blur"
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window._engine.settings.backdrop == "colour"
    assert not window.bar.blur.isChecked()
    window.panel.gallery.setFocus()  # a list would search for an entry with b
    QTest.keyClick(window.panel.gallery.focusProxy(), Qt.Key.Key_B)
    assert window._engine.settings.backdrop == "blur"
    assert window.panel.gallery.current().text() == "Blur"


def test_each_key_turns_its_own_toggle_on_and_off(open_window):
    window = open_window()
    none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    for key, modifier, name, toggle in (
        (Qt.Key.Key_M, none, "mirror_preview", window.bar.mirror),
        (Qt.Key.Key_M, shift, "mirror", None),
        (Qt.Key.Key_C, none, "auto_framing", window.bar.centre),
        (Qt.Key.Key_L, none, "auto_light", window.panel.light.auto),
        (Qt.Key.Key_F, none, "show_fps", window.bar.rates),
    ):
        turned = not getattr(BASIC, name)
        QTest.keyClick(window, key, modifier)
        assert window._engine.settings == replace(BASIC, **{name: turned})
        assert toggle is None or toggle.isChecked() == turned
        if name == "show_fps":
            until(lambda: window.preview._stats is not None and window.preview._stats.process_fps > 1)
        QTest.keyClick(window, key, modifier)
        assert window._engine.settings == BASIC
    assert window.preview._stats is None


def test_the_camera_is_seen_as_it_is_while_the_key_is_held_wherever_the_focus_is(open_window):
    window = open_window()
    for focused in (window, window.panel.gallery):
        focused.setFocus()
        QTest.keyPress(focused, Qt.Key.Key_O)
        assert window._engine.comparing
        until(lambda: window.preview._frame is not None)
        QTest.keyRelease(focused, Qt.Key.Key_O)
        assert not window._engine.comparing
        assert window.preview._frame is None
    QTest.keyPress(window, Qt.Key.Key_O)
    # The release goes to another window.
    application().sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert not window._engine.comparing


def test_the_keys_zoom_move_and_reset(open_window):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_Plus)
    QTest.keyClick(window, Qt.Key.Key_Plus)
    assert window._engine.settings.zoom == 144
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert window._engine.settings.zoom_x > 0  # the preview is a mirror
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert window._engine.settings == BASIC


def test_snapshots_and_recordings_are_new_files_and_the_window_says_where(open_window, tmp_path, monkeypatch):
    for name in ("PICTURES", "VIDEOS"):
        monkeypatch.setenv(f"XDG_{name}_DIR", str(tmp_path / name.title()))
    window = open_window()
    until(lambda: window._engine.stats().frames > 3)
    window.notices.put("file", Notice("There is no picture of you yet.", passing=True))
    QTest.keyClick(window, Qt.Key.Key_S)
    assert window.notices.said("file") == ""
    assert cv2.imread(str(tmp_path / "Pictures" / "Backdrop.png")).shape == (180, 320, 3)
    assert window.notices.said("saved") == "Snapshot saved as Pictures/Backdrop.png."
    QTest.keyClick(window, Qt.Key.Key_R)
    assert window.bar.record.isChecked()
    until(lambda: window.preview._recorded)
    assert window.preview._recorded.startswith("0:0")
    assert window.describe()["recording"]["file"] == str(tmp_path / "Videos" / "Backdrop.mp4")
    QTest.keyClick(window, Qt.Key.Key_R)
    until(lambda: window.notices.said("saved") == "Recording saved as Videos/Backdrop.mp4, without sound.")
    assert window.preview._recorded == ""
    assert (tmp_path / "Videos" / "Backdrop.mp4").stat().st_size > 0


def test_who_hides_sees_it_and_comes_back_with_the_same_key_or_the_badge(open_window):
    window = open_window(replace(BASIC, backdrop="none"))
    badge, red = window.preview.hold, window.preview.badge
    assert (badge.isHidden(), red.isHidden()) == (True, False)
    QTest.keyClick(window, Qt.Key.Key_H)
    assert window._engine.settings.hide
    assert window.bar.away.isChecked()
    assert badge.toolTip() == "You are hidden"
    assert red.isHidden()
    notices = window.describe()["notices"]
    assert "You are hidden." in notices
    assert "Your room is visible." not in notices
    QTest.keyClick(window, Qt.Key.Key_H)
    assert not window._engine.settings.hide
    assert (badge.isHidden(), red.isHidden()) == (True, False)
    QTest.keyClick(window, Qt.Key.Key_P)
    assert window._engine.settings.freeze
    assert badge.toolTip() == "Your picture stands still"
    badge.button.click()
    assert not window._engine.settings.freeze


def test_the_keys_are_explained_and_all_differ(open_window):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_Question)
    dialog = window.findChild(KeysDialog)
    assert dialog is not None
    said = [words.text() for words in dialog.findChildren(QLabel)]
    assert said[said.index("H") + 1] == "Hide me"
    assert said[said.index("1 – 9") + 1] == "Presets"
    assert {"Del", "F2", "Esc", "Ctrl+arrow keys"} <= set(said)
    keys = [each for key in window._keys for each in (*key.keys, key.shown) if each]
    assert len(keys) == len(set(keys))
    dialog.reject()


def test_the_camera_under_the_preview_can_be_read_in_every_theme(open_window):
    window = open_window()
    for chosen in (theme.LIGHT, theme.DARK):
        window.setStyleSheet(theme.stylesheet(chosen))
        window.bar._state.ensurePolished()
        ink = window.bar._state.palette().color(QPalette.ColorRole.WindowText)
        assert ink.name() == theme.STAGE.faint


def test_the_bar_names_the_camera_without_its_size_before_it_cuts_the_name(open_window):
    bar = open_window().bar
    bar.show_camera("Demo camera", QSize(1280, 720))
    said = []
    for width in range(1000, 320, -10):
        bar.resize(width, bar.height())
        said.append(bar._state.text())
    assert set(said) == {"Demo camera  ·  1280 × 720", "Demo camera", ""}


def test_what_others_see_while_one_hides_is_chosen_in_the_settings(open_window, tmp_path):
    window = open_window()
    text, picture = (window.pages.settings.control(name) for name in ("hide_text", "hide_picture"))
    text.setText(" Kaffee! ")
    text.editingFinished.emit()
    assert window.settings.hide_text == "Kaffee!"
    assert not picture.remove.isVisibleTo(picture)
    picture.chosen.emit(str(tmp_path / "away.png"))
    assert window.settings.hide_picture == str(tmp_path / "away.png")
    assert picture.choose.text() == "away.png"
    picture.remove.click()
    assert window.settings.hide_picture == ""


def press_tile(window, name):
    """Click on a backdrop in the gallery."""
    choice = next(each for each in window.panel.gallery.choices() if each.name == name)
    tiles = window.panel.gallery.groups[choice.group]
    at = tiles.visualItemRect(tiles.tile(choice)).center()
    QTest.mouseClick(tiles.viewport(), Qt.MouseButton.LeftButton, pos=at)


def badges(window):
    return window.preview.badge, window.pages.settings.badge, window.pages.doctor.badge


def test_while_others_would_see_the_room_a_red_badge_says_so_on_every_page_and_offers_blur(open_window):
    window = open_window()
    assert all(badge.isHidden() for badge in badges(window))
    press_tile(window, "None")
    assert window.settings.backdrop == "none"
    for badge, open_page in zip(
        badges(window),
        (window.pages.go_back, window.pages.open_settings, window.pages.open_doctor),
        strict=True,
    ):
        open_page()
        assert badge.isVisible()
        assert badge.accessibleName() == "Others would see your room"
        pixel = badge.grab().toImage().pixelColor(4, badge.height() // 2)
        assert pixel.name() == theme.ROOM
    window.pages.go_back()
    QTest.mouseClick(window.preview.badge.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert window.settings.backdrop == "blur"
    assert all(badge.isHidden() for badge in badges(window))


def test_no_other_notice_covers_that_others_see_the_room(open_window):
    window = open_window(replace(BASIC, backdrop="none"))
    for topic in ORDER:
        window.notices.put(topic, Notice(f"Something about {topic}. " * 9))
        application().processEvents()
        badge, picture = window.preview.badge, window.preview
        assert badge.isVisible()
        assert picture.rect().contains(badge.geometry())
        shown = window.grab(QRect(badge.mapTo(window, QPoint(0, 0)), badge.size())).toImage()
        assert shown.pixelColor(4, badge.height() // 2).name() == theme.ROOM
    assert window.describe()["notices"][0] == "Your room is visible."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_badge_and_the_rates_both_find_room_on_the_smallest_preview(open_window, language):
    speak(language)
    try:
        window = open_window(replace(BASIC, backdrop="none", show_fps=True))
        badge, words = window.preview.badge, window.preview.badge.words.text()
        for width, height in ((760, 520), (1200, 680)):
            badge.words.setText(words)
            window.resize(width, height)
            painted = window.preview.painted
            until(lambda painted=painted: window.preview._stats and window.preview.painted > painted + 2)
            assert window.preview.picture_rectangle().toRect().contains(badge.geometry())
            assert badge.words.width() >= badge.words.sizeHint().width()
            badge.words.setText("W" * 24)  # as with a much larger font
            window.resize(width + 1, height)
            until(lambda wide=width + 1: window.width() == wide)
            assert window.preview.picture_rectangle().toRect().contains(badge.geometry())
    finally:
        speak("en")


ON_AIR = replace(BASIC, virtual_camera=True, output="null")


def on_air(open_window, backdrop="blur"):
    window = open_window(replace(ON_AIR, backdrop=backdrop))
    until(lambda: is_on_air(window.settings, window._engine.stats()))
    return window


def test_on_air_the_room_is_shown_only_after_a_question(open_window):
    window = on_air(open_window)
    for answer in ("Cancel", "Show my room"):
        press_tile(window, "None")
        assert window.settings.backdrop == window._engine.settings.backdrop == "blur"
        assert window.panel.gallery.current().text() == "Blur"
        (dialog,) = window.findChildren(QMessageBox)
        assert dialog.defaultButton().text() == "Cancel"
        next(button for button in dialog.buttons() if button.text() == answer).click()
        until(lambda: not window.findChildren(QMessageBox))
    assert window.settings.backdrop == "none"
    until(lambda: window.preview.badge.accessibleName() == "Others see your room")


def test_a_recording_shows_the_room_only_after_a_question_too(open_window, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(tmp_path))
    window = open_window(replace(BASIC, backdrop="blur"))
    window.change(replace(window.settings, record=True))
    press_tile(window, "None")
    assert window.settings.backdrop == window._engine.settings.backdrop == "blur"
    assert "recording" in window._question.informativeText()
    window._question.buttons()[0].click()
    assert window.settings.backdrop == "none"
    until(lambda: window.preview.badge.accessibleName() == "The recording shows your room")
    window.change(replace(window.settings, record=False))
    until(lambda: window.preview.badge.accessibleName() == "Others would see your room")


def test_the_question_is_asked_once_however_often_the_room_is_chosen_meanwhile(open_window):
    window = on_air(open_window)
    for _time in range(3):
        window.choose(window.settings.with_backdrop("none"))
    assert len(window.findChildren(QMessageBox)) == 1
    window._question.reject()
    until(lambda: not window.findChildren(QMessageBox))
    assert window.settings.backdrop == "blur"


def test_b_on_a_fresh_profile_keeps_the_blur_and_says_so(open_window):
    window = open_window(Settings(camera="demo", width=320, height=180))
    QTest.keyClick(window, Qt.Key.Key_B)
    assert (window.settings.backdrop, window._engine.settings.backdrop) == ("blur", "blur")
    assert window.bar.blur.isChecked()
    assert "stays on" in window.notices.sentence
    press_tile(window, "None")
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.settings.backdrop == "blur"
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.settings.backdrop == "blur"


def test_no_key_without_enter_shows_the_room(open_window):
    window = open_window()
    shown = heard(window.changed)
    window.panel.gallery.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_N, Qt.Key.Key_B, Qt.Key.Key_B, Qt.Key.Key_Up):
        QTest.keyClick(window.panel.gallery.focusProxy(), key)
    assert shown
    assert "none" not in {settings.backdrop for settings in shown}


def test_a_removed_picture_comes_back_where_it_was(open_window, tmp_path):
    window = open_window()
    paths = [str(write_picture(tmp_path / f"{name}.png")) for name in ("sea", "wood")]
    for path in paths:
        drop(window, path)
        until(lambda path=path: window.settings.picture == path)
    before = picture_names(window)
    window.change(replace(window.settings, picture=paths[0]))
    QTest.keyClick(window.panel.gallery.focusProxy(), Qt.Key.Key_Delete)
    assert "sea" not in picture_names(window)
    assert (window.settings.backdrop, window.settings.picture) == ("picture", "")
    assert window.panel.gallery.current().text() == "Office"
    assert window.notices.sentence == "“sea” was removed from the gallery."
    QTest.mouseClick(window.notices._action, Qt.MouseButton.LeftButton)
    assert picture_names(window) == before
    assert window.settings.picture == paths[0]
    assert window.panel.gallery.current().text() == "sea"
    assert window.notices.sentence == ""
    window.close()
    assert picture_names(open_window()) == before


def test_what_was_removed_while_another_was_shown_comes_back_without_being_shown(open_window, tmp_path):
    window = open_window()
    drop(window, write_picture(tmp_path / "sea.png"))
    until(lambda: "sea" in picture_names(window))
    window.change(replace(window.settings, backdrop="colour"))
    choice = next(choice for choice in window.panel.gallery.choices() if choice.name == "sea")
    window.panel.gallery.removed.emit(choice)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "sea" in picture_names(window)
    assert window.settings.backdrop == "colour"


def test_a_pasted_picture_is_kept_as_long_as_it_can_be_brought_back(open_window, tmp_path):
    window = open_window()
    folder = tmp_path / "pasted pictures"
    folder.mkdir()
    for undo in (True, False):
        path = write_picture(folder / f"pasted {undo}.png")
        window.pictures.add([str(path)])
        until(lambda path=path: window.settings.picture == str(path))
        QTest.keyClick(window.panel.gallery.focusProxy(), Qt.Key.Key_Delete)
        until(lambda path=path: not path.exists())
        assert list(folder.iterdir()), "it is only set aside"
        if undo:
            window.pictures.removal.undo()
            until(path.exists)
            until(lambda path=path: window.settings.picture == str(path))
        else:
            window.pictures.removal.end()
            until(lambda: len(list(folder.iterdir())) == 1)
    assert window.notices.said("removed") == ""


def test_closing_deletes_what_was_removed(open_window, tmp_path):
    window = open_window()
    folder = tmp_path / "pasted pictures"
    folder.mkdir()
    window.pictures.add([str(write_picture(folder / "pasted.png"))])
    until(lambda: window.settings.picture)
    QTest.keyClick(window.panel.gallery.focusProxy(), Qt.Key.Key_Delete)
    window.close()
    assert list(folder.iterdir()) == []


def test_settings_are_kept_between_runs(open_window, tmp_path):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_M)
    until(lambda: (tmp_path / "settings.json").exists())  # soon, not only at the end
    window.change(replace(window.settings, backdrop="blur", blur_strength=73))
    window.close()
    kept, notices = load_settings(tmp_path / "settings.json")
    assert notices == []
    assert (kept.mirror_preview, kept.backdrop, kept.blur_strength) == (False, "blur", 73)


def test_what_the_command_line_says_is_for_one_run_only(open_window, tmp_path):
    save_settings(Settings(camera="/dev/video2"), tmp_path / "settings.json")
    window = open_window(Settings(camera="demo", width=320, height=180))
    QTest.keyClick(window, Qt.Key.Key_M)
    window.close()
    kept, _notices = load_settings(tmp_path / "settings.json")
    assert kept == Settings(camera="/dev/video2", mirror_preview=False)


def test_settings_that_cannot_be_saved_give_a_sentence(open_window, tmp_path):
    (tmp_path / "settings.json").mkdir()
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_M)
    until(lambda: "could not be saved" in window.notices.sentence)


def test_what_was_wrong_with_the_settings_file_is_said_and_can_be_closed(open_window):
    window = open_window(notices=["Frame rate (fps) must be from 1 to 240, not 0. It is 30 again."])
    until(lambda: "It is 30 again" in window.notices.sentence)
    QTest.mouseClick(window.notices._close, Qt.MouseButton.LeftButton)
    assert "30" not in window.notices.sentence


def test_a_dropped_picture_joins_the_gallery_and_goes_behind_the_person(open_window, tmp_path):
    path = write_picture(tmp_path / "beach.png")
    window = open_window()
    drop(window, path)
    until(lambda: window.settings.picture == str(path))
    assert window.settings.backdrop == "picture"
    assert window.panel.gallery.current().text() == "beach"
    until(
        lambda: (
            window.preview._pixels is not None
            and np.any(np.all(window.preview._pixels[..., :3] == (255, 0, 0), axis=2))
        )
    )
    window.close()
    assert "beach" in picture_names(open_window())


def test_a_file_over_the_window_is_invited_and_anything_else_is_not(open_window, tmp_path):
    window = open_window()
    file, text = QMimeData(), QMimeData()
    file.setUrls([QUrl.fromLocalFile(str(tmp_path / "beach.png"))])
    text.setText("hello")
    for data, welcome in ((text, False), (file, True)):
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        event = QDragEnterEvent(QPoint(50, 50), copy, data, left, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        window.dragEnterEvent(event)
        assert event.isAccepted() == window.preview._inviting == welcome
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.preview._inviting


def test_a_dropped_file_that_is_no_picture_gives_a_sentence_and_changes_nothing(open_window, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.png").write_text("Dear all")
    window = open_window()
    for path in (tmp_path / "letter.png", tmp_path / "gone.jpg", tmp_path / "empty"):
        drop(window, path)
        until(lambda name=path.name: name in window.notices.sentence)
    assert window.settings == BASIC
    assert "letter" not in picture_names(window)


def test_a_picture_of_the_command_line_is_in_the_gallery(open_window, tmp_path):
    path = write_picture(tmp_path / "office.png")
    window = open_window(Settings(camera="demo", backdrop="picture", picture=str(path)))
    assert window.panel.gallery.current().text() == "office"


def test_the_list_of_cameras_may_take_its_time(open_window):
    asked, answer = threading.Event(), threading.Event()

    def slow_list():
        asked.set()
        answer.wait(LONG)
        return [CameraInfo("/dev/video0", "Slow camera"), *CAMERAS]

    window = open_window(cameras=slow_list)
    assert asked.wait(LONG)
    until(lambda: window.preview.painted > 2)
    combo = window.panel.camera._combo
    assert combo.findText("Slow camera") < 0
    answer.set()
    until(lambda: combo.findText("Slow camera") > 0)
    assert combo.currentText() == "Demo camera"


def test_cameras_that_cannot_be_listed_give_a_sentence(open_window):
    def broken():
        raise OSError("no bus")

    window = open_window(cameras=broken)
    until(lambda: "could not be listed" in window.notices.sentence)


def test_a_camera_that_stalls_leaves_the_window_responsive_and_does_not_keep_it_from_closing(open_window):
    camera = StalledCamera()
    window = open_window(Settings(width=320, height=180), camera=camera)
    assert camera.reading.wait(LONG)
    heart = QTimer(interval=20)
    beats = heard(heart.timeout)
    heart.start()
    until(lambda: len(beats) > 40)
    heart.stop()
    assert not camera.returned, "all those beats came while read() blocked"
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.settings.backdrop == "blur"  # never the room
    assert "stays on" in window.notices.said("file")
    assert window.bar.blur.isChecked()
    until(lambda: window.preview.painted)  # the card
    window.close()
    assert not camera.returned, "closing did not wait for it"
    camera.released.set()


def test_a_minimised_window_paints_nothing_and_the_tray_still_hears_how_it_goes(open_window):
    window = open_window()
    until(lambda: window.preview.painted)
    window.showMinimized()
    until(lambda: not window._engine.previewed)
    looks = heard(window.looked)
    until(lambda: looks)  # what was on its way has been painted by now
    painted = window.preview.painted
    until(lambda: len(looks) >= 3)
    assert window.preview.painted == painted
    window.showNormal()
    until(lambda: window._engine.previewed and window.preview.painted > painted)


def test_closing_stops_the_threads(open_window):
    before = set(threading.enumerate())  # among them threads of windows that earlier tests have closed
    window = open_window()
    until(lambda: window.preview.painted > 2)
    assert set(threading.enumerate()) - before
    window.close()
    until(lambda: not set(threading.enumerate()) - before)


def test_a_demo_that_nobody_chose_is_explained_once(open_window):
    window = open_window(Settings(width=320, height=180), camera=DemoCamera(320, 180))
    until(lambda: "you see a demo" in window.notices.sentence)
    QTest.mouseClick(window.notices._close, Qt.MouseButton.LeftButton)
    painted = window.preview.painted
    until(lambda: window.preview.painted > painted + 15)  # longer than until the next look at the state
    assert window.notices.sentence == ""


def test_a_demo_that_was_chosen_needs_no_words(open_window):
    window = open_window()
    until(lambda: window.preview.painted > 15)
    assert window.notices.sentence == ""


def test_another_camera_is_opened_when_it_is_chosen(open_window):
    window = open_window()
    until(lambda: window._engine.stats().camera == DemoCamera(64, 64).name)
    window.change(Settings(camera="/dev/video99", width=320, height=180))
    until(lambda: window.notices.sentence)
    assert window.panel.camera._combo.currentText() == "video99"


@pytest.fixture
def signals():
    """The handlers of the process, put back after a test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def leave_by_closing():
    next(
        each for each in QApplication.topLevelWidgets() if isinstance(each, Window) and each.isVisible()
    ).close()


@pytest.mark.parametrize(
    "leave", [leave_by_closing, *(partial(signal.raise_signal, each) for each in (2, 15))]
)
def test_the_application_runs_until_its_window_is_closed_or_it_is_told_to_end(tmp_path, signals, leave):
    running, began = application(), []

    def look():
        for each in running.topLevelWidgets():
            if isinstance(each, Window) and each.isVisible() and each.preview.painted and not began:
                began.append(each)
                leave()

    timer = QTimer(interval=30)
    timer.timeout.connect(look)
    timer.start()
    (tmp_path / "settings.json").write_text('{"fps": 0}')
    assert run_window(BASIC, tmp_path / "settings.json") == 0
    timer.stop()


class AtShow(QObject):
    """Sends a signal to this process while the window is being shown, when the application does not run yet."""

    def __init__(self, number):
        super().__init__()
        self.number, self.sent = number, False

    def eventFilter(self, has_consumers, event):  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(has_consumers, Window) and not self.sent:
            self.sent = True
            signal.raise_signal(self.number)
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_before_the_application_runs_ends_it_all_the_same(tmp_path, signals, number):
    running, early, forgotten = application(), AtShow(number), []
    running.installEventFilter(early)
    watchdog = QTimer(singleShot=True, interval=int(1000 * LONG))
    watchdog.timeout.connect(lambda: (forgotten.append(True), running.exit(9)))
    watchdog.start()
    assert run_window(BASIC, tmp_path / "settings.json") == 0
    watchdog.stop()
    running.removeEventFilter(early)
    assert early.sent
    assert forgotten == []


def test_closing_twice_is_closing_once(open_window):
    window = open_window()
    left = heard(window.left)
    window.leave()
    window.leave()
    assert left == [True]


def test_a_folder_s_pictures_are_added_in_order_and_only_the_last_becomes_the_backdrop(open_window, tmp_path):
    window = open_window()
    chosen = heard(window.changed)
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("b", "a", "c"):
        write_picture(folder / f"{name}.png")
    (folder / "notes.txt").write_text("no picture")
    drop(window, folder)
    until(lambda: window.settings.backdrop == "picture")
    assert picture_names(window)[-3:] == ["a", "b", "c"]
    assert [settings.picture for settings in chosen] == [str(folder / "c.png")]
    assert window.notices.sentence == ""


def test_how_an_own_picture_lies_in_the_frame_its_name_and_its_place_are_kept(open_window, tmp_path):
    window = open_window()
    paths = [str(write_picture(tmp_path / f"{name}.png")) for name in ("sea", "wood")]
    window.pictures.add(paths)
    until(lambda: window.settings.picture == paths[1])
    window.change(replace(window.settings, picture_fit="whole", picture_position=10))
    sea, wood = window.panel.gallery.groups["mine"].choices()
    window.panel.gallery.chosen.emit(sea)
    assert (window.settings.picture_fit, window.settings.picture_position) == ("fill", 50)
    window.panel.gallery.chosen.emit(wood)
    assert (window.settings.picture_fit, window.settings.picture_position) == ("whole", 10)
    dialog = window.pictures.ask_for_name(wood)
    dialog.edit.setText("Our wood")
    dialog.ok.click()
    QTest.keyClick(  # the window has other uses for these keys, elsewhere
        window.panel.gallery.focusProxy(), Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier
    )
    window.close()
    (again, _sea) = open_window().panel.gallery.groups["mine"].choices()
    assert (again.name, again.picture, again.fit, again.position) == ("Our wood", paths[1], "whole", 10)
