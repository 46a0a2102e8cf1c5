"""What is drawn over the preview: the statistics, as a table or in one line, and how long a recording is."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from backdrop.language import _, number
from backdrop.run.stats import Stats
from backdrop.ui import theme

INSET = 14  # pixels between the picture's edge and what lies over it
RED = "#ff4d4d"  # of the dot while recording
START = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
WIDE = 2.5  # times as wide as the statistics is a picture whose face they leave free


def stat_lines(stats: Stats) -> list[tuple[str, str]]:
    """The statistics as (label, value), in the order in which a frame passes through Backdrop."""
    nothing = _("off") if stats.output_state == "off" else _("none")
    return [
        (_("Camera"), _fps(stats.capture_fps)),
        (_("Processed"), _fps(stats.process_fps)),
        (_("Output"), _fps(stats.output_fps) if stats.output else nothing),
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


def draw_box(painter: QPainter, box: QRectF, opacity: int = 205) -> None:
    """Draw the dark ground of words over the picture, and choose the pen for them. opacity: 0 to 255."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 17, opacity))
    painter.drawRoundedRect(box, 9, 9)
    painter.setPen(QColor(theme.stage().text))


def draw_stats(painter: QPainter, place: QRectF, stats: Stats) -> None:
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
    draw_box(painter, box)
    if narrow:
        inside = box.adjusted(13, 0, -13, 0)
        line = metrics.elidedText(stat_line(stats), Qt.TextElideMode.ElideRight, round(inside.width()))
        painter.drawText(inside, START, line)
        return
    for row, (label, value) in enumerate(lines):
        base = box.top() + 9 + row * pitch + metrics.ascent() + 1
        painter.setPen(QColor(theme.stage().faint))
        left, right = box.left() + 13, box.right() - 13
        painter.drawText(QPointF(right - metrics.horizontalAdvance(label) if mirrored else left, base), label)
        painter.setPen(QColor(theme.stage().text))
        painter.drawText(QPointF(left if mirrored else right - metrics.horizontalAdvance(value), base), value)


def draw_recording(painter: QPainter, place: QRectF, time: str) -> None:
    """Draw a red dot and how long the recording is in the upper corner where lines end."""
    metrics = painter.fontMetrics()
    box = QRectF(0, 0, metrics.horizontalAdvance(time) + 42, metrics.height() + 10)
    box.moveTopRight(QPointF(place.right() - INSET, place.top() + INSET))
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        box.moveLeft(place.left() + INSET)
    draw_box(painter, box)
    painter.drawText(box.adjusted(30, 0, -4, 0), START, time)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(RED))
    painter.drawEllipse(QPointF(box.left() + 17, box.center().y()), 5.5, 5.5)
