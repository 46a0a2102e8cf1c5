"""The live preview. It polls the mailbox for the newest result; nothing is pushed, so nothing can pile up."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
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
from backdrop.frames.mailbox import Mailbox
from backdrop.language import _, number
from backdrop.pipeline.pipeline import Result
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.hold_badge import HoldBadge
from backdrop.ui.room import RoomBadge
from backdrop.ui.screen import for_screen, scaled

POLL = 8  # milliseconds between polls of the mailbox
RADIUS = 14.0
INSET = 14  # pixels between the picture's edge and overlays
WIDE = 2.5  # times as wide as the statistics is a picture whose face they leave free
SHAPE = QSize(16, 9)  # of the area before the first picture


class Preview(QWidget):
    """Shows the newest result as large as possible, with round corners and optional statistics."""

    def __init__(self, results: Mailbox[Result], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = results
        self._result: Result | None = None
        self._pixels: NDArray[np.uint8] | None = None  # the result at display size …
        self._image = QImage()  # … and the QImage that wraps it
        self._corners = QPainterPath()
        self._stats: Stats | None = None
        self._inviting = False
        self._seen = True
        self.badge = RoomBadge(self)
        self.hold = HoldBadge(self)
        self.painted = 0  # number of distinct results painted
        self._fresh = False
        self._flips = False  # whether composites are flipped: others see them the other way round
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL)
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

    def say_room(self, visible: bool, on_air: bool, recording: bool = False) -> None:
        """Say over the picture, above all else, that others see the room, or no longer. See RoomBadge."""
        self.badge.say(visible, on_air, recording)
        self._place_badge()
        self.update()

    def show_settings(self, settings: Settings) -> None:
        self.hold.show_settings(settings)
        self._flips = settings.mirror_preview != settings.mirror  # what others see may be flipped already
        self._image = QImage()
        self._place_badge()
        self.update()

    def _place_badge(self) -> None:
        place = self.picture_rectangle()
        self.badge.fit(round(place.width()) - 2 * INSET)
        self.hold.adjustSize()
        top = round(place.top()) + INSET
        for badge in (self.badge, self.hold):
            corner = badge.rect().translated(round(place.left()) + INSET, top)
            badge.move(QStyle.visualRect(self.layoutDirection(), place.toRect(), corner).topLeft())
            top += self._below(badge)

    @staticmethod
    def _below(badge: QWidget) -> int:
        """How far down a badge moves what comes below it."""
        return 0 if badge.isHidden() else badge.height() + 8

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_badge()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_out(self._seen)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _look(self) -> None:
        result = self._results.take(0)
        if result is None:
            return
        moved = self._result is None or result.size != self._result.size
        self._result = result
        self._fresh = True
        if moved:
            self._place_badge()
        self.update(self.rect() if moved else self.picture_rectangle().toRect())

    def frame_size(self) -> QSize:
        """The size of the newest result in pixels; empty before the first."""
        return QSize() if self._result is None else QSize(*self._result.size)

    def picture_rectangle(self) -> QRectF:
        """Where the picture lies in the widget: as large as possible, on whole screen pixels."""
        size = SHAPE if self._result is None else QSize(*self._result.size)
        fitted = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF(
            (self.width() - fitted.width()) // 2,
            (self.height() - fitted.height()) // 2,
            fitted.width(),
            fitted.height(),
        )

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
        if self._inviting:
            painter.fillRect(place, QColor(10, 14, 20, 190))
            self._write(painter, place, _("Drop it here to use it as your backdrop"))
        if self._stats is not None:
            below = self._below(self.badge) + self._below(self.hold)
            _draw_stats(painter, place.adjusted(0, below, 0, 0), self._stats)
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
            self._pixels = for_screen(result.composite, *size)
            if result.key and result.alpha is not None:
                self._pixels = over_squares(self._pixels, scaled(result.alpha, *size), result.key)
            if self._flips and not (result.is_placeholder or result.is_fallback):  # text stays readable
                self._pixels = cv2.flip(self._pixels[:height, :width], 1)
            form = QImage.Format.Format_RGB32
            self._image = QImage(self._pixels.data, width, height, self._pixels.strides[0], form)
        return self._image

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


def stat_lines(stats: Stats) -> list[tuple[str, str]]:
    """The statistics as (label, value), in the order in which a frame passes through Backdrop."""
    return [
        (_("Camera"), _fps(stats.capture_fps)),
        (_("Processed"), _fps(stats.process_fps)),
        (
            _("Output"),
            _fps(stats.output_fps)
            if stats.output
            else _("off")
            if stats.output_state == "off"
            else _("none"),
        ),
        (_("Time per frame"), f"{number(stats.milliseconds)} ms"),
        (_("Delay"), f"{number(stats.age)} ms"),
        (_("Dropped"), f"{stats.dropped}"),
        *((_("Saving CPU"), words) for words in stats.savings),
    ]


def stat_line(stats: Stats) -> str:
    """The most important statistics in one line."""
    words = [
        _fps(stats.process_fps),
        _("Delay") + f" {number(stats.age, 0)} ms",
        _("Dropped") + f" {stats.dropped}",
    ]
    return "  ·  ".join(words + [_("Saving CPU")] * bool(stats.savings))


def _fps(rate: float) -> str:
    return _("{rate} fps", rate=number(rate))


def _draw_stats(painter: QPainter, place: QRectF, stats: Stats) -> None:
    """Draw a table in the corner of the picture or, if that would cover the face, one line along the bottom."""
    metrics = painter.fontMetrics()
    lines, pitch = stat_lines(stats), metrics.height() + 3
    labels = max(metrics.horizontalAdvance(label) for label, _ in lines)
    values = max(metrics.horizontalAdvance(value) for value in (_fps(888.8), *stats.savings))
    box = QRectF(place.left() + INSET, place.top() + INSET, labels + values + 44, pitch * len(lines) + 17)
    narrow = place.width() < WIDE * box.width()
    if narrow:
        box = QRectF(box.left(), place.bottom() - INSET - pitch - 8, place.width() - 2 * INSET, pitch + 8)
    mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    if mirrored and not narrow:
        box.moveRight(place.right() - INSET)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 17, 205))
    painter.drawRoundedRect(box, 9, 9)
    if narrow:
        painter.setPen(QColor(theme.stage().text))
        inside = box.adjusted(13, 0, -13, 0)
        line = metrics.elidedText(stat_line(stats), Qt.TextElideMode.ElideRight, round(inside.width()))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
        return
    for row, (label, value) in enumerate(lines):
        base = box.top() + 9 + row * pitch + metrics.ascent() + 1
        painter.setPen(QColor(theme.stage().faint))
        left, right = box.left() + 13, box.right() - 13
        painter.drawText(QPointF(right - metrics.horizontalAdvance(label) if mirrored else left, base), label)
        painter.setPen(QColor(theme.stage().text))
        painter.drawText(QPointF(left if mirrored else right - metrics.horizontalAdvance(value), base), value)
