"""Which outputs there are, offered beside the line in which one can also be typed."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu

from app.language import _
from app.pipewire_camera import is_available
from app.ui import theme
from app.virtual_camera import list_virtual_cameras


def outputs() -> list[tuple[str, str]]:
    """What the setting can be, each with what a person calls it."""
    found = [("", _("The first virtual camera"))]
    found += [(each.spec, f"{each.name} ({each.spec})") for each in list_virtual_cameras()]
    if is_available():
        found.append(("pipewire", _("Backdrop in PipeWire, without a driver")))
    return found


def offer_outputs(line: QLineEdit, choose: Callable[[str], None]) -> QAction:
    """Put a button into the line that opens a menu of them. choose: is given the one that is chosen."""
    line.setPlaceholderText(_("The first virtual camera"))
    button = line.addAction(
        theme.icon("chevron", theme.current().text), QLineEdit.ActionPosition.TrailingPosition
    )
    button.setText(_("Choose an output"))
    button.setToolTip(button.text())
    menu = QMenu(line)

    def fill() -> None:
        menu.clear()
        for spec, name in outputs():
            entry = menu.addAction(name)
            entry.setCheckable(True)
            entry.setChecked(spec == line.text().strip())
            entry.triggered.connect(lambda _on=False, spec=spec: choose(spec))

    menu.aboutToShow.connect(fill)
    button.setMenu(menu)
    button.triggered.connect(lambda: menu.popup(line.mapToGlobal(line.rect().bottomLeft())))
    return button
