"""Presets in the window, the tray and by key."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from backdrop.run.engine import Engine
from backdrop.run.stats import Stats
from backdrop.settings.presets import Presets, presets_path
from backdrop.settings.settings import Settings
from backdrop.ui.desktop import Desktop
from backdrop.ui.name_dialog import NameDialog
from backdrop.ui.window import Window
from tests.qt import application, until

RED = Settings(camera="demo", backdrop="colour", colour="#ff0000")
ON_AIR = Stats(30, 30, 30, 8, 0, 9, "Demo camera", "Backdrop (/dev/video10)", has_consumers=True)


class ShownEngine(Engine):
    """An engine that does not run, and says what the test wants of its output."""

    said = replace(ON_AIR, output="")

    def stats(self):
        return self.said


@pytest.fixture
def window(still_window, tmp_path):
    presets = Presets(presets_path(tmp_path / "settings.json"))
    presets.save("Work", RED)
    presets.save("Friends & family", Settings(blur_strength=80))
    presets.save("Open", Settings(backdrop="none", auto_framing=True))
    return still_window(RED, ShownEngine)


def on_air(window: Window) -> None:
    assert isinstance(window._engine, ShownEngine)
    window._engine.said = ON_AIR
    window.change(replace(window.settings, virtual_camera=True))


def entries(window: Window) -> list[str]:
    combo = window.panel.preset.combo
    return [combo.itemText(at) for at in range(combo.count())]


def test_the_list_shows_each_preset_with_its_key_and_which_one_is_in_use(window):
    combo = window.panel.preset.combo
    assert [text.split() for text in entries(window)[:2]] == [["1", "Work"], ["2", "Friends", "&", "family"]]
    assert combo.currentIndex() == 0
    window.change(replace(RED, colour="#00ff00"))
    assert (combo.currentIndex(), combo.placeholderText()) == (-1, "Work (changed)")
    window.change(RED)
    assert combo.currentIndex() == 0


def test_a_digit_uses_a_preset_and_one_that_is_not_there_says_so(window):
    window.show()
    window.activateWindow()
    until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_2)
    assert (window.settings.backdrop, window.settings.blur_strength) == ("blur", 80)
    QTest.keyClick(window, Qt.Key.Key_9)
    assert "no preset 9" in window.notices.sentence
    window.notices.put("file", None)
    QTest.keyClick(window, Qt.Key.Key_2)
    assert window.notices.sentence == ""  # it is in use already: nothing to say


def test_a_preset_that_shows_the_room_asks_on_air_as_none_does(window):
    on_air(window)
    window.presets.use_number(3)
    assert window.settings.backdrop == "colour"
    question = window._question
    assert isinstance(question, QMessageBox)
    window.change(replace(window.settings, mirror=True))  # meanwhile
    question.buttons()[0].click()
    now = window.settings
    assert (now.backdrop, now.auto_framing, now.mirror) == ("none", True, True)
    assert window.panel.preset.combo.currentIndex() == 2


def test_a_preset_that_shows_the_room_is_not_used_when_the_question_is_declined(window):
    on_air(window)
    window.panel.preset._choose(2)
    assert window.panel.preset.combo.currentIndex() == 0
    window._question.reject()
    assert (window.settings.backdrop, window.settings.auto_framing) == ("colour", False)


def test_a_preset_is_saved_under_a_name_and_a_wrong_name_is_said_beside_the_field(window, tmp_path):
    dialog = window.presets.ask_to_save()
    assert not dialog.ok.isEnabled()
    dialog.edit.setText("7")
    dialog.ok.click()
    assert "only a number" in dialog.said.text()
    dialog.edit.setText("friends & FAMILY")
    assert "replaces" in dialog.said.text()
    dialog.edit.setText("Sea")
    assert dialog.said.text() == ""
    dialog.ok.click()
    assert [preset.name for preset in Presets(presets_path(tmp_path / "settings.json")).all][-1] == "Sea"
    assert "Sea" in entries(window)[3]


def test_the_menu_saves_changes_renames_and_deletes_the_preset_that_was_used_last(window):
    window.change(replace(RED, colour="#00ff00"))
    actions = {action.text(): action for action in window.presets.menu().actions()}
    assert actions["Save changes to Work"].isEnabled()
    actions["Save changes to Work"].trigger()
    assert window.presets.kept.all[0].looks["colour"] == "#00ff00"
    assert window.panel.preset.combo.currentIndex() == 0
    dialog = window.presets.ask_to_rename(window.presets.kept.all[0])
    dialog.edit.setText("Open")
    dialog.ok.click()
    assert "already" in dialog.said.text()
    dialog.edit.setText("Office")
    dialog.ok.click()
    assert "Office" in entries(window)[0]
    window.presets.ask_to_delete(window.presets.kept.all[0]).buttons()[0].click()
    assert [preset.name for preset in window.presets.kept.all] == ["Friends & family", "Open"]


def test_the_tray_lists_the_presets_and_uses_them(window):
    desktop = Desktop(application(), window, None)
    menu = desktop.tray.presets
    assert [action.text() for action in menu.actions()] == ["Work", "Friends && family", "Open"]
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    menu.actions()[1].trigger()
    assert window.settings.backdrop == "blur"
    assert [action.isChecked() for action in menu.actions()] == [False, True, False]
    on_air(window)
    menu.actions()[2].trigger()
    assert window.settings.backdrop == "blur"  # until the question is answered
    assert [action.isChecked() for action in menu.actions()] == [False, True, False]
    window._question.reject()
    for name in ("Work", "Friends & family", "Open"):
        window.presets.kept.delete(name)
    assert not menu.menuAction().isVisible()


def test_without_presets_the_list_and_the_menu_offer_to_save_one(window):
    for name in ("Work", "Friends & family", "Open"):
        window.presets.kept.delete(name)
    choice = window.panel.preset
    assert choice.combo.placeholderText() == "None"
    assert [action.text() for action in window.presets.menu().actions()] == ["Save as a new preset…"]
    choice.combo.activated.emit(0)
    assert window.findChild(NameDialog) is not None


def test_what_was_wrong_with_the_file_is_said_at_the_start(still_window, tmp_path):
    presets_path(tmp_path / "settings.json").write_text("{")
    assert "damaged" in still_window(RED).notices.sentence


def read_by(window: Window, *names: str) -> None:
    assert isinstance(window._engine, ShownEngine)
    window._engine.said = replace(ON_AIR, consumers=names)
    window._show_state()


def test_a_preset_that_belongs_to_a_program_is_used_when_that_one_begins_to_read(window):
    window.change(replace(window.settings, virtual_camera=True))
    window.presets.kept.belong("Friends & family", "Teams")
    read_by(window, "Firefox")
    assert window.settings.backdrop == "colour"
    read_by(window, "Firefox", "Teams-for-linux")
    assert (window.settings.backdrop, window.settings.blur_strength) == ("blur", 80)
    assert "Teams-for-linux uses your camera" in window.notices.sentence
    window.presets.use_number(1)  # what the person chooses during the call stays
    read_by(window, "Teams-for-linux")
    assert window.settings.backdrop == "colour"
    read_by(window)
    read_by(window, "Teams-for-linux")  # the next call
    assert window.settings.backdrop == "blur"


def test_a_program_s_preset_never_shows_the_room_without_a_question(window):
    window.presets.kept.belong("Open", "Zoom")
    window.change(replace(window.settings, virtual_camera=True))
    read_by(window, "Zoom")
    assert window.settings.backdrop == "colour"
    assert isinstance(window._question, QMessageBox)
    assert window.notices.sentence == ""
    window._question.reject()


def test_the_menu_lets_a_preset_belong_to_a_program_that_was_seen_or_is_well_known(window):
    read_by(window, "Jitsi")
    (programs,) = [action.menu() for action in window.presets.menu().actions() if action.menu()]
    names = [action.text() for action in programs.actions()]
    assert names[0] == "No app"
    assert {"Jitsi", "Zoom", "Teams"} <= set(names)
    assert programs.actions()[0].isChecked()
    programs.actions()[names.index("Jitsi")].trigger()
    assert window.presets.kept.find("Work").app == "Jitsi"
    assert "(Jitsi)" in entries(window)[0]
