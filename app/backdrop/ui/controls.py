"""The choice of camera."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.modes import path_of
from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.system.v4l2 import lasting
from backdrop.ui.buttons import drop_down, icon_button, label
from backdrop.ui.editor import Editor
from backdrop.ui.layouts import column, row
from backdrop.ui.mode_choice import ModeChoice


class CameraChoice(Editor):
    """A list of cameras, a button that refreshes it, and the modes of the chosen camera."""

    refresh_asked = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._combo = drop_down(about("camera").label, _("The camera that Backdrop uses"))
        self._combo.activated.connect(lambda at: self.change(camera=lasting(self._combo.itemData(at))))
        self.refresh = icon_button("refresh", _("Look for cameras again"), "F5")
        self.refresh.clicked.connect(self.refresh_asked)
        title = label(about("camera").label, "title")
        title.setBuddy(self._combo)
        self.head = row((title, 1), spacing=6)  # the panel adds its buttons here
        self.modes = ModeChoice(settings)
        self.modes.changed.connect(self.changed)
        cameras = row((self._combo, 1), self.refresh, spacing=8)
        self.setLayout(column(self.head, cameras, self.modes, spacing=8))
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
        super().show_settings(settings)
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
