"""The settings page: settings that are rarely changed, in sections. Each control derives from the table of settings."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
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
from backdrop.ui.buttons import label
from backdrop.ui.output_choice import OutputChoice
from backdrop.ui.page import Page, plain_button, sentence
from backdrop.ui.picture_choice import PictureChoice
from backdrop.ui.settings_words import ABOUT, ADVANCED, BASICS, CHOICES, GROUPS, LEAST, hint_of


class SettingsPage(Page):
    """Three sections, one at a time. Emits changed with new Settings at every change."""

    changed = Signal(object)  # Settings
    setup_asked = Signal()  # set up the virtual camera

    def __init__(self, settings: Settings) -> None:
        super().__init__(_("Settings"))
        self._settings = settings
        self._controls: dict[str, tuple[QWidget, Callable[[Any], None]]] = {}
        self._hints: dict[str, QLabel] = {}
        self._errors: dict[str, QLabel] = {}
        self._output_trouble = ""
        self.tabs = QTabBar()
        self.tabs.setObjectName("sections")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(_("Sections"))
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
        column = self.sections[name] = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.tabs.addTab(_(name))
        self.content.addWidget(part)

    def show_section(self, at: int) -> None:
        """at: its place in the row of tabs."""
        self.tabs.setCurrentIndex(at)
        for number, part in enumerate(self._parts):
            part.setVisible(number == at)

    def _add_group(self, column: QVBoxLayout, title: str, names: tuple[str, ...]) -> None:
        column.addSpacing(6)
        column.addWidget(label(_(title), "title"))
        for name in names:
            self._add(column, name)
            if name == "close_to_tray" and can_start_with_the_computer():
                self._add_start(column)

    def _add_reset(self, section: str) -> None:
        button = self.resets[section] = plain_button(_("Reset these settings"))
        names = [name for where, _title, names in GROUPS if where == section for name in names]
        what = ", ".join(about(name).label for name in names)
        button.setToolTip(_("Back to how they were at first: {names}", names=what))
        button.clicked.connect(lambda: self.reset(section))
        self.sections[section].addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def reset(self, section: str) -> None:
        """Give the settings of a section their first values."""
        self.changed.emit(replace(self._settings, **self._defaults(section)))

    def _defaults(self, section: str) -> dict[str, Any]:
        first = Settings()
        return {
            name: getattr(first, name)
            for where, _title, names in GROUPS
            if where == section
            for name in names
        }

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
        help = hint_of(name)
        self._hints[name].setText(f"{help}\n{words.replace('`', '')}" if words else help)
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
            control.blockSignals(True)
            show(getattr(settings, name))
            control.blockSignals(False)
        for section, button in self.resets.items():
            button.setEnabled(
                any(getattr(settings, name) != value for name, value in self._defaults(section).items())
            )

    def _add(self, column: QVBoxLayout, name: str) -> None:
        what, value = about(name), getattr(self._settings, name)
        row = QHBoxLayout()
        row.setSpacing(24)
        words = QVBoxLayout()
        words.setSpacing(3)
        row.addLayout(words, 1)
        control = self._control(name, value)
        if isinstance(control, QCheckBox):
            words.addWidget(control)
        else:
            title = label(what.label, "text")
            title.setBuddy(control)
            words.addWidget(title)
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)
        self._hints[name], self._errors[name] = sentence(hint_of(name), "hint"), sentence("", "error")
        self._errors[name].hide()
        words.addWidget(self._hints[name])
        words.addWidget(self._errors[name])
        control.setAccessibleName(what.label)
        control.setAccessibleDescription(hint_of(name))
        column.addLayout(row)
        if name == "output" and sys.platform.startswith("linux"):
            self.setup = plain_button(_("Set up the virtual camera…"))
            self.setup.clicked.connect(self.setup_asked)
            column.addWidget(self.setup, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(6)

    def _add_start(self, column: QVBoxLayout) -> None:
        """Not a setting of the table: the desktop's own entry says whether it is on."""
        self.start = QCheckBox(_("Start with the computer"))
        self.start.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.start.setChecked(starts_with_the_computer())
        self.start.clicked.connect(self._start_with_the_computer)
        what = _("Backdrop starts in the tray. Your camera stays off until a call uses it.")
        self.start.setAccessibleDescription(what)
        self.start_hint = sentence(what, "hint")
        column.addWidget(self.start)
        column.addWidget(self.start_hint)
        column.addSpacing(6)

    def _start_with_the_computer(self, on: bool) -> None:
        try:
            start_with_the_computer(on)
        except InstallError as error:
            self.start_hint.setText(str(error))
        self.start.setChecked(starts_with_the_computer())

    def _add_about(self) -> None:
        column = self.sections[ABOUT]
        column.addSpacing(6)
        self.about = sentence("\n".join(this_copy.lines()), "text")
        self.about.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column.addWidget(self.about)
        column.addWidget(
            sentence(_("Your picture goes only to your calls and to files that you save."), "hint")
        )
        column.addWidget(
            sentence(
                _(
                    "The built-in rooms were made for Backdrop and rendered with Blender. They are free to use."
                ),
                "hint",
            )
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if can_start_with_the_computer():
            self.start.setChecked(starts_with_the_computer())

    def _control(self, name: str, value: object) -> QWidget:
        if isinstance(value, bool):
            return self._check_box(name)
        if name == "shortcut":
            return self._keys(name)
        if name == "output":
            return self._outputs(name)
        if name == "hide_text":
            return self._text(name)
        if name == "hide_picture":
            return self._picture(name)
        if about(name).choices:
            return self._list(name)
        assert isinstance(value, int)
        return self._number(name)

    def _check_box(self, name: str) -> QWidget:
        box = QCheckBox(about(name).label)
        box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        box.toggled.connect(lambda on: self.change(name, on))
        self._controls[name] = (box, box.setChecked)
        return box

    def _list(self, name: str) -> QWidget:
        combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        names = CHOICES.get(name, {})
        for choice in about(name).choices:
            combo.addItem(_(names.get(choice, choice)), choice)
        combo.currentIndexChanged.connect(lambda at: self.change(name, combo.itemData(at)))
        self._controls[name] = (combo, lambda value: combo.setCurrentIndex(combo.findData(value)))
        return combo

    def _number(self, name: str) -> QWidget:
        box = QSpinBox()
        box.setRange(about(name).least, about(name).most)
        box.setSpecialValueText(_(LEAST.get(name, "")))
        box.setMinimumWidth(90)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setKeyboardTracking(False)  # typing 1280 must not set 1, 12 and 128 first
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # scrolling the page must not change the value
        box.valueChanged.connect(lambda value: self.change(name, value))
        self._controls[name] = (box, box.setValue)
        return box

    def _keys(self, name: str) -> QWidget:
        keys = QKeySequenceEdit()
        keys.setMaximumSequenceLength(1)
        keys.setClearButtonEnabled(True)
        keys.setMinimumWidth(240)  # so that the German placeholder fits
        portable = QKeySequence.SequenceFormat.PortableText
        keys.editingFinished.connect(lambda: self.change(name, keys.keySequence().toString(portable)))
        self._controls[name] = (keys, lambda value: keys.setKeySequence(QKeySequence(value)))
        return keys

    def _text(self, name: str) -> QWidget:
        line = QLineEdit()
        line.setMaxLength(120)
        line.setMinimumWidth(240)
        line.setPlaceholderText(_(TEXT))
        line.editingFinished.connect(lambda: self.change(name, line.text().strip()))
        self._controls[name] = (line, line.setText)
        return line

    def _picture(self, name: str) -> QWidget:
        choice = PictureChoice()
        choice.chosen.connect(lambda path: self.change(name, path))
        self._controls[name] = (choice, choice.show_picture)
        return choice

    def _outputs(self, name: str) -> QWidget:
        choice = OutputChoice()
        choice.chosen.connect(lambda spec: self.change(name, spec))
        self._controls[name] = (choice, choice.show_output)
        return choice

    def change(self, name: str, value: object) -> None:
        """Change a setting, as its control does. What is wrong with the value is said beside it."""
        if value == getattr(self._settings, name):
            self.show_settings(self._settings)
            return
        try:
            check(name, value)
        except SettingsError as error:
            if name in self._errors:
                self.show_error(name, str(error))
            self.show_settings(self._settings)
            return
        if name in self._errors:
            self.show_error(name, "")
        changed: dict[str, Any] = {name: value}
        self.changed.emit(replace(self._settings, **changed))
