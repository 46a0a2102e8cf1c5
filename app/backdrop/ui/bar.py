"""The bar under the preview: toggles, and the camera's name on the right."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.buttons import Room, Toggle, label
from backdrop.ui.editor import Editor
from backdrop.ui.layouts import row

LEAST = 110  # pixels for a name that is cut; less would be a word and dots
SPACING = 6  # pixels between two toggles


class Bar(Editor):
    """The toggles under the preview, and the camera's name and resolution on the right, where there is room."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
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
        self.blur.clicked.connect(lambda: self.ask_for(self._settings.with_blur_toggled()))
        for name, toggle in self._named.items():
            toggle.clicked.connect(lambda on, name=name: self.change(**{name: on}))
        self._name = self._camera = ""
        self._state = label("", "hint")
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        small = (self.snapshot, self.record)  # always, as in every camera
        for button in small:
            button.set_room("icon")
        self._row = row(*self.toggles, (self._state, 1), *small, spacing=SPACING)
        self.setLayout(self._row)
        self.setMinimumWidth(320)
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        self.blur.setChecked(settings.backdrop == "blur")
        for name, toggle in self._named.items():
            toggle.setChecked(getattr(settings, name))

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
