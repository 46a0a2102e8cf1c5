"""The dialog to choose the global shortcut for the blur, or to read how the desktop provides one."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QKeySequenceEdit, QLabel, QPushButton, QWidget

from backdrop.language import _
from backdrop.settings.settings import about
from backdrop.ui.layouts import column
from backdrop.ui.shortcut import (
    BIND,
    COMMAND,
    NOT_HERE,
    ShortcutError,
    read_keys,
    way_to_keys,
    with_what_helps,
)
from backdrop.ui.worker import Worker


class ShortcutDialog(QDialog):
    """Emits chosen with the keys ("" for none) when the person confirms.

    said: a sentence about the current shortcut.
    """

    chosen = Signal(str)

    def __init__(self, keys: str, parent: QWidget | None = None, said: str = "") -> None:
        super().__init__(parent)
        self._way = way_to_keys()
        self.setWindowTitle(about("shortcut").label)
        self.words = QLabel(wordWrap=True)
        self.words.setMinimumWidth(380)
        self.edit = QKeySequenceEdit(QKeySequence(keys), maximumSequenceLength=1, clearButtonEnabled=True)
        self.edit.setAccessibleName(about("shortcut").label)
        self.edit.keySequenceChanged.connect(self._judge)
        self.said = QLabel(said.replace("`", ""), wordWrap=True)
        self.said.setVisible(bool(said))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.addButton(QDialogButtonBox.StandardButton.Ok)
        copy = QPushButton(_("Copy command"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(COMMAND))
        self.buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.accepted.connect(self._agree)
        self.buttons.rejected.connect(self.reject)
        parts = (self.words, self.edit, self.said, self.buttons)
        self.setLayout(column(*parts, spacing=12, margins=(18, 18, 18, 14)))
        self.edit.setFocus()
        self._judge()
        if not self._way:
            self._have_none(_(NOT_HERE))
        elif self._way == "portal":
            self._worker = Worker("portal", self)
            self._worker.do(_look_for_portal, self._show_portal)
            self.finished.connect(self._worker.stop)

    @property
    def keys(self) -> str:
        """The keys in the field, "" for none."""
        return self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _judge(self) -> None:
        """Explain the field, or what is wrong with its keys."""
        bind = _(BIND, command=COMMAND).replace("`", "")
        try:
            if self.keys:
                read_keys(self.keys)
        except ShortcutError as error:
            self.words.setText(str(error))
            self._ok.setEnabled(False)
        else:
            help = _("Press the keys that should turn the blur on and off in every app. Or:")
            if self._way == "portal":
                help = _(
                    "Press the keys that should turn the blur on and off in every app. Your desktop may ask you"
                    " to confirm them, or assign others. Or:"
                )
            self.words.setText(f"{help} {bind}")
            self._ok.setEnabled(True)

    def _show_portal(self, version: int | Exception) -> None:
        if isinstance(version, Exception):
            self._have_none(with_what_helps(version))

    def _have_none(self, why: str) -> None:
        """Say that no shortcut is available here, and offer the command that always works."""
        bind = _(BIND, command=COMMAND)
        self.words.setText((why if bind in why else f"{why} {bind}").replace("`", ""))
        for part in (self.edit, self._ok, self.said):
            part.hide()

    def _agree(self) -> None:
        self.chosen.emit(self.keys)
        self.accept()


def _look_for_portal() -> int:
    from backdrop.system.portal import shortcuts_version  # imported here: jeepney exists only on Linux

    return shortcuts_version()
