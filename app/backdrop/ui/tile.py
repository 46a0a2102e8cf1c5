"""How a tile of the gallery is painted."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from backdrop.ui import theme
from backdrop.ui.choice import Choice

GAP = 8
LABEL = 22
SMALLER = (0.9, 0.82, 0.75)  # font sizes for tile names, relative to the window's font
CHOICE = Qt.ItemDataRole.UserRole
PIXMAP = Qt.ItemDataRole.UserRole + 1
BROKEN = Qt.ItemDataRole.UserRole + 2  # the picture cannot be read


class Tile(QStyledItemDelegate):
    """Paints a tile: a thumbnail with round corners, its name below, and a ring around the chosen one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else QSize(96, 90)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        choice: Choice = index.data(CHOICE)
        picture = QRectF(rect.adjusted(GAP // 2, GAP // 2, -GAP // 2, -GAP // 2 - LABEL))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(picture, 7, 7)
        painter.setClipPath(outline)
        thumbnail: QPixmap | None = index.data(PIXMAP)
        if thumbnail is None:
            painter.fillRect(picture, QColor(colours.hover))
        else:
            painter.drawPixmap(picture, thumbnail, QRectF(thumbnail.rect()))
        bare = "warning" if index.data(BROKEN) else "picture" if thumbnail is None else ""
        bare = bare or ("play" if choice.moves else "")
        name = {"none": "none", "blur": "blur", "colour": "", "transparent": ""}.get(choice.backdrop, bare)
        if name:
            _paint_sign(painter, picture, name, colours.faint if thumbnail is None else "#ffffff")
        painter.setClipping(False)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if chosen:
            painter.setPen(QPen(QColor(colours.ground), 2))
            painter.drawRoundedRect(picture.adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)
            painter.setPen(QPen(QColor(colours.text if focused else colours.accent), 2.5))
            painter.drawRoundedRect(picture.adjusted(-0.5, -0.5, 0.5, 0.5), 7.5, 7.5)
        elif focused:  # focused, but another backdrop is chosen
            painter.setPen(QPen(QColor(colours.text), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(picture.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        else:
            painter.setPen(QPen(QColor(colours.faint if hovered else colours.line), 1))
            painter.drawRoundedRect(picture.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        label = QRectF(rect.left() + 1, picture.bottom() + 3, rect.width() - 2, LABEL - 3)
        painter.setFont(fitting_font(painter.font(), choice.name, label.width(), chosen))
        painter.setPen(QColor(colours.text if chosen else colours.faint))
        name = painter.fontMetrics().elidedText(choice.name, Qt.TextElideMode.ElideMiddle, int(label.width()))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()


def fitting_font(font: QFont, name: str, width: float, chosen: bool) -> QFont:
    """The largest of the small fonts in which a tile's name fits, else the smallest."""
    fitting = QFont(font)
    fitting.setBold(chosen)
    for scale in SMALLER:
        fitting.setPointSizeF(font.pointSizeF() * scale)
        if QFontMetrics(fitting).horizontalAdvance(name) <= width:
            break
    return fitting


def _paint_sign(painter: QPainter, picture: QRectF, name: str, tint: str) -> None:
    place = QRectF(0, 0, 26, 26)
    place.moveCenter(picture.center())
    if name == "play":  # keep the icon visible on any video
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 120))
        painter.drawEllipse(place.adjusted(-5, -5, 5, 5))
    sign = theme.pixmap(name, tint, 26)
    painter.drawPixmap(place, sign, QRectF(sign.rect()))
