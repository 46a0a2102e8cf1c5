"""The keys of the window: one table, from which the shortcuts and their overview are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QGridLayout, QWidget

from backdrop.language import _
from backdrop.ui.buttons import key_name, label
from backdrop.ui.layouts import column, row
from backdrop.ui.scroll import ScrollColumn


@dataclass(frozen=True, slots=True)
class Key:
    """keys: as Qt writes them; the first is shown, or else what shown says. what: what they do, "" to show nothing."""

    keys: tuple[str, ...]
    what: str
    act: Callable[[], object]
    shown: str = ""


def key(keys: str, what: str, act: Callable[[], object]) -> Key:
    """keys: one, or several between spaces."""
    return Key(tuple(keys.split(" ")), what, act)


def told(shown: str, what: str) -> Key:
    """Only a line of the overview: the key is bound elsewhere. shown: as the person reads it."""
    return Key((), what, lambda: None, shown)


def bind(window: QWidget, table: Sequence[Key]) -> None:
    """Make the shortcuts. Holding a key down does not repeat it."""
    for each in table:
        for sequence in each.keys:
            shortcut = QShortcut(QKeySequence(sequence), window)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(each.act)


class HeldKey(QObject):
    """A key that does something for as long as it is held down. Also ends when another window gets the keys."""

    held = Signal(bool)

    def __init__(self, key: Qt.Key, window: QWidget) -> None:
        super().__init__(window)
        self._key = key
        self._down = False
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(self._press)

    def _press(self) -> None:
        application = QApplication.instance()
        if not self._down and application is not None:
            self._down = True
            application.installEventFilter(self)  # the release goes to whichever widget has the focus
            self.held.emit(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyRelease:
            if event.key() == self._key and not event.isAutoRepeat():
                self._release()
        elif event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate):
            self._release()
        return False

    def _release(self) -> None:
        application = QApplication.instance()
        if self._down and application is not None:
            self._down = False
            application.removeEventFilter(self)
            self.held.emit(False)


class KeysDialog(QDialog):
    """The overview of all keys."""

    def __init__(self, table: Sequence[Key], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inside = QWidget()
        inside.setObjectName("choices")
        grid = QGridLayout(inside)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(9)
        for at, each in enumerate(each for each in table if each.what):
            name = label(each.shown or key_name(each.keys[0]), "title")
            what = label(each.what, "text", wrap=True)
            what.setAccessibleName(f"{name.text()}: {each.what}")
            grid.addWidget(name, at, 0)
            grid.addWidget(what, at, 1)
        grid.setColumnStretch(1, 1)
        self.area = ScrollColumn(inside)
        self.area.setAccessibleName(self.windowTitle())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.setLayout(column((self.area, 1), row(buttons, margins=(12, 0, 12, 0)), margins=(0, 0, 0, 12)))
        self.resize(520, min(560, 90 + inside.sizeHint().height()))
