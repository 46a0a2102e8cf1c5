"""The live preview. It polls the mailbox for the newest result; nothing is pushed, so nothing can pile up."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from backdrop.backdrops.transparent import over_squares
from backdrop.frames.frame import Frame
from backdrop.frames.mailbox import Mailbox
from backdrop.language import _
from backdrop.pipeline.pipeline import Result
from backdrop.run.recording import as_time
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.gestures import Gestures
from backdrop.ui.hold_badge import HoldBadge
from backdrop.ui.room import RoomBadge
from backdrop.ui.screen import for_screen, scaled
from backdrop.ui.statistics import INSET, draw_box, draw_recording, draw_stats
from backdrop.ui.zoom_control import ZoomControl

POLL = 8  # milliseconds between polls of the mailbox
RADIUS = 14.0
SHAPE = QSize(16, 9)  # of the area before the first picture


class Preview(QWidget):
    """Shows the newest result as large as possible, with round corners and optional statistics."""

    compared = Signal(bool)  # whether the person wants to see the camera as it is

    def __init__(
        self,
        results: Mailbox[Result],
        parent: QWidget | None = None,
        *,
        frames: Mailbox[Frame] | None = None,
    ) -> None:
        """frames: the camera's, as they are; shown while compare(True) holds."""
        super().__init__(parent)
        self._results, self._frames = results, frames
        self._frame: Frame | None = None
        self._comparing = False
        self._result: Result | None = None
        self._pixels: NDArray[np.uint8] | None = None  # the result at display size …
        self._image = QImage()  # … and the QImage that wraps it
        self._corners = QPainterPath()
        self._stats: Stats | None = None
        self._recorded = ""
        self._inviting = False
        self._seen = True
        self.badge = RoomBadge(self)
        self.hold = HoldBadge(self)
        self.zoom = ZoomControl(self)
        gestures = Gestures(self, self.picture_rectangle)
        gestures.held.connect(self.compare)
        gestures.zoomed.connect(self.zoom.zoom)
        gestures.moved.connect(self.zoom.move_by)
        gestures.reset.connect(self.zoom.reset)
        self.painted = 0  # number of distinct results painted
        self._fresh = False
        self._mirrors = False
        self._flips = False  # whether composites are flipped: others see them the other way round
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=POLL)
        self._timer.timeout.connect(self._look)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self.setAccessibleName(_("Preview"))
        self.setAccessibleDescription(_("What others see when you use Backdrop as your camera"))

    def sizeHint(self) -> QSize:
        return QSize(928, 522)

    def show_stats(self, stats: Stats | None) -> None:
        """Draw these statistics over the picture; None draws none."""
        if stats != self._stats:
            self._stats = stats
            self.update()

    def show_recording(self, seconds: float | None) -> None:
        """Draw a red dot and how long the recording is; None draws nothing."""
        words = "" if seconds is None else as_time(seconds)
        if words != self._recorded:
            self._recorded = words
            self.update()

    def invite(self, inviting: bool) -> None:
        """Show or hide the invitation to drop a picture."""
        self._inviting = inviting
        self.update()

    def look_out(self, seen: bool) -> None:
        """Start or stop polling: a minimised window is not hidden, but nobody sees it."""
        self._seen = seen
        if seen and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def show_settings(self, settings: Settings) -> None:
        self.hold.show_settings(settings)
        self.zoom.show_settings(settings)
        self._mirrors = settings.mirror_preview
        self._flips = settings.mirror_preview != settings.mirror  # what others see may be flipped already
        self._image = QImage()
        self.place_badges()

    def place_badges(self) -> None:
        """Place what lies over the picture, after any of it has changed."""
        self.update()
        place = self.picture_rectangle()
        self.badge.fit(round(place.width()) - 2 * INSET)
        self.hold.adjustSize()
        self.zoom.adjustSize()
        top = round(place.top()) + INSET
        low = self._stats is not None and place.width() < 600  # above the line of statistics
        bottom = round(place.bottom()) - INSET - self.zoom.height() - (36 if low else 0)
        right = round(place.right()) - INSET - self.zoom.width()
        for badge, left, down in (
            (self.badge, round(place.left()) + INSET, top),
            (self.hold, round(place.left()) + INSET, top + self._below(self.badge)),
            (self.zoom, right, bottom),
        ):
            corner = badge.rect().translated(left, down)
            badge.move(QStyle.visualRect(self.layoutDirection(), place.toRect(), corner).topLeft())

    @staticmethod
    def _below(badge: QWidget) -> int:
        """How far down a badge moves what comes below it."""
        return 0 if badge.isHidden() else badge.height() + 8

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_badges()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_out(self._seen)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def compare(self, on: bool) -> None:
        """Show the camera's own frames, to this person alone, or what others see again."""
        self._comparing, self._frame = on, None
        if self._frames is not None:
            self._frames.take(0)  # one from the last time
        self._fresh = True
        self.zoom.make_room(on)
        self.compared.emit(on)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.zoom.point(True)
        self.place_badges()

    def leaveEvent(self, event: QEvent) -> None:
        self.zoom.point(False)

    def _look(self) -> None:
        if self._comparing and self._frames is not None and (frame := self._frames.take(0)) is not None:
            self._frame, self._fresh = frame, True
            self.update()
        result = self._results.take(0)
        if result is None:
            return
        moved = self._result is None or result.size != self._result.size
        self._result = result
        self._fresh = True
        if moved:
            self.place_badges()
        self.update(self.rect() if moved else self.picture_rectangle().toRect())

    def frame_size(self) -> QSize:
        """The size of the newest result in pixels; empty before the first."""
        return QSize() if self._result is None else QSize(*self._result.size)

    def picture_rectangle(self) -> QRectF:
        """Where the picture lies in the widget: as large as possible, on whole screen pixels."""
        size = SHAPE if self._result is None else QSize(*self._result.size)
        fitted = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - fitted.width()) // 2, (self.height() - fitted.height()) // 2
        return QRectF(left, top, fitted.width(), fitted.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = self.picture_rectangle()
        painter.setClipRegion(QRegion(event.rect()).subtracted(place.toRect()))  # only around the picture
        painter.fillRect(event.rect(), QColor(theme.stage().ground))
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._result is None:
            painter.fillRect(place, QColor("#1d2024"))
            self._write(painter, place, _("Starting the camera…"))
        else:
            painter.drawImage(place, self._scaled(self._result, place))
            self.painted += self._fresh
            self._fresh = False
        if self._frame is not None:
            self._say_alone(painter, place)
        if self._inviting:
            painter.fillRect(place, QColor(10, 14, 20, 190))
            self._write(painter, place, _("Drop it here to use it as your backdrop"))
        if self._stats is not None and not self._comparing:
            below = self._below(self.badge) + self._below(self.hold)
            draw_stats(painter, place.adjusted(0, below, 0, 0), self._stats)
        if self._recorded:
            draw_recording(painter, place, self._recorded)
        self._round_off(painter, place)
        painter.end()

    def _scaled(self, result: Result, place: QRectF) -> QImage:
        """The result scaled to screen pixels, ten times as fast as QPainter would scale it."""
        ratio = self.devicePixelRatioF()
        width, height = (max(2, round(side * ratio)) for side in (place.width(), place.height()))
        if self._fresh or (self._image.width(), self._image.height()) != (width, height):
            # Even sizes, as the colour planes need; QImage crops the extra column or row. It only references the array,
            # so keep that alive.
            size = width + width % 2, height + height % 2
            shown = result.composite if self._frame is None else self._frame.pixels
            self._pixels = for_screen(shown, *size)
            if self._frame is None and result.key and result.alpha is not None:
                self._pixels = over_squares(self._pixels, scaled(result.alpha, *size), result.key)
            plain = result.is_placeholder or result.is_fallback  # text stays readable
            if self._mirrors if self._frame is not None else self._flips and not plain:
                self._pixels = cv2.flip(self._pixels[:height, :width], 1)
            form = QImage.Format.Format_RGB32
            self._image = QImage(self._pixels.data, width, height, self._pixels.strides[0], form)
        return self._image

    def _say_alone(self, painter: QPainter, place: QRectF) -> None:
        """Along the bottom: whoever looks over the person's shoulder, or at a shared screen, sees the room now."""
        metrics = painter.fontMetrics()
        words = _("Your camera without Backdrop. Only you see this.")
        width = min(metrics.horizontalAdvance(words) + 26, place.width() - 16)
        box = QRectF(0, 0, width, metrics.height() + 12)
        box.moveCenter(QPointF(place.center().x(), place.bottom() - INSET - box.height() / 2))
        draw_box(painter, box, 220)
        said = metrics.elidedText(words, Qt.TextElideMode.ElideRight, round(box.width()) - 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, said)

    def _write(self, painter: QPainter, place: QRectF, text: str) -> None:
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        painter.setFont(font)
        painter.setPen(QColor(theme.stage().text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _round_off(self, painter: QPainter, place: QRectF) -> None:
        """Paint the background over the corners: much cheaper than clipping the picture to a path."""
        if self._corners.boundingRect() != place:
            self._corners = _corners(place)
        painter.fillPath(self._corners, QColor(theme.stage().ground))
        if self._inviting:
            painter.setPen(QPen(QColor(theme.stage().accent), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(place.adjusted(8, 8, -8, -8), RADIUS - 4, RADIUS - 4)


def _corners(place: QRectF) -> QPainterPath:
    """The area between a rectangle and its rounded version."""
    whole, inside = QPainterPath(), QPainterPath()
    whole.addRect(place)
    inside.addRoundedRect(place, RADIUS, RADIUS)
    return whole.subtracted(inside)
