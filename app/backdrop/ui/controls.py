"""The choice of camera."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.modes import path_of
from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.system.v4l2 import lasting
from backdrop.ui.buttons import label, with_key
from backdrop.ui.mode_choice import ModeChoice


class CameraChoice(QWidget):
    """A list of cameras, a button that refreshes it, and the modes of the chosen camera."""

    changed = Signal(object)  # Settings
    refresh_asked = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._combo = QComboBox()
        self._combo.setAccessibleName(about("camera").label)
        self._combo.setMaxVisibleItems(12)
        self._combo.setToolTip(_("The camera that Backdrop uses"))
        self._combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._combo.activated.connect(self._choose)
        self.refresh = QToolButton()
        self.refresh.setProperty("part", "plain")
        self.refresh.setIconSize(QSize(18, 18))
        self.refresh.setAccessibleName(_("Look for cameras again"))
        self.refresh.setToolTip(with_key(_("Look for cameras again"), "F5"))
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
        self.head = QHBoxLayout()  # the panel adds its buttons here
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
        """Fill the list. The camera in the settings is always in it, even when it is not connected."""
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
        """The row of a camera, given its number or its persistent path; -1 for none."""
        return max(self._combo.findData(spec), self._combo.findData(path_of(spec) or spec))

    def _choose(self, at: int) -> None:
        self.changed.emit(replace(self._settings, camera=lasting(self._combo.itemData(at))))
