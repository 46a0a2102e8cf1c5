"""The choice of an output: a list of those available, and a field to type any other."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit

from backdrop.language import _
from backdrop.outputs.pipewire import is_available
from backdrop.outputs.virtual_camera import list_virtual_cameras


def outputs() -> list[tuple[str, str]]:
    """The available values of the setting, each with its name for a person."""
    found = [("", _("First virtual camera"))]
    found += [(each.spec, f"{each.name} ({each.spec})") for each in list_virtual_cameras()]
    if is_available():
        found.append(("pipewire", _("Backdrop over PipeWire (no driver needed)")))
    return found


class OutputChoice(QComboBox):
    """Emits chosen with the setting's value, which the field also shows."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # A completer would turn the start of a name into another output.
        self.setCompleter(None)  # type: ignore[arg-type]  # Qt's own way to have none
        self.setMinimumWidth(240)
        self.line.setPlaceholderText(_("First virtual camera"))
        self.line.editingFinished.connect(lambda: self.chosen.emit(self.line.text().strip()))
        self.activated.connect(self._choose)

    @property
    def line(self) -> QLineEdit:
        line = self.lineEdit()
        assert line is not None
        return line

    def showPopup(self) -> None:
        """Refresh the list before it opens."""
        text = self.line.text()
        with QSignalBlocker(self):
            self.clear()
            for spec, name in outputs():
                self.addItem(name, spec)
            self.setCurrentIndex(self.findData(text))
            self.setEditText(text)
        super().showPopup()

    def _choose(self, at: int) -> None:
        spec = self.itemData(at)
        self.setEditText(spec)
        self.chosen.emit(spec)
