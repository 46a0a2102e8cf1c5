"""The choice of an output: a list of those available, and a video file that the person names in a dialog."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QStandardPaths, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog

from backdrop.language import _
from backdrop.outputs.open import is_file
from backdrop.outputs.pipewire import is_available
from backdrop.outputs.virtual_camera import list_virtual_cameras

FILE = object()  # the last entry


def outputs() -> list[tuple[str, str]]:
    """The available values of the setting, each with its name for a person."""
    found = [("", _("First virtual camera"))]
    found += [(each.spec, f"{each.name} ({each.spec})") for each in list_virtual_cameras()]
    if is_available():
        found.append(("pipewire", _("Backdrop over PipeWire (no driver needed)")))
    return found


def named(spec: str) -> str:
    """An output that is not available now, in words."""
    if is_file(spec):
        return _("Record to {file}", file=Path(spec).name)
    return _("{device} (not connected)", device=spec)


class OutputChoice(QComboBox):
    """Emits chosen with the setting's value. That one is in the list even while it is not there."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._spec = ""
        self.setMinimumWidth(240)
        self.setMaximumWidth(320)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(20)
        self.activated.connect(self._choose)

    def show_output(self, spec: str) -> None:
        """Select an output."""
        if spec != self._spec or not self.count():
            self._spec = spec
            self._fill()

    def _fill(self) -> None:
        """List what is there now."""
        spec = self._spec
        found = outputs()
        if spec not in {each for each, _name in found}:
            found.append((spec, named(spec)))
        with QSignalBlocker(self):
            self.clear()
            for each, name in found:
                self.addItem(name, each)
            self.insertSeparator(self.count())
            self.addItem(_("Record to a video file…"), FILE)
            self.setCurrentIndex([each for each, _name in found].index(spec))
        self.setToolTip(self.currentText())

    def showPopup(self) -> None:
        self._fill()
        super().showPopup()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def _choose(self, at: int) -> None:
        spec = self.itemData(at)
        if spec is FILE:
            self._fill()
            self._ask()
        else:
            self.chosen.emit(spec)

    def _ask(self) -> None:
        """Let the person name a video file. An existing one is not replaced: the recording gets a number."""
        dialog = QFileDialog(self, _("Record to a video file"))
        dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilter(_("Videos") + " (*.mp4 *.mkv *.mov *.webm)")
        dialog.setDefaultSuffix("mp4")
        dialog.fileSelected.connect(self.chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
