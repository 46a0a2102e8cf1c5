"""What cameras can be asked for, and the window's lists of it; cameras that come and go."""

import struct
import threading

import pytest
from PySide6.QtCore import QFileSystemWatcher
from PySide6.QtTest import QTest

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.formats import sizes_of
from backdrop.cameras.modes import USUAL, Mode, list_modes, needs_mjpg, path_of
from backdrop.settings.settings import Settings
from backdrop.ui.camera_list import SETTLE, CameraList
from backdrop.ui.controls import CameraChoice
from backdrop.ui.mode_choice import ModeChoice
from tests.line_ends import LONG
from tests.qt import application, until
from tests.videos import greys, write_video

MODES = [Mode(1920, 1080, (30, 15)), Mode(1280, 720, (60, 30)), Mode(640, 480, (30,))]
DEMO = CameraInfo("demo", "Demo camera")


def discrete(width, height):
    return struct.pack("=I4sIII24x", 0, b"YUYV", 1, width, height)


def stepwise(*numbers):
    return struct.pack("=I4sI6I8x", 0, b"YUYV", 3, *numbers)


def test_a_size_is_read_as_linux_tells_it():
    assert len(discrete(1, 1)) == len(stepwise(*range(6))) == 44
    assert sizes_of(discrete(1280, 720), USUAL) == {(1280, 720)}


def test_of_a_range_of_sizes_the_usual_ones_in_it_are_offered():
    anything_to_720p = stepwise(16, 1280, 2, 16, 720, 2)
    assert sizes_of(anything_to_720p, USUAL) == {size for size in USUAL if size[0] <= 1280}
    assert sizes_of(stepwise(640, 1920, 640, 480, 1080, 240), USUAL) == {(640, 480), (1280, 720)}
    assert sizes_of(stepwise(0, 0, 0, 0, 0, 0), USUAL) == set()


def test_a_camera_that_cannot_tell_is_taken_for_a_usual_one_and_a_file_has_no_choice(tmp_path):
    sizes = [(mode.width, mode.height) for mode in list_modes("demo")]
    assert (1280, 720) in sizes
    assert sizes == sorted(sizes, reverse=True)
    assert list_modes(str(write_video(tmp_path / "a.mp4", greys(2)))) == []


@pytest.mark.parametrize("spec", ["demo", "", "/dev/null-and-void", "99", "holiday.mp4"])
def test_what_is_no_device_has_no_path(spec):
    assert path_of(spec) is None


def test_a_lasting_name_leads_to_the_device(tmp_path):
    (tmp_path / "by-id").symlink_to("/dev/null")
    assert path_of("/dev/null") == "/dev/null"
    assert path_of(f"/dev/..{tmp_path}/by-id") == "/dev/null"


def test_a_camera_that_does_not_tell_is_asked_for_mjpg():
    assert needs_mjpg("/dev/nothing", 1280, 720, 30)
    assert needs_mjpg("/dev/null", 1280, 720, 30)


@pytest.fixture
def choice():
    application()
    made = ModeChoice(Settings())
    made.heard = []
    made.changed.connect(made.heard.append)
    made.show_modes(MODES)
    yield made
    made.deleteLater()


def texts(combo):
    return [combo.itemText(at) for at in range(combo.count())]


def choose(combo, text):
    combo.setCurrentIndex(texts(combo).index(text))
    combo.activated.emit(combo.currentIndex())


def test_the_sizes_and_the_rates_at_the_chosen_one_can_be_chosen(choice):
    assert texts(choice.size_list) == ["1920 × 1080", "1280 × 720", "640 × 480"]
    assert choice.size_list.currentText() == "1280 × 720"
    assert texts(choice.rate_list) == ["60 fps", "30 fps"]
    choose(choice.rate_list, "60 fps")
    assert choice.heard == [Settings(fps=60)]


