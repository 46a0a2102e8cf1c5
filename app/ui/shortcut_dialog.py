"""Where a person chooses the keys that switch the blur in every program, or reads how the desktop gives some."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.language import _
from app.settings import about
from app.ui.shortcut import BIND, COMMAND, NOT_HERE, ShortcutError, can_have_keys, read_keys


class ShortcutDialog(QDialog):
    """Emits chosen with the keys, "" for none, when they are agreed to."""

    chosen = Signal(str)

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(about("shortcut").label)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.setContentsMargins(18, 18, 18, 14)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumWidth(380)
        column.addWidget(self.words)
        self.edit = QKeySequenceEdit(QKeySequence(keys))
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName(about("shortcut").label)
        self.edit.keySequenceChanged.connect(self._judge)
        column.addWidget(self.edit)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.addButton(QDialogButtonBox.StandardButton.Ok)
        copy = QPushButton(_("Copy command"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(COMMAND))
        self.buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.accepted.connect(self._agree)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        if can_have_keys():
            self.edit.setFocus()
        else:
            self.edit.hide()
            self._ok.hide()
        self._judge()

    @property
    def keys(self) -> str:
        """What is in the field, "" for none."""
        return self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _judge(self) -> None:
        """Say what is wrong with the keys in the field, or what they are for."""
        bind = _(BIND, command=COMMAND).replace("`", "")
        if not can_have_keys():
            self.words.setText(f"{_(NOT_HERE)} {bind}")
            return
        try:
            if self.keys:
                read_keys(self.keys)
        except ShortcutError as error:
            self.words.setText(str(error))
            self._ok.setEnabled(False)
        else:
            help = _("Press the keys that are to switch the blur in every program. Or:")
            self.words.setText(f"{help} {bind}")
            self._ok.setEnabled(True)

    def _agree(self) -> None:
        self.chosen.emit(self.keys)
        self.accept()
