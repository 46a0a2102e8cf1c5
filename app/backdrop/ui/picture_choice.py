"""A choice of one picture file, or none."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from backdrop.language import _
from backdrop.ui.buttons import plain_button
from backdrop.ui.gallery import ask_for_pictures
from backdrop.ui.layouts import row


class PictureChoice(QWidget):
    """A button with the picture's name that opens the file dialog, and one that removes it."""

    chosen = Signal(str)  # a path, "" for none

    def __init__(self) -> None:
        super().__init__()
        self.choose = plain_button("")
        self.choose.setMaximumWidth(240)
        self.choose.clicked.connect(lambda: ask_for_pictures(self, self.chosen.emit, only_one=True))
        self.remove = plain_button(_("Remove"))
        self.remove.clicked.connect(lambda: self.chosen.emit(""))
        self.setLayout(row(self.remove, self.choose, spacing=8))
        self.setFocusProxy(self.choose)
        self.show_picture("")

    def show_picture(self, path: str) -> None:
        name = Path(path).name
        self.choose.setText(
            self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 190) or _("Choose…")
        )
        self.choose.setToolTip(path)
        self.remove.setVisible(bool(path))

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.choose.setAccessibleName(name)
        self.remove.setAccessibleName(f"{name}: {self.remove.text()}")

    def setAccessibleDescription(self, words: str) -> None:
        super().setAccessibleDescription(words)
        self.choose.setAccessibleDescription(words)
