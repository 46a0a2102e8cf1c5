"""The doctor's and the settings' pages: what is found is told, what is chosen becomes new settings."""

import json
import sys
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox

from backdrop import __version__
from backdrop.doctor.finding import Finding
from backdrop.settings.settings import Settings, about
from backdrop.system.autostart import start_with_the_computer, starts_with_the_computer
from backdrop.system.this_copy import weights_hash
from backdrop.ui import theme
from backdrop.ui.doctor_page import DoctorPage
from backdrop.ui.settings_page import SettingsPage
from backdrop.ui.settings_words import GROUPS, hint_of
from tests.line_ends import LONG
from tests.qt import application, heard, until

FINE = Finding("Network", "ok", "Finds the demo's person.")
ADVICE = Finding("Display", "advice", "There is no display.", "backdrop run")
FAULT = Finding("Virtual camera", "fault", "The driver is not loaded.", "sudo modprobe v4l2loopback")


@pytest.fixture
def page(shown):
    made = shown(DoctorPage(lambda: [FINE, ADVICE, FAULT]))
    yield made
    made.stop()


@pytest.fixture
def settings_page(shown):
    return shown(SettingsPage(Settings()))


def examined(page):
    page.examine()
    until(lambda: page.again.isEnabled())
    return page


def words(page) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.text()]


def test_faults_come_first_then_advice_then_what_is_fine(page):
    told = words(examined(page))
    assert page.summary.text() == "1 problem, 1 suggestion."
    places = [told.index(each.sentence) for each in (FAULT, ADVICE, FINE)]
    assert places == sorted(places)
    assert FAULT.command in told


def test_a_command_and_the_whole_report_can_be_copied(page):
    examined(page)
    row = page._rows[0]
    assert row.copy is not None
    assert row.copy.accessibleName() == f"Copy the command {FAULT.command}"
    row.copy.click()
    assert QGuiApplication.clipboard().text() == FAULT.command
    page.copy.click()
    report = json.loads(QGuiApplication.clipboard().text())
    assert report["ok"] is False
    assert [each["examined"] for each in report["findings"]] == ["Network", "Display", "Virtual camera"]


def test_looking_does_not_keep_the_window_waiting_and_what_was_found_stays_meanwhile(page):
    examined(page)
    released = threading.Event()
    page._examine = lambda: [FINE] if released.wait(LONG) else []
    page.examine()
    assert not page.again.isEnabled()
    assert FAULT.sentence in words(page)
    released.set()
    until(lambda: page.again.isEnabled())
    until(lambda: FAULT.sentence not in words(page))
    assert page.summary.text() == "No problems."


def test_a_doctor_that_fails_says_so(page):
    def fail() -> list[Finding]:
        raise RuntimeError("no idea")

    page._examine = fail
    examined(page)
    assert page.summary.text() == "The check failed: no idea."
    assert not page.copy.isEnabled()


def test_a_screen_reader_hears_what_a_sign_means(page):
    examined(page)
    assert [row.accessibleName() for row in page._rows] == [
        "Virtual camera: Problem. The driver is not loaded.",
        "Display: Suggestion. There is no display.",
        "Network: OK. Finds the demo's person.",
    ]


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_signs_can_be_told_apart_from_the_ground(look):
    from tests.app.ui.test_theme import contrast

    application()
    theme.choose(look)
    try:
        for state in ("ok", "advice", "fault"):
            assert contrast(theme.signal(state), theme.current().raised) > 3
    finally:
        theme.choose("system")


def test_every_control_has_the_words_and_the_range_of_the_settings_table(settings_page):
    for _section, _title, names in GROUPS:
        for name in names:
            control, what = settings_page.control(name), about(name)
            assert control.accessibleName() == what.label
            assert control.accessibleDescription() == hint_of(name)
            if isinstance(control, QSpinBox):
                assert (control.minimum(), control.maximum()) == (what.least, what.most)
            if isinstance(control, QComboBox) and name != "output":
                assert [control.itemData(row) for row in range(control.count())] == list(what.choices)


