"""The choice of camera, what can be set about a backdrop, and the switch of the virtual camera."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.camera import CameraInfo
from app.camera_modes import path_of
from app.engine import Stats
from app.language import N_, _
from app.settings import Settings, about
from app.ui import theme
from app.ui.buttons import Swatch, Toggle, label
from app.ui.mode_choice import ModeChoice
from app.v4l2 import lasting

SWATCHES = {
    "#3b5b7a": N_("Slate blue"),
    "#24292f": N_("Charcoal"),
    "#e9e6df": N_("Cream"),
    "#5c7a5e": N_("Sage"),
    "#8a5a44": N_("Clay"),
    "#00b140": N_("Green screen"),
}


class CameraChoice(QWidget):
    """Which camera: a list, a button that looks for cameras again, and what the camera gives."""

    changed = Signal(object)  # Settings
    refresh_asked = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._combo = QComboBox()
        self._combo.setAccessibleName(about("camera").label)
        self._combo.setMaxVisibleItems(12)
        self._combo.setToolTip(_("The camera that Backdrop looks through"))
        self._combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._combo.activated.connect(self._choose)
        self.refresh = QToolButton()
        self.refresh.setProperty("part", "plain")
        self.refresh.setIconSize(QSize(18, 18))
        self.refresh.setAccessibleName(_("Look for cameras again"))
        self.refresh.setToolTip(_("{what} (key {key})", what=_("Look for cameras again"), key="F5"))
        self.refresh.clicked.connect(self.refresh_asked)
        title = label(about("camera").label, "title")
        title.setBuddy(self._combo)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._combo, 1)
        row.addWidget(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.head = QHBoxLayout()  # for what else is to stand beside the title
        self.head.setSpacing(6)
        self.head.addWidget(title, 1)
        column.addLayout(self.head)
        column.addLayout(row)
        self.modes = ModeChoice(settings)
        self.modes.changed.connect(self.changed)
        column.addWidget(self.modes)
        self.order: tuple[QWidget, ...] = (self._combo, self.refresh, *self.modes.order)
        self.show_cameras([])

    def show_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Fill the list; the camera of the settings is in it even when it is not connected."""
        self._combo.clear()
        self._combo.addItem(_("Automatic"), "")
        for camera in cameras:
            self._combo.addItem(camera.name, camera.spec)
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.modes.show_settings(settings)
        at = self._at(settings.camera)
        if at < 0:
            name = (
                _("Demo camera")
                if settings.camera == "demo"
                else Path(settings.camera).name or settings.camera
            )
            title = _("Camera {number}", number=name) if name.isdecimal() else name
            self._combo.addItem(title, settings.camera)
            at = self._combo.count() - 1
        self._combo.setCurrentIndex(at)

    def _at(self, spec: str) -> int:
        """The row of a camera, whether it is called by its number or by the name that it keeps; -1 for none."""
        return max(self._combo.findData(spec), self._combo.findData(path_of(spec) or spec))

    def _choose(self, at: int) -> None:
        self.changed.emit(replace(self._settings, camera=lasting(self._combo.itemData(at))))


class BackdropOptions(QStackedWidget):
    """What can be set about the backdrop that is chosen. All pages have one height, so that nothing jumps."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pages = {"blur": self._blur_page(), "colour": self._colour_page()}
        self._pages["none"] = self._words_page(_("No effect: everything that the camera sees is sent."))
        self._pages["picture"] = self._words_page(_("Drop a picture anywhere in the window to use your own."))
        self.order: tuple[QWidget, ...] = (self._strength, *self._swatches, self._other)
        for page in self._pages.values():
            self.addWidget(page)
        self.show_settings(settings)

    def _blur_page(self) -> QWidget:
        what = about("blur_strength")
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(what.least, what.most)
        self._strength.setPageStep(10)
        self._strength.setAccessibleName(what.label)
        self._strength.setToolTip(what.help)
        self._strength.valueChanged.connect(self._set_strength)
        self._value = label("", "hint")
        title = label(what.label, "title")
        title.setBuddy(self._strength)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self._value)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._strength)
        return page

    def _colour_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(about("colour").label, "title"))
        row = QHBoxLayout()
        row.setSpacing(0)
        self._swatches = [Swatch(colour, _(name)) for colour, name in SWATCHES.items()]
        for swatch in self._swatches:
            swatch.clicked.connect(lambda _=False, colour=swatch.colour: self._set_colour(colour))
            row.addWidget(swatch)
        row.addStretch(1)
        other = self._other = QPushButton(_("Other…"))
        other.setProperty("part", "plain")
        other.setAccessibleName(_("Choose another colour"))
        other.clicked.connect(self._ask_colour)
        row.addWidget(other)
        column.addLayout(row)
        return page

    def _words_page(self, words: str) -> QWidget:
        page = label(words, "hint", wrap=True)
        page.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return page

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._strength.setValue(settings.blur_strength)
        self._value.setText(str(settings.blur_strength))
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == settings.colour.lower())
        self.setCurrentWidget(self._pages[settings.backdrop])

    def _set_strength(self, value: int) -> None:
        self.changed.emit(replace(self._settings, blur_strength=value))

    def _set_colour(self, colour: str) -> None:
        self.changed.emit(replace(self._settings, colour=colour))
        self.show_settings(self._settings)

    def _ask_colour(self) -> None:
        dialog = QColorDialog(QColor(self._settings.colour), self)
        dialog.setWindowTitle(_("Colour behind you"))
        dialog.colorSelected.connect(lambda colour: self._set_colour(colour.name()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class VirtualCameraSwitch(QFrame):
    """Switches the virtual camera and says in words what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.toggle = Toggle("camera", "virtual_camera", "V", theme.current)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.state = label("", "hint", wrap=True)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.toggle)
        column.addWidget(self.state)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing() + 2)

    def show_state(self, settings: Settings, stats: Stats) -> None:
        self.toggle.setChecked(settings.virtual_camera)
        if not settings.virtual_camera:
            text = _("Off. Call applications do not see Backdrop.")
        elif stats.output:
            text = _("On. In your call, choose {name} as the camera.", name=stats.output)
        else:
            text = _("Not available now. The preview goes on.")
        if text != self.state.text():
            self.state.setText(text)
            self.toggle.setAccessibleDescription(text)
