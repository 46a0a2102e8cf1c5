"""The side panel: the virtual camera, the camera, backdrops, and what can be set about them."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSizePolicy, QWidget

from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.ui import theme
from backdrop.ui.backdrop_options import BackdropOptions
from backdrop.ui.buttons import icon_button, label, plain_button, with_key
from backdrop.ui.controls import CameraChoice
from backdrop.ui.first_start import FirstStart, Step
from backdrop.ui.gallery import Gallery
from backdrop.ui.layouts import column, row
from backdrop.ui.light_section import LightSection
from backdrop.ui.output_switch import VirtualCameraSwitch
from backdrop.ui.preset_choice import PresetChoice
from backdrop.ui.scroll import ScrollColumn
from backdrop.ui.tile import GAP
from backdrop.ui.worker import Worker

# How wide the panel is from which width of the window, both in pixels, and how many columns of tiles more it has.
WIDTHS = ((0, 320, 0), (1500, 412, 1), (1900, 504, 2))
TALL = 740  # pixels: from this height the gallery has three columns; below, four smaller ones so that all tiles fit
INSET = GAP // 2


def _inset(*widgets: QWidget) -> QHBoxLayout:
    """A row aligned with the gallery's tiles, which leave space for the ring around the chosen one."""
    return row(*widgets, margins=(INSET, 0, INSET, 0))


def _reveal(area: ScrollColumn, part: QWidget) -> None:
    """Scroll to a part that has grown."""
    QApplication.sendPostedEvents(area.widget(), QEvent.Type.LayoutRequest)
    area.ensureWidgetVisible(part, 0, INSET)


class Panel(QFrame):
    """The side panel. Emits changed with new Settings for everything that a person does in it."""

    changed = Signal(object)  # Settings
    add_asked = Signal()

    def __init__(self, settings: Settings, worker: Worker) -> None:
        super().__init__()
        self._settings = settings
        self.setObjectName("panel")
        self._more_columns = 0
        self.setFixedWidth(WIDTHS[0][1])
        self.camera = CameraChoice(settings)
        self.preset = PresetChoice()
        self.gallery = Gallery(worker)
        self.options = BackdropOptions(settings)
        self.light = LightSection(settings)
        self.virtual_camera = VirtualCameraSwitch()
        self.add_button = plain_button(_("Add…"), "add")
        self.add_button.setAccessibleName(_("Add your own picture or video"))
        self.add_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.add_button.setToolTip(
            with_key(_("Add your own picture or video. You can also drop or paste it here."), "Ctrl+O")
        )
        self.doctor = icon_button("doctor", _("Troubleshooting"), "F1")
        self.preferences = icon_button("settings", _("Settings"), "Ctrl+,")
        self.first_start = FirstStart()
        self.first_start.went.connect(self._show_step)
        self._lay_out()
        for part in (self.camera, self.options, self.light):
            part.changed.connect(self.changed)
        self.add_button.clicked.connect(self.add_asked)
        self.gallery.chosen.connect(lambda choice: self.changed.emit(choice.chosen(self._settings)))
        self.virtual_camera.toggle.clicked.connect(
            lambda: self._change(virtual_camera=not self._settings.virtual_camera)
        )
        self.virtual_camera.pipewire.clicked.connect(
            lambda: self._change(virtual_camera=True, output="pipewire")
        )
        self.show_settings(settings)

    def _lay_out(self) -> None:
        self.camera.head.addWidget(self.doctor)
        self.camera.head.addWidget(self.preferences)
        title = self._title = label(about("backdrop").label, "title")
        title.setBuddy(self.gallery.order[0])
        self.gallery.reached.connect(self._reveal)
        choices = self._content = QWidget()
        choices.setObjectName("choices")
        backdrops = (_inset(title, self.add_button), self.gallery, 4, _inset(self.options))
        parts = (_inset(self.camera), 6, _inset(self.preset), 6, *backdrops, 4, _inset(self.light), None)
        margins = theme.margins(16 - INSET, 16, 16 - INSET - theme.SCROLL_BAR, 12)
        choices.setLayout(column(*parts, spacing=8, margins=margins))
        area = self._area = ScrollColumn(choices)
        self.light.more.toggled.connect(lambda: QTimer.singleShot(0, self, lambda: _reveal(area, self.light)))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outside = (self.first_start, self.virtual_camera, (area, 1))
        self.setLayout(column(*outside, spacing=0, margins=theme.margins(1, 0, 0, 0)))
        order = [
            *self.first_start.order,
            *self.virtual_camera.order,
            self.doctor,
            self.preferences,
            *self.camera.order,
            *self.preset.order,
            self.add_button,
            *self.gallery.order,
            *self.options.order,
            *self.light.order,
        ]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _show_step(self, step: Step | None) -> None:
        """Show only what a step of the first start needs, or everything again."""
        parts: dict[Step, tuple[QWidget, ...]] = {
            "camera": (self.camera,),
            "output": (self.virtual_camera,),
            "backdrop": (self._title, self.add_button, self.gallery),
        }
        for name, widgets in parts.items():
            for widget in widgets:
                widget.setVisible(step in (name, None))
        for widget in (self.preset, self.options, self.light):
            widget.setVisible(step is None)
        self.first_start.setVisible(step is not None)
        QTimer.singleShot(0, self.gallery.show_current)
        if step is None:
            self.virtual_camera.toggle.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_columns()

    def fit(self, window: int) -> None:
        """Fit the width to that of the window, in pixels, and to nothing else: a layout must not depend on itself."""
        _least, width, self._more_columns = [each for each in WIDTHS if window >= each[0]][-1]
        self.setFixedWidth(width)
        self._set_columns()

    def _set_columns(self) -> None:
        self.gallery.set_columns((3 if self.height() >= TALL else 4) + self._more_columns)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.gallery.show_current)  # once everything has its place

    def _reveal(self, tile: QRect) -> None:
        """Scroll until a tile is visible. Before everything has its place, nothing can be said about that."""
        if not self.isVisible():
            return
        middle = self.gallery.mapTo(self._content, tile.center())
        self._area.ensureVisible(middle.x(), middle.y(), 0, tile.height() // 2 + GAP)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        for part in (self.camera, self.gallery, self.options, self.light):
            part.show_settings(settings)

    def _change(self, **values: Any) -> None:
        self.changed.emit(replace(self._settings, **values))
