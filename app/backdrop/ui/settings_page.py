"""The settings page: settings that are rarely changed. Each control derives from the table of settings."""

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
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from backdrop.language import LANGUAGES, N_, _
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

GROUPS = (
    (N_("Window"), ("theme", "language", "close_to_tray", "shortcut")),
    (N_("Camera"), ("on_demand",)),
    (N_("Hide me"), ("hide_text", "hide_picture")),
    (N_("Virtual camera"), ("output",)),
    (N_("Performance"), ("detail", "timing", "cpu_budget")),
)
# Names of the choices in the window. The command line and the file use the keys.
CHOICES = {
    "theme": {
        "system": N_("Same as the system"),
        "light": N_("Light"),
        "dark": N_("Dark"),
        "contrast": N_("High contrast"),
    },
    "detail": {"normal": N_("Normal"), "high": N_("High")},
    "timing": {"exact": N_("Exact"), "low-latency": N_("Low latency")},
    "language": {"system": N_("Same as the system"), **LANGUAGES},
}


LEAST = {"cpu_budget": N_("No limit")}  # what the smallest number means
# Where the help of the command line speaks of values by their command-line names, the window has its own sentence.
HINTS = {
    "detail": N_("High: cleaner hands and outlines; about 50 % more CPU. Close-ups keep normal detail."),
    "timing": N_("Exact: best edges. Low latency: less delay, but edges may trail when you move."),
    "cpu_budget": N_(
        "How much CPU Backdrop may use, in % of one core. To stay below it, Backdrop lowers the quality."
    ),
    "hide_text": N_("What others read while you hide."),
    "hide_picture": N_("What others see while you hide, instead of the text."),
    "output": N_("Where the picture goes: a virtual camera, PipeWire, or a video file that you type."),
}


def hint_of(name: str) -> str:
    """What a setting is for, in the window's own words."""
    return _(HINTS[name]) if name in HINTS else about(name).help


class SettingsPage(Page):
    """Emits changed with new Settings at every change."""

    changed = Signal(object)  # Settings
    setup_asked = Signal()  # set up the virtual camera

    def __init__(self, settings: Settings) -> None:
        super().__init__(_("Settings"))
        self._settings = settings
        self._controls: dict[str, tuple[QWidget, Callable[[Any], None]]] = {}
        self._hints: dict[str, QLabel] = {}
        for title, names in GROUPS:
            self.content.addSpacing(6)
            self.content.addWidget(label(_(title), "title"))
            for name in names:
                self._add(name)
                if name == "close_to_tray" and can_start_with_the_computer():
                    self._add_start()
        self._add_about()
        self.content.addStretch(1)
        self.show_settings(settings)

    def control(self, name: str) -> QWidget:
        """The control for a setting."""
        return self._controls[name][0]

    def hint(self, name: str) -> str:
        """The text below a setting."""
        return self._hints[name].text()

    def say(self, name: str, words: str) -> None:
        """Show a message below a setting's help; "" removes it."""
        help = hint_of(name)
        self._hints[name].setText(f"{help}\n{words.replace('`', '')}" if words else help)
        self.control(name).setAccessibleDescription(f"{help} {words}".strip())

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        for name, (control, show) in self._controls.items():
            control.blockSignals(True)
            show(getattr(settings, name))
            control.blockSignals(False)

    def _add(self, name: str) -> None:
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
        hint = self._hints[name] = sentence(hint_of(name), "hint")
        words.addWidget(hint)
        control.setAccessibleName(what.label)
        control.setAccessibleDescription(hint_of(name))
        self.content.addLayout(row)
        if name == "output" and sys.platform.startswith("linux"):
            self.setup = plain_button(_("Set up the virtual camera…"))
            self.setup.clicked.connect(self.setup_asked)
            self.content.addWidget(self.setup, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addSpacing(6)

    def _add_start(self) -> None:
        """Not a setting of the table: the desktop's own entry says whether it is on."""
        self.start = QCheckBox(_("Start with the computer"))
        self.start.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.start.setChecked(starts_with_the_computer())
        self.start.clicked.connect(self._start_with_the_computer)
        what = _("Backdrop starts in the tray. Your camera stays off until a call uses it.")
        self.start.setAccessibleDescription(what)
        self.start_hint = sentence(what, "hint")
        self.content.addWidget(self.start)
        self.content.addWidget(self.start_hint)
        self.content.addSpacing(6)

    def _start_with_the_computer(self, on: bool) -> None:
        try:
            start_with_the_computer(on)
        except InstallError as error:
            self.start_hint.setText(str(error))
        self.start.setChecked(starts_with_the_computer())

    def _add_about(self) -> None:
        self.content.addSpacing(6)
        self.content.addWidget(label(_("About"), "title"))
        self.about = sentence("\n".join(this_copy.lines()), "hint")
        self.about.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.content.addWidget(self.about)

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
        self._controls[name] = (choice, choice.setEditText)
        return choice

    def change(self, name: str, value: object) -> None:
        """Change a setting, as its control does."""
        if value == getattr(self._settings, name):
            return
        try:
            check(name, value)
        except SettingsError as error:
            control = self.control(name)
            control.setToolTip(str(error))
            self.show_settings(self._settings)
            return
        changed: dict[str, Any] = {name: value}
        self.changed.emit(replace(self._settings, **changed))
