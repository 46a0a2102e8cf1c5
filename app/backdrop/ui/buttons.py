"""Labels, buttons and lists in the window's style, a toggle that shows its key, and a colour swatch."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QToolButton,
)

from backdrop.language import _
from backdrop.settings.settings import about
from backdrop.ui import theme


def label(text: str, part: str, wrap: bool = False) -> QLabel:
    """Make a label. part: a style name of the stylesheet, such as "title" or "hint"."""
    words = QLabel(text)
    words.setProperty("part", part)
    words.setWordWrap(wrap)
    return words


def sentence(text: str, part: str) -> QLabel:
    """A label that wraps. The top margin keeps the dots of Ä, Ö and Ü visible."""
    words = label(text, part, wrap=True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setContentsMargins(0, 2, 0, 0)
    return words


def plain_button(text: str, icon: str = "") -> QPushButton:
    """A labelled button, styled as in the side panel. icon: in the theme's colours."""
    button = QPushButton(text)
    button.setProperty("part", "plain")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setAutoDefault(True)  # Enter presses it, as Space does
    if icon:
        theme.give_icon(button, icon)
    return button


def icon_button(icon: str, what: str, key: str = "", *, part: str = "plain", size: int = 18) -> QToolButton:
    """An icon in the theme's colours. what: said in its tooltip, with the key that does the same, and to screen readers."""
    button = QToolButton()
    button.setIconSize(QSize(size, size))
    button.setAccessibleName(what)
    button.setToolTip(with_key(what, key) if key else what)
    button.setProperty("part", part)
    theme.give_icon(button, icon)
    return button


def drop_down(name: str, tip: str) -> QComboBox:
    """A list that is as wide as its place, however long its entries are."""
    combo = QComboBox(maxVisibleItems=12)
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return combo


def key_name(key: str) -> str:
    """A key as the person's keyboard names it. key: as Qt writes it for programs, for example "Ctrl+O"."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def with_key(what: str, key: str) -> str:
    """A tooltip: what a control does, and the key that does the same."""
    return _("{what} ({key})", what=what, key=key_name(key))


Room = Literal["whole", "word", "icon"]


class Toggle(QPushButton):
    """A checkable button with an icon, a word and its keyboard shortcut."""

    def __init__(
        self, icon: str, setting: str, key: str, colours: Callable[[], theme.Colours], label: str = ""
    ) -> None:
        """colours: called at each paint, so that a change of theme shows at once."""
        super().__init__(label or about(setting).label)
        self._icon_name, self._key, self._colours = icon, key, colours
        self.room: Room = "whole"
        self.prominent = (
            False  # larger, and in the accent's colours even while off: the window's main control
        )
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.text())
        self.explain(about(setting).help)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def explain(self, what: str) -> None:
        """Set the tooltip and the description for screen readers."""
        self.setAccessibleDescription(what)
        self.setToolTip(with_key(what, self._key))

    def width_for(self, room: Room) -> int:
        """The width in pixels in this form."""
        if room == "icon":
            return 42
        word = 8 + QFontMetrics(self.font()).horizontalAdvance(self.text())
        return 14 + 20 + (word + 10 + 20 if room == "whole" else word) + 14

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(self.room), 46 if self.prominent else 40)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_room(self, room: Room) -> None:
        """room: "whole", "word" (without the key) or "icon" (alone), from wide to narrow."""
        if room != self.room:
            self.room = room
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, on = self._colours(), self.isChecked()
        idle = colours.hover if self.underMouse() or self.isDown() else colours.raised
        ground = colours.accent if on else idle
        ink = colours.on_accent if on else colours.text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(QPen(QColor(colours.accent if on or self.prominent else colours.line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(body, 9, 9)
        if self.prominent:
            self._emphasise(painter, body)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(ink if on else colours.accent), 1.6))
            painter.drawRoundedRect(body.adjusted(2.5, 2.5, -2.5, -2.5), 7, 7)
        sign = theme.pixmap(self._icon_name, ink, 20, self.devicePixelRatioF())
        left = (self.width() - 20) // 2 if self.room == "icon" else 14
        painter.drawPixmap(self._mirrored(QRect(left, (self.height() - 20) // 2, 20, 20)), sign)
        painter.setPen(QColor(ink))
        text = QRectF(self._mirrored(QRect(42, 0, self.width() - 42, self.height())))
        if self.room != "icon":
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.room == "whole":
            self._paint_key(painter, ink)
        painter.end()

    def _mirrored(self, place: QRect) -> QRect:
        """The place on the other side, where the language is written from right to left."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), place)

    def _emphasise(self, painter: QPainter, body: QRectF) -> None:
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        if not self.isChecked():
            tint = QColor(self._colours().accent)
            tint.setAlphaF(0.14)
            painter.setPen(QPen(QColor(self._colours().accent), 2))
            painter.setBrush(tint)
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)

    def _paint_key(self, painter: QPainter, ink: str) -> None:
        side = 20
        cap = QRectF(self._mirrored(QRect(self.width() - 14 - side, (self.height() - side) // 2, side, side)))
        faint = QColor(ink)
        faint.setAlphaF(0.45)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(faint, 1))
        painter.drawRoundedRect(cap, 5, 5)
        faint.setAlphaF(0.85)
        painter.setPen(faint)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)


class Swatch(QAbstractButton):
    """A colour, as a disc."""

    def __init__(self, colour: str, name: str, setting: str) -> None:
        super().__init__()
        self.colour = colour
        self.setCheckable(True)
        self.setFixedSize(32, 32)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{about(setting).label}: {name}")
        self.setToolTip(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(self.colour))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawEllipse(QRectF(5, 5, 22, 22))
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent if self.isChecked() else colours.faint), 2))
            painter.drawEllipse(QRectF(2, 2, 28, 28))
        painter.end()
