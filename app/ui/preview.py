"""The live picture. It asks the mailbox for the newest result; nothing is pushed at it, so nothing can pile up."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.engine import Stats
from app.language import _
from app.mailbox import Mailbox
from app.pipeline import Result
from app.ui import theme

POLL = 8  # milliseconds between two looks into the mailbox
POLL_UNSEEN = 200  # and while the window is minimised
RADIUS = 14.0
EMPTY = QSize(16, 9)


class Preview(QWidget):
    """Shows the newest result as large as it fits, with round corners, and the rates over it when asked."""

    def __init__(self, results: Mailbox[Result], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = results
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._stats: Stats | None = None
        self._inviting = False
        self.painted = 0  # how many different results have been painted
        self._fresh = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._look)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self.setAccessibleName(_("Preview"))
        self.setAccessibleDescription(_("What others see when they choose Backdrop as their camera"))

    def sizeHint(self) -> QSize:
        return QSize(928, 522)

    def show_stats(self, stats: Stats | None) -> None:
        """Draw these rates over the picture; None draws none."""
        if stats != self._stats:
            self._stats = stats
            self.update()

    def invite(self, inviting: bool) -> None:
        """Show, or no longer show, that a picture may be dropped."""
        self._inviting = inviting
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _look(self) -> None:
        # While nobody can see it there is next to nothing to do, also for the processor.
        minimised = self.window().isMinimized()
        every = POLL_UNSEEN if minimised else POLL
        if self._timer.interval() != every:
            self._timer.setInterval(every)
        if minimised:
            return
        result = self._results.take(0)
        if result is None:
            return
        # QImage only points into the array, so the array is kept as long as the image.
        self._pixels = np.ascontiguousarray(result.pixels)
        height, width = self._pixels.shape[:2]
        self._image = QImage(
            self._pixels.data, width, height, self._pixels.strides[0], QImage.Format.Format_BGR888
        )
        self._fresh = True
        self.update()

    def frame_size(self) -> QSize:
        """The size of the newest result in its own pixels; empty before the first."""
        return self._image.size()

    def picture_rectangle(self) -> QRectF:
        """Where the picture lies in the widget: as large as it fits, on whole pixels of the screen."""
        size = self._image.size() if not self._image.isNull() else EMPTY
        fitted = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF(
            (self.width() - fitted.width()) // 2,
            (self.height() - fitted.height()) // 2,
            fitted.width(),
            fitted.height(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.STAGE.ground))
        place = self.picture_rectangle()
        if self._image.isNull():
            painter.fillRect(place, QColor("#1d2024"))
            self._write(painter, place, _("Starting the camera…"))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
            self.painted += self._fresh
            self._fresh = False
        if self._inviting:
            painter.fillRect(place, QColor(10, 14, 20, 190))
            self._write(painter, place, _("Drop the picture to put it behind you"))
        if self._stats is not None:
            _draw_stats(painter, place, self._stats)
        self._round_off(painter, place)
        painter.end()

    def _write(self, painter: QPainter, place: QRectF, text: str) -> None:
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        painter.setFont(font)
        painter.setPen(QColor(theme.STAGE.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _round_off(self, painter: QPainter, place: QRectF) -> None:
        """Paint the stage over the corners: much cheaper than a picture clipped by a path."""
        corners = QPainterPath()
        corners.addRect(place)
        inside = QPainterPath()
        inside.addRoundedRect(place, RADIUS, RADIUS)
        painter.fillPath(corners.subtracted(inside), QColor(theme.STAGE.ground))
        if self._inviting:
            painter.setPen(QPen(QColor(theme.STAGE.accent), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(place.adjusted(8, 8, -8, -8), RADIUS - 4, RADIUS - 4)


def stat_lines(stats: Stats) -> list[tuple[str, str]]:
    """The rates as (label, value), in the order in which a frame passes."""
    return [
        (_("Capture"), _fps(stats.capture_fps)),
        (_("Processing"), _fps(stats.process_fps)),
        (_("Output"), _fps(stats.output_fps) if stats.output else _("off")),
        (_("Time"), f"{stats.milliseconds:.1f} ms"),
        (_("Dropped"), f"{stats.dropped}"),
    ]


def _fps(rate: float) -> str:
    return _("{rate} fps", rate=f"{rate:.1f}")


def _draw_stats(painter: QPainter, place: QRectF, stats: Stats) -> None:
    font = painter.font()
    painter.setFont(font)
    metrics = painter.fontMetrics()
    lines, pitch = stat_lines(stats), metrics.height() + 3
    labels = max(metrics.horizontalAdvance(label) for label, _ in lines)
    values = metrics.horizontalAdvance(_fps(888.8))
    box = QRectF(place.left() + 14, place.top() + 14, labels + values + 44, pitch * len(lines) + 17)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 17, 205))
    painter.drawRoundedRect(box, 9, 9)
    for row, (label, value) in enumerate(lines):
        base = box.top() + 9 + row * pitch + metrics.ascent() + 1
        painter.setPen(QColor(theme.STAGE.faint))
        painter.drawText(QPointF(box.left() + 13, base), label)
        painter.setPen(QColor(theme.STAGE.text))
        painter.drawText(QPointF(box.right() - 13 - metrics.horizontalAdvance(value), base), value)
