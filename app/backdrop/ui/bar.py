"""The bar under the preview: toggles, and the camera's name on the right."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.buttons import Room, Toggle, label

LEAST = 110  # pixels for a name that is cut; less would be a word and dots
SPACING = 6  # pixels between two toggles


class Bar(QWidget):
    """The toggles under the preview, and the camera's name and resolution on the right, where there is room."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.blur = Toggle("blur", "backdrop", "B", theme.stage, _("Blur"))
        self.blur.explain(_("Blur your room. Press again to return to the previous backdrop."))
        self.away = Toggle("hide", "hide", "H", theme.stage)
        self.freeze = Toggle("freeze", "freeze", "P", theme.stage)
        self.mirror = Toggle("mirror", "mirror_preview", "M", theme.stage)
        self.centre = Toggle("centre", "auto_framing", "C", theme.stage)
        self.rates = Toggle("rates", "show_fps", "F", theme.stage)
        self._named = {
            "hide": self.away,
            "freeze": self.freeze,
            "mirror_preview": self.mirror,
            "auto_framing": self.centre,
            "show_fps": self.rates,
        }
        self.toggles = (self.blur, *self._named.values())
        self.snapshot = Toggle("snapshot", "record", "S", theme.stage, _("Snapshot"))
        self.snapshot.setCheckable(False)
        self.snapshot.explain(_("Save what others see as a new picture"))
        self.record = self._named["record"] = Toggle("record", "record", "R", theme.stage)
        self.blur.clicked.connect(self._toggle_blur)
        for name, toggle in self._named.items():
            toggle.clicked.connect(lambda on, name=name: self._set(name, on))
        self._name = self._camera = ""
        self._state = label("", "hint")
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for toggle in self.toggles:
            row.addWidget(toggle)
        row.addWidget(self._state, 1)
        for button in (self.snapshot, self.record):  # always small, as in every camera
            button.set_room("icon")
            row.addWidget(button)
        self.setMinimumWidth(320)
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.blur.setChecked(settings.backdrop == "blur")
        for name, toggle in self._named.items():
            toggle.setChecked(getattr(settings, name))

    def _set(self, name: str, on: bool) -> None:
        change: dict[str, Any] = {name: on}
        self.changed.emit(replace(self._settings, **change))

    def _toggle_blur(self) -> None:
        self.changed.emit(self._settings.with_blur_toggled())
        self.show_settings(self._settings)  # with no other backdrop to return to, the button stays checked

    def show_camera(self, name: str, size: QSize) -> None:
        """Show the open camera's name ("" for none) and the size of its picture."""
        self._name = name
        self._camera = f"{name}  ·  {size.width()} × {size.height()}" if name and not size.isEmpty() else name
        self._fit_state()

    def _fit_state(self) -> None:
        metrics, right = self._state.fontMetrics(), Qt.TextElideMode.ElideRight
        room = self._state.width()
        fits = (text for text in (self._camera, self._name) if metrics.horizontalAdvance(text) <= room)
        text = next(fits, metrics.elidedText(self._name, right, room) if room >= LEAST else "")
        if text != self._state.text():
            self._state.setText(text)
            self._state.setToolTip(self._camera)

    def _width_for(self, room: Room) -> int:
        small = sum(each.width_for("icon") + SPACING for each in (self.snapshot, self.record))
        return small + sum(toggle.width_for(room) + SPACING for toggle in self.toggles)

    def resizeEvent(self, event: QResizeEvent) -> None:
        whole, word = (self._width_for("whole") + 190, self._width_for("word"))
        room: Room = "whole" if self.width() >= whole else "word" if self.width() >= word else "icon"
        for toggle in self.toggles:
            toggle.set_room(room)
        self._row.activate()
        self._fit_state()
