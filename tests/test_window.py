"""The whole window with a real engine: the demo camera, a toy network, and cameras that misbehave."""

import signal
import threading
import time
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.camera import CameraInfo
from app.demo_camera import DemoCamera
from app.engine import Engine
from app.settings import Settings, load_settings, save_settings
from app.ui.window import Window, run_window
from sinet_core import Segmenter
from tests.qt import application, until
from tests.toy_network import write_toy_network

CAMERAS = [CameraInfo("demo", "Demo camera")]
BASIC = Settings(camera="demo", width=320, height=180, backdrop="colour", colour="#ff0000")


class StalledCamera:
    """A camera whose read() does not come back until it is closed by the test."""

    def __init__(self):
        self.name, self.size, self.fps = "Stalled camera", (320, 180), 30.0
        self.reading, self.released = threading.Event(), threading.Event()

    def read(self):
        self.reading.set()
        self.released.wait(60)
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
        engine = Engine(settings, segmenter=network, **opener)
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
    QTest.keyClick(window.panel.gallery, Qt.Key.Key_B)
    assert window._engine.settings.backdrop == "blur"
    assert window.panel.gallery.currentItem().text() == "Blur"


def test_centring_comes_and_goes_with_its_key(open_window):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_C)
    assert window.settings.auto_framing
    assert window.bar.centre.isChecked()
    QTest.keyClick(window, Qt.Key.Key_C)
    assert not window.settings.auto_framing


def test_the_rates_come_and_go_with_their_key(open_window):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_F)
    assert window.settings.show_fps
    until(lambda: window.preview._stats is not None and window.preview._stats.process_fps > 1)
    QTest.keyClick(window, Qt.Key.Key_F)
    assert window.preview._stats is None


def test_turning_the_effect_off_says_that_the_room_is_visible_and_offers_blur(open_window):
    window = open_window()
    assert window.notices.sentence == ""
    window.panel.gallery.setCurrentRow(0)
    until(lambda: window.notices.sentence == "Your room is visible.")
    QTest.mouseClick(window.notices._action, Qt.MouseButton.LeftButton)
    assert window.settings.backdrop == "blur"
    until(lambda: window.notices.sentence == "")


def test_settings_are_kept_between_runs(open_window, tmp_path):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_M)
    until(lambda: (tmp_path / "settings.json").exists())  # soon, not only at the end
    window.change(replace(window.settings, backdrop="blur", blur_strength=73))
    window.close()
    kept, notices = load_settings(tmp_path / "settings.json")
    assert notices == []
    assert (kept.mirror, kept.backdrop, kept.blur_strength) == (True, "blur", 73)


def test_what_the_command_line_says_is_for_one_run_only(open_window, tmp_path):
    save_settings(Settings(camera="/dev/video2"), tmp_path / "settings.json")
    window = open_window(Settings(camera="demo", width=320, height=180))
    QTest.keyClick(window, Qt.Key.Key_M)
    window.close()
    assert load_settings(tmp_path / "settings.json")[0] == Settings(camera="/dev/video2", mirror=True)


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
    assert window.panel.gallery.currentItem().text() == "beach"
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
        event = QDragEnterEvent(
            QPoint(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        event.ignore()
        window.dragEnterEvent(event)
        assert event.isAccepted() == window.preview._inviting == welcome
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.preview._inviting


def test_a_dropped_file_that_is_no_picture_gives_a_sentence_and_changes_nothing(open_window, tmp_path):
    (tmp_path / "letter.png").write_text("Dear all")
    window = open_window()
    for path in (tmp_path / "letter.png", tmp_path / "gone.jpg", tmp_path):
        drop(window, path)
        until(lambda name=path.name: name in window.notices.sentence)
    assert window.settings == BASIC
    assert "letter" not in picture_names(window)


def test_an_own_picture_can_be_removed_while_it_is_shown(open_window, tmp_path):
    window = open_window()
    drop(window, write_picture(tmp_path / "beach.png"))
    until(lambda: "beach" in picture_names(window))
    QTest.keyClick(window.panel.gallery, Qt.Key.Key_Delete)
    assert "beach" not in picture_names(window)
    assert window.settings.picture == ""
    assert window.settings.backdrop == "picture"
    assert window.panel.gallery.currentItem().text() == "Daylight"


def test_a_picture_of_the_command_line_is_in_the_gallery(open_window, tmp_path):
    path = write_picture(tmp_path / "office.png")
    window = open_window(Settings(camera="demo", backdrop="picture", picture=str(path)))
    assert window.panel.gallery.currentItem().text() == "office"


def test_the_list_of_cameras_may_take_its_time(open_window):
    asked, answer = threading.Event(), threading.Event()

    def slow_list():
        asked.set()
        answer.wait(20)
        return [CameraInfo("/dev/video0", "Slow camera"), *CAMERAS]

    window = open_window(cameras=slow_list)
    assert asked.wait(10)
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


def test_a_camera_that_stalls_leaves_the_window_responsive_and_closing_quick(open_window):
    camera = StalledCamera()
    window = open_window(Settings(width=320, height=180), camera=camera)
    assert camera.reading.wait(10)
    beats: list[float] = []
    heart = QTimer(interval=20)
    heart.timeout.connect(lambda: beats.append(time.monotonic()))
    heart.start()
    until(lambda: len(beats) > 40)
    heart.stop()
    assert max(np.diff(beats)) < 0.5
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.settings.backdrop == "none"
    until(lambda: window.preview.painted)  # the card
    began = time.monotonic()
    window.close()
    assert time.monotonic() - began < 1.5
    camera.released.set()


def test_a_minimised_window_paints_nothing_and_the_tray_still_hears_how_it_goes(open_window):
    window = open_window()
    until(lambda: window.preview.painted)
    window.showMinimized()
    until(lambda: not window._engine.previewed)
    heard = []
    window.looked.connect(heard.append)
    until(lambda: heard)  # what was on its way has been painted by now
    painted = window.preview.painted
    until(lambda: len(heard) >= 3)
    assert window.preview.painted == painted
    window.showNormal()
    until(lambda: window._engine.previewed and window.preview.painted > painted)


def test_closing_stops_the_threads(open_window):
    before = set(threading.enumerate())  # among them threads of windows that earlier tests have closed
    window = open_window()
    until(lambda: window.preview.painted > 2)
    assert set(threading.enumerate()) - before
    window.close()
    until(lambda: not set(threading.enumerate()) - before, seconds=5)


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


@pytest.mark.parametrize("size", [(760, 520), (900, 600), (1280, 800)])
def test_nothing_is_cut_off_or_lies_over_something_else(open_window, size):
    window = open_window()
    window.resize(*size)
    application().processEvents()
    assert (window.width(), window.height()) == size
    for part in (window.bar, window.preview, window.panel):
        assert window.rect().contains(
            part.geometry().translated(part.parentWidget().mapTo(window, part.pos()) - part.pos())
        )
    for toggle in window.bar.toggles:
        assert toggle.width() >= toggle.sizeHint().width()
        assert toggle.geometry().right() < window.bar.width()
    assert window.preview.geometry().bottom() < window.bar.geometry().top()
    area = window.panel.gallery.parentWidget()
    # Nothing to scroll sideways, once it is laid out.
    until(lambda: area.width() <= area.parentWidget().width())


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
                began.append(time.monotonic())
                leave()

    timer = QTimer(interval=30)
    timer.timeout.connect(look)
    timer.start()
    (tmp_path / "settings.json").write_text('{"fps": 0}')
    assert run_window(BASIC, tmp_path / "settings.json") == 0
    timer.stop()
    assert time.monotonic() - began[0] < 3
