"""The zoom over the preview: how much, closer, farther, and back to the whole picture."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from backdrop.language import _
from backdrop.pipeline.zoom import LARGEST, Zoom
from backdrop.settings.settings import Settings
from backdrop.ui.buttons import with_key
from backdrop.ui.layouts import row

MIDDLE = QPointF(0.5, 0.5)
KEY = 1.2  # zoom for each press of a key or button
STRIDE = 0.05  # of what is shown, for each press of a key


class ZoomControl(QFrame):
    """Emits changed with new Settings. Shown while zoomed, and while the mouse is over the preview."""

    changed = Signal(object)  # Settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("zoom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings = Settings()
        self._pointed = self._away = False
        self.closer, self.whole, self.farther = QPushButton("+"), QPushButton(), QPushButton("−")
        tips = (_("Zoom in"), _("Show the whole picture again"), _("Zoom out"))
        buttons = (self.closer, self.whole, self.farther)
        for button, tip, key in zip(buttons, tips, ("+", "Ctrl+0", "-"), strict=True):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setAccessibleName(tip)
            button.setToolTip(with_key(tip, key))
        self.closer.clicked.connect(lambda: self.zoom(KEY))
        self.farther.clicked.connect(lambda: self.zoom(1 / KEY))
        self.whole.clicked.connect(self.reset)
        self.setLayout(row(self.farther, self.whole, self.closer, spacing=2, margins=(3, 3, 3, 3)))
        self.hide()

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.whole.setText(f"{self._zoom.zoom} %")
        self.closer.setEnabled(self._zoom.zoom < LARGEST)
        self.farther.setEnabled(self._zoom.zoom > 100)
        self._appear()

    def point(self, pointed: bool) -> None:
        """pointed: whether the mouse is over the preview."""
        self._pointed = pointed
        self._appear()

    def make_room(self, away: bool) -> None:
        """away: the preview needs the place for something else."""
        self._away = away
        self._appear()

    def zoom(self, factor: float, at: QPointF = MIDDLE) -> None:
        """at: the part of the picture, as it is shown, that stays where it is."""
        self._take(self._zoom.at(factor, self._across(at.x()), at.y()))

    def move_by(self, by: QPointF) -> None:
        """Move what is shown by parts of its size, to the right and down, as it is shown."""
        right = -by.x() if self._settings.mirror_preview else by.x()
        self._take(self._zoom.moved(right, by.y()))

    def reset(self) -> None:
        """Show the whole picture."""
        self._take(Zoom())

    @property
    def _zoom(self) -> Zoom:
        """Centring ends where the person begins to zoom, with the whole picture."""
        now = self._settings
        return Zoom() if now.auto_framing else Zoom(now.zoom, now.zoom_x, now.zoom_y)

    def _across(self, x: float) -> float:
        return 1 - x if self._settings.mirror_preview else x

    def _take(self, zoom: Zoom) -> None:
        changed = replace(self._settings, zoom=zoom.zoom, zoom_x=zoom.x, zoom_y=zoom.y, auto_framing=False)
        if zoom.zoom == 100 and self._zoom.zoom == 100:
            return  # a drag of the whole picture
        self.changed.emit(changed)

    def _appear(self) -> None:
        self.adjustSize()
        self.setVisible((self._zoom.zoom > 100 or self._pointed) and not self._away)


def zoom_keys(control: ZoomControl) -> list[tuple[str, str, Callable[[], object]]]:
    """The keys that zoom: as Qt writes them, what they do ("" to show nothing), and the act."""
    moves = {"Left": (1, 0), "Right": (-1, 0), "Up": (0, 1), "Down": (0, -1)}
    return [
        ("+ =", _("Zoom in"), lambda: control.zoom(KEY)),
        ("-", _("Zoom out"), lambda: control.zoom(1 / KEY)),
        ("Ctrl+0", _("Show the whole picture again"), control.reset),
        *((f"Ctrl+{key}", "", partial(control.move_by, QPointF(*by) * STRIDE)) for key, by in moves.items()),
    ]
