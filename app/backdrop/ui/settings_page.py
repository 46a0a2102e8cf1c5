"""The settings page: settings that are rarely changed, in sections. Each control derives from the table of settings."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from backdrop.language import _
from backdrop.run.hold import TEXT
from backdrop.settings.settings import Settings, SettingsError, about, check
from backdrop.system import this_copy
from backdrop.system.autostart import (
    can_start_with_the_computer,
    start_with_the_computer,
    starts_with_the_computer,
)
from backdrop.system.desktop_entry import InstallError
from backdrop.ui.buttons import label, plain_button, sentence
from backdrop.ui.layouts import column, row
from backdrop.ui.output_choice import OutputChoice
from backdrop.ui.page import Page
from backdrop.ui.picture_choice import PictureChoice
from backdrop.ui.settings_words import ABOUT, ADVANCED, BASICS, CHOICES, GROUPS, LEAST, hint_of

Control: TypeAlias = tuple[QWidget, Callable[[Any], object]]  # with what shows a value in it
LEFT, TOP = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignTop


class SettingsPage(Page):
    """Three sections, one at a time. Emits changed with new Settings at every change."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__(_("Settings"))
        self._settings = settings
        self._controls: dict[str, Control] = {}
        self._hints: dict[str, QLabel] = {}
        self._errors: dict[str, QLabel] = {}
        self._output_trouble = ""
        self.setup: QPushButton | None = (
            None  # the button for the virtual camera's driver, which only Linux has
        )
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setAccessibleName(_("Sections"))
        self.tabs.setObjectName("sections")
        self.content.addWidget(self.tabs)
        self.sections: dict[str, QVBoxLayout] = {}
        self._parts: list[QWidget] = []
        self.resets: dict[str, QPushButton] = {}
        for section in (BASICS, ADVANCED, ABOUT):
            self._add_section(section)
        for section, title, names in GROUPS:
            self._add_group(self.sections[section], title, names)
        for section in (BASICS, ADVANCED):
            self._add_reset(section)
        self._add_about()
        self.content.addStretch(1)
        self.tabs.currentChanged.connect(self.show_section)
        self.show_section(0)
        self.show_settings(settings)

    def _add_section(self, name: str) -> None:
        part = QWidget()
        self._parts.append(part)
        self.sections[name] = column(spacing=8)
        part.setLayout(self.sections[name])
        self.tabs.addTab(_(name))
        self.content.addWidget(part)

    def show_section(self, at: int) -> None:
        """at: its place in the row of tabs."""
        self.tabs.setCurrentIndex(at)
        for number, part in enumerate(self._parts):
            part.setVisible(number == at)

    def _add_group(self, section: QVBoxLayout, title: str, names: tuple[str, ...]) -> None:
        section.addSpacing(6)
        section.addWidget(label(_(title), "title"))
        for name in names:
            self._add(section, name)
            if name == "close_to_tray" and can_start_with_the_computer():
                self._add_start(section)

    def _add_reset(self, section: str) -> None:
        button = self.resets[section] = plain_button(_("Reset these settings"))
        what = ", ".join(about(name).label for name in _names(section))
        button.setToolTip(_("Back to how they were at first: {names}", names=what))
        button.clicked.connect(lambda: self.changed.emit(self._reset(section)))
        self.sections[section].addWidget(button, 0, LEFT)

    def _reset(self, section: str) -> Settings:
        """The settings, with those of a section as they were at first."""
        first: dict[str, Any] = {name: getattr(Settings(), name) for name in _names(section)}
        return replace(self._settings, **first)

    def control(self, name: str) -> QWidget:
        """The control for a setting."""
        return self._controls[name][0]

    def hint(self, name: str) -> str:
        """The text below a setting."""
        return self._hints[name].text()

    def error(self, name: str) -> str:
        """What is said to be wrong with a setting, "" for nothing."""
        return self._errors[name].text()

    def say(self, name: str, words: str) -> None:
        """Show a message below a setting's help; "" removes it."""
        self._hints[name].setText(f"{hint_of(name)}\n{words.replace('`', '')}".strip())
        self._describe(name)

    def show_error(self, name: str, sentence: str) -> None:
        """Say what is wrong beside a setting; "" removes it."""
        sentence = sentence.replace("`", "")
        if sentence != self._errors[name].text():
            self._errors[name].setText(sentence)
            self._errors[name].setVisible(bool(sentence))
            self._describe(name)

    def show_output_trouble(self, reason: str) -> None:
        """Say why the output could not be opened. Called often; only news replaces what is said there."""
        if reason != self._output_trouble:
            self._output_trouble = reason
            self.show_error("output", reason)

    def _describe(self, name: str) -> None:
        spoken = " ".join(f"{self._hints[name].text()} {self._errors[name].text()}".split())
        self.control(name).setAccessibleDescription(spoken)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        for name, (control, show) in self._controls.items():
            with QSignalBlocker(control):
                show(getattr(settings, name))
        for section, button in self.resets.items():
            button.setEnabled(self._reset(section) != settings)

    def _add(self, section: QVBoxLayout, name: str) -> None:
        self._controls[name] = self._control(name)
        control, what = self.control(name), about(name)
        self._hints[name], self._errors[name] = sentence(hint_of(name), "hint"), sentence("", "error")
        self._errors[name].hide()
        words = column(self._hints[name], self._errors[name], spacing=3)
        whole = row((words, 1), spacing=24)
        if isinstance(control, QCheckBox):
            words.insertWidget(0, control)
        else:
            title = label(what.label, "text")
            title.setBuddy(control)
            words.insertWidget(0, title)
            whole.addWidget(control, 0, TOP)
        control.setAccessibleName(what.label)
        control.setAccessibleDescription(hint_of(name))
        section.addLayout(whole)
        if name == "output" and sys.platform.startswith("linux"):
            self.setup = plain_button(_("Set up the virtual camera…"))
            section.addWidget(self.setup, 0, LEFT)
        section.addSpacing(6)

    def _add_start(self, section: QVBoxLayout) -> None:
        """Not a setting of the table: the desktop's own entry says whether it is on."""
        self.start = _check_box(_("Start with the computer"))
        self.start.setChecked(starts_with_the_computer())
        self.start.clicked.connect(self._start_with_the_computer)
        what = _("Backdrop starts in the tray. Your camera stays off until a call uses it.")
        self.start.setAccessibleDescription(what)
        self.start_hint = sentence(what, "hint")
        section.addWidget(self.start)
        section.addWidget(self.start_hint)
        section.addSpacing(6)

    def _start_with_the_computer(self, on: bool) -> None:
        try:
            start_with_the_computer(on)
        except InstallError as error:
            self.start_hint.setText(str(error))
        self.start.setChecked(starts_with_the_computer())

    def _add_about(self) -> None:
        self.about = sentence("\n".join(this_copy.lines()), "text")
        self.about.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        privacy = _("Your picture goes only to your calls and to files that you save.")
        rooms = _(
            "The built-in rooms were made for Backdrop and rendered with Blender. They are free to use."
        )
        self.sections[ABOUT].addSpacing(6)
        for part in (self.about, sentence(privacy, "hint"), sentence(rooms, "hint")):
            self.sections[ABOUT].addWidget(part)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if can_start_with_the_computer():
            self.start.setChecked(starts_with_the_computer())

    def _control(self, name: str) -> Control:
        if isinstance(getattr(self._settings, name), bool):
            box = _check_box(about(name).label)
            box.toggled.connect(lambda on: self.change(name, on))
            return box, box.setChecked
        if name == "shortcut":
            return self._keys(name)
        if name == "hide_text":
            return self._text(name)
        if name == "output":
            outputs = OutputChoice()
            outputs.chosen.connect(lambda spec: self.change(name, spec))
            return outputs, outputs.show_output
        if name == "hide_picture":
            picture = PictureChoice()
            picture.chosen.connect(lambda path: self.change(name, path))
            return picture, picture.show_picture
        return self._list(name) if about(name).choices else self._number(name)

    def _list(self, name: str) -> Control:
        combo = QComboBox(sizeAdjustPolicy=QComboBox.SizeAdjustPolicy.AdjustToContents)
        names = CHOICES.get(name, {})
        for choice in about(name).choices:
            combo.addItem(_(names.get(choice, choice)), choice)
        combo.currentIndexChanged.connect(lambda at: self.change(name, combo.itemData(at)))
        return combo, lambda value: combo.setCurrentIndex(combo.findData(value))

    def _number(self, name: str) -> Control:
        box = QSpinBox(minimum=about(name).least, maximum=about(name).most)
        box.setSpecialValueText(_(LEAST.get(name, "")))
        box.setMinimumWidth(90)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setKeyboardTracking(False)  # typing 1280 must not set 1, 12 and 128 first
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # scrolling the page must not change the value
        box.valueChanged.connect(lambda value: self.change(name, value))
        return box, box.setValue

    def _keys(self, name: str) -> Control:
        keys = QKeySequenceEdit(maximumSequenceLength=1, clearButtonEnabled=True)
        keys.setMinimumWidth(240)  # so that the German placeholder fits
        portable = QKeySequence.SequenceFormat.PortableText
        keys.editingFinished.connect(lambda: self.change(name, keys.keySequence().toString(portable)))
        return keys, lambda value: keys.setKeySequence(QKeySequence(value))

    def _text(self, name: str) -> Control:
        line = QLineEdit(maxLength=120, placeholderText=_(TEXT))
        line.setMinimumWidth(240)
        line.editingFinished.connect(lambda: self.change(name, line.text().strip()))
        return line, line.setText

    def change(self, name: str, value: object) -> None:
        """Change a setting, as its control does. What is wrong with the value is said beside it."""
        if value != getattr(self._settings, name):
            try:
                check(name, value)
            except SettingsError as error:
                self.show_error(name, str(error))
            else:
                if name in self._errors:
                    self.show_error(name, "")
                changed: dict[str, Any] = {name: value}
                self.changed.emit(replace(self._settings, **changed))
                return
        self.show_settings(self._settings)


def _names(section: str) -> list[str]:
    """The settings of a section."""
    return [name for where, _title, names in GROUPS if where == section for name in names]


def _check_box(text: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return box
