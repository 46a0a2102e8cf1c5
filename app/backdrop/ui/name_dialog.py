"""A dialog that asks for a name, and says beside the field what is wrong with it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QWidget

from backdrop.language import _
from backdrop.ui.layouts import column


class NameDialog(QDialog):
    """Opens at once. Calls take() with the name when the person agrees, and stays open if that raises an error, and shows it.

    remark: what to say about a name that can be taken, such as that it replaces something; "" for nothing.
    """

    def __init__(
        self,
        title: str,
        name: str,
        take: Callable[[str], object],
        parent: QWidget | None = None,
        *,
        remark: Callable[[str], str] = lambda name: "",
    ) -> None:
        super().__init__(parent)
        self._take, self._remark = take, remark
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.edit = QLineEdit(name)
        self.edit.setAccessibleName(_("Name"))
        self.edit.setMinimumWidth(300)
        self.edit.selectAll()
        self.edit.textChanged.connect(self._judge)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setMinimumHeight(2 * self.said.fontMetrics().lineSpacing())
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.ok = buttons.addButton(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        parts = (QLabel(title), self.edit, self.said, buttons)
        self.setLayout(column(*parts, spacing=8, margins=(18, 18, 18, 14)))
        self._judge()
        self.open()

    def _judge(self) -> None:
        self.ok.setEnabled(bool(self.edit.text().strip()))
        self._say(self._remark(self.edit.text()))

    def _agree(self) -> None:
        try:
            self._take(self.edit.text())
        except ValueError as error:
            self._say(str(error))
        else:
            self.accept()

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.edit.setAccessibleDescription(sentence)