def test_another_size_comes_with_the_nearest_rate_that_it_has(choice):
    choice.show_settings(Settings(fps=60))
    choose(choice.size_list, "640 × 480")
    assert choice.heard == [Settings(width=640, height=480, fps=30)]
    choice.show_settings(choice.heard[0])
    assert texts(choice.rate_list) == ["30 fps"]


def test_what_the_settings_ask_for_is_there_even_where_the_camera_does_not_give_it(choice):
    choice.show_settings(Settings(width=800, height=600, fps=25))
    assert (choice.size_list.currentText(), choice.rate_list.currentText()) == ("800 × 600", "25 fps")
    assert choice.heard == []


def test_where_there_is_nothing_to_choose_the_lists_say_so(choice):
    choice.show_modes([])
    assert not choice.size_list.isEnabled()
    choice.show_modes(MODES)
    assert choice.rate_list.isEnabled()


@pytest.fixture
def open_list(tmp_path):
    """A function that opens a list of cameras over a folder in the place of /dev."""
    application()
    opened = []

    def open_it(cameras, modes=lambda spec: MODES):
        widget = CameraChoice(Settings())
        made = CameraList(widget, cameras, modes, tmp_path)
        opened.append(made)
        made.choice = widget
        return made

    yield open_it
    for each in opened:
        each.stop()
        each.choice.deleteLater()
        each.deleteLater()


def names(made):
    return texts(made.choice._combo)


def test_a_camera_that_is_plugged_in_appears_and_one_that_is_pulled_out_goes(open_list, tmp_path):
    def cameras():
        return [*(CameraInfo(str(path), path.name) for path in sorted(tmp_path.glob("video*"))), DEMO]

    made = open_list(cameras)
    made.refresh()
    until(lambda: names(made) == ["Automatic", "Demo camera"])
    (tmp_path / "video3").touch()
    until(lambda: names(made) == ["Automatic", "video3", "Demo camera"])
    (tmp_path / "video3").unlink()
    until(lambda: names(made) == ["Automatic", "Demo camera"])


def test_what_else_changes_beside_the_cameras_asks_nobody(open_list, tmp_path):
    asked = []
    made = open_list(lambda: asked.append(True) or [DEMO])
    changes = []
    watcher = QFileSystemWatcher([str(tmp_path)])
    watcher.directoryChanged.connect(changes.append)
    (tmp_path / "ttyUSB0").touch()
    until(lambda: changes)
    QTest.qWait(2 * SETTLE)  # from here on there is nothing to wait for
    assert asked == []
    (tmp_path / "video0").touch()
    until(lambda: asked)
    assert names(made)


def test_the_modes_are_those_of_the_camera_that_is_open(open_list):
    asked = []
    made = open_list(
        lambda: [CameraInfo("/dev/video0", "Webcam (/dev/video0)"), DEMO],
        lambda spec: asked.append(spec) or (MODES if spec == "/dev/video0" else MODES[2:]),
    )
    made.refresh()
    until(lambda: len(names(made)) == 3)
    made.show_camera("", "Webcam (/dev/video0)")
    until(lambda: len(texts(made.choice.modes.size_list)) == 3)
    made.show_camera("", "Webcam (/dev/video0)")
    made.show_camera("demo", "Demo camera")
    until(lambda: texts(made.choice.modes.size_list) == ["1280 × 720", "640 × 480"])
    assert asked == ["/dev/video0", "demo"]


def test_an_answer_that_comes_too_late_is_not_shown(open_list):
    go_on, slow = threading.Event(), [Mode(320, 240, (5,))]

    def modes(spec):
        if spec == "demo":
            return MODES
        go_on.wait(LONG)
        return slow

    made = open_list(lambda: [DEMO], modes)
    made.show_camera("/dev/video0", "")
    made.show_camera("demo", "")
    go_on.set()
    until(lambda: len(texts(made.choice.modes.size_list)) == 3)
    assert "320 × 240" not in texts(made.choice.modes.size_list)