def test_what_is_chosen_becomes_new_settings(settings_page):
    changes = heard(settings_page.changed)
    settings_page.control("theme").setFocus()
    QTest.keyClick(settings_page.control("theme"), Qt.Key.Key_End)
    settings_page.control("close_to_tray").click()
    settings_page.control("output").chosen.emit("/dev/video10")
    wanted = ({"theme": "contrast"}, {"close_to_tray": False}, {"output": "/dev/video10"})
    assert changes == [Settings(**each) for each in wanted]


@pytest.mark.skipif(sys.platform != "linux", reason="the desktops of Linux")
def test_starting_with_the_computer_follows_the_desktop_s_own_entry(settings_page, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings_page.show()
    assert not settings_page.start.isChecked()
    settings_page.start.click()
    assert starts_with_the_computer()
    start_with_the_computer(False)  # as a person does in the desktop's own list
    settings_page.hide()
    settings_page.show()
    assert not settings_page.start.isChecked()
    (tmp_path / "autostart").rmdir()
    (tmp_path / "autostart").touch()
    settings_page.start.click()
    assert not settings_page.start.isChecked()
    assert "cannot be written" in settings_page.start_hint.text()


def test_the_settings_say_which_backdrop_this_is(settings_page):
    said = settings_page.about.text()
    assert f"Backdrop {__version__}" in said
    assert "MIT" in said
    assert weights_hash() in said


def test_what_cannot_be_a_setting_is_put_back_and_the_reason_is_said_beside_it(settings_page):
    output = settings_page.control("output")
    assert settings_page._errors["output"].isHidden()
    output.chosen.emit("/dev/" + "x" * 5000)
    assert output.currentData() == ""
    assert "is not a valid name for a file or device" in settings_page.error("output")
    assert not settings_page._errors["output"].isHidden()
    assert settings_page.error("output") in output.accessibleDescription()
    settings_page.show_output_trouble("")  # no news
    assert settings_page.error("output")
    output.chosen.emit("/dev/video10")
    assert settings_page._errors["output"].isHidden()
    settings_page.show_output_trouble("It is used by OBS.")
    assert settings_page.error("output") == "It is used by OBS."


def test_each_section_is_shown_alone_and_every_setting_has_a_sentence_of_its_own(settings_page):
    names = [name for _section, _title, group in GROUPS for name in group]
    assert len(names) == len(set(names))
    for at, section in enumerate(settings_page.sections):
        settings_page.tabs.setCurrentIndex(at)
        seen = {name for name in names if settings_page.control(name).isVisible()}
        assert seen == {name for where, _title, group in GROUPS if where == section for name in group}
        assert settings_page.about.isVisible() == (section == "About")
    for name in names:
        assert hint_of(name).endswith(".")
        assert not any(text in hint_of(name) for text in ("Default:", "--", "low-latency", "0: "))


def test_reset_gives_one_section_its_first_values_and_nothing_else(settings_page):
    settings_page.changed.connect(settings_page.show_settings)
    start = Settings(theme="dark", cpu_budget=40, backdrop="colour", language="de")
    assert not settings_page.resets["Basics"].isEnabled()
    settings_page.show_settings(start)
    settings_page.tabs.setCurrentIndex(1)
    settings_page.resets["Advanced"].click()
    assert settings_page._settings == replace(start, cpu_budget=0)
    assert not settings_page.resets["Advanced"].isEnabled()
    settings_page.tabs.setCurrentIndex(0)
    settings_page.resets["Basics"].click()
    assert settings_page._settings == Settings(backdrop="colour")


def test_an_output_that_is_not_there_now_is_in_the_list_in_words(settings_page):
    output = settings_page.control("output")
    for spec, words in (("/dev/video77", "not connected"), ("/home/a/talk.mp4", "Record to talk.mp4")):
        settings_page.show_settings(Settings(output=spec))
        assert output.currentData() == spec
        assert words in output.currentText()


def test_settings_that_change_elsewhere_show_and_are_not_sent_back(settings_page):
    changes = heard(settings_page.changed)
    settings_page.show_settings(Settings(language="de", theme="dark"))
    assert settings_page.control("language").currentText() == "Deutsch"
    assert changes == []
