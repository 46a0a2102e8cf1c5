"""A choice of one picture file, or none."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from backdrop.language import _
from backdrop.ui.gallery import PICTURES
from backdrop.ui.page import plain_button


class PictureChoice(QWidget):
    """A button with the picture's name that opens the file dialog, and one that removes it."""

    chosen = Signal(str)  # a path, "" for none

    def __init__(self) -> None:
        super().__init__()
        self.choose = plain_button("")
        self.choose.setMaximumWidth(240)
        self.choose.clicked.connect(self._ask)
        self.remove = plain_button(_("Remove"))
        self.remove.clicked.connect(lambda: self.chosen.emit(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.remove)
        row.addWidget(self.choose)
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

    def _ask(self) -> None:
        dialog = QFileDialog(self, _("Choose a picture"))
        dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        pictures, everything = _("Pictures"), _("All files")
        dialog.setNameFilters([f"{pictures} ({' '.join(PICTURES)})", f"{everything} (*)"])
        dialog.fileSelected.connect(self.chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
