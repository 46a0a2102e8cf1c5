"""The first start: three steps, which can be skipped, and never again."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from backdrop.run.engine import Engine
from backdrop.run.stats import Stats
from backdrop.settings.file import load_settings
from backdrop.settings.settings import Settings
from backdrop.ui.first_start import STEPS, camera_in_words
from backdrop.ui.window import Window
from tests.qt import until

ON = Stats(30, 30, 30, 8, 0, 9, "Integrated Camera", "")


@pytest.fixture
def window(still_window, shown):
    return shown(still_window(Settings(camera="demo")), 760, 520)


PARTS = {"camera": "camera", "output": "virtual_camera", "backdrop": "gallery", "rest": "preset"}


def seen(window: Window) -> list[str]:
    return [name for name, part in PARTS.items() if getattr(window.panel, part).isVisible()]


def test_without_a_welcome_everything_is_there(window):
    assert seen(window) == [*PARTS]
    assert not window.panel.first_start.isVisible()


def test_each_step_shows_its_own_controls_and_after_the_last_everything_is_there(window):
    window.welcome()
    first = window.panel.first_start
    for number, (step, title) in enumerate(STEPS.items(), 1):
        assert seen(window) == [step]
        assert (first.title.text(), first.count.text()) == (title, f"Step {number} of 3")
        assert first.back.isVisible() == (number > 1)
        assert window.preview.isVisible()
        first.next.click()
    assert seen(window) == [*PARTS]
    assert not first.isVisible()


def test_enter_goes_on_to_the_next_step(window):
    window.welcome()
    QTest.keyClick(window.panel.first_start.next, Qt.Key.Key_Return)
    assert window.panel.first_start.step == "output"


def test_a_step_can_be_repeated_and_the_rest_skipped_by_button_or_escape(window):
    window.welcome()
    first = window.panel.first_start
    first.next.click()
    first.back.click()
    assert first.step == "camera"
    first.skip.click()
    assert seen(window) == [*PARTS]
    first.begin()
    window.activateWindow()
    until(window.isActiveWindow)
    first.next.setFocus()
    QTest.keyClick(first.next, Qt.Key.Key_Escape)
    assert seen(window) == [*PARTS]


def test_it_is_shown_once_also_if_the_run_ends_in_the_middle(window, tmp_path):
    window.welcome()
    window.leave()
    settings = load_settings(tmp_path / "settings.json")[0]
    assert settings.welcomed
    again = Window(Engine(settings), tmp_path / "settings.json", cameras=list)
    again.show()
    again.welcome()
    assert seen(again) == [*PARTS]
    again.leave()


def test_the_camera_s_light_is_spoken_of_truly():
    assert "Integrated Camera is on" in camera_in_words(ON)
    assert "Nobody else" in camera_in_words(ON)
    assert "Nobody else" not in camera_in_words(replace(ON, output="Backdrop (/dev/video10)"))
    for stats in (replace(ON, resting=True), replace(ON, camera="")):
        assert camera_in_words(stats) == "Your camera is off."
    assert camera_in_words(replace(ON, camera="Demo camera")) == "No camera is on: this is a demo."


def test_the_setup_is_a_button_away_where_there_is_no_virtual_camera(window):
    window.welcome()
    first = window.panel.first_start
    first.next.click()
    first.setup.click()
    assert window.pages.currentWidget() is window.pages.setup
    window.pages.go_back()
    assert first.isVisible()
    assert first.step == "output"
