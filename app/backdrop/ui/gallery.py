"""The gallery of backdrops: no effect, blur, a colour, transparent, built-in pictures and the person's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QStandardPaths,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from backdrop.backdrops.blur import Blur
from backdrop.backdrops.picture import BUILT_IN, LOOPS, Picture, built_in_pictures, find_picture
from backdrop.backdrops.transparent import DARK, LIGHT
from backdrop.backdrops.video import SUFFIXES, is_video, still_of
from backdrop.language import _
from backdrop.settings.settings import BackdropKind, Settings
from backdrop.ui import theme
from backdrop.ui.worker import Worker

THUMBNAIL = QSize(288, 162)  # pixels: tiles of 96 × 54 on a screen scaled to 300 %
GAP = 8
LABEL = 22
SMALLER = (0.9, 0.82, 0.75)  # font sizes for tile names, relative to the window's font
_CHOICE = Qt.ItemDataRole.UserRole
_THUMBNAIL = Qt.ItemDataRole.UserRole + 1
_BROKEN = Qt.ItemDataRole.UserRole + 2  # the picture cannot be read
PICTURES = ("*.jpg", "*.jpeg", "*.png", "*.webp", "*.bmp", "*.tif", "*.tiff", "*.avif")
VIDEOS = tuple(f"*{suffix}" for suffix in SUFFIXES)


@dataclass(frozen=True, slots=True)
class Choice:
    """One tile. picture: the value for the settings, for pictures only. own: added by the person, so removable."""

    backdrop: BackdropKind
    name: str
    picture: str = ""
    own: bool = False

    @property
    def moves(self) -> bool:
        """Whether it is a video."""
        return self.backdrop == "picture" and (self.picture in LOOPS or is_video(Path(self.picture)))

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with this backdrop."""
        settings = settings.with_backdrop(self.backdrop)
        return replace(settings, picture=self.picture) if self.backdrop == "picture" else settings


def read_thumbnail(path: Path) -> QImage:
    """Read a picture or video as the pipeline does, at thumbnail size. Slow for large files. Raises BackdropError."""
    if is_video(path):
        return _image(still_of(path, THUMBNAIL.width(), THUMBNAIL.height()))
    return _image(Picture(path).render(np.zeros((THUMBNAIL.height(), THUMBNAIL.width(), 3), np.uint8), None))


def blurred_thumbnail() -> QImage:
    """A blurred room, for the blur tile."""
    room = Picture(find_picture("bookshelf")).render(np.zeros((162, 288, 3), np.uint8), None)
    return _image(Blur(70).render(room, None))


def squares_thumbnail() -> QPixmap:
    """A chequerboard, the usual sign for transparency."""
    squares = QPixmap(THUMBNAIL)
    squares.fill(QColor(LIGHT, LIGHT, LIGHT))
    painter, side = QPainter(squares), THUMBNAIL.height() // 6
    for row in range(0, THUMBNAIL.height(), side):
        for column in range(row % (2 * side), THUMBNAIL.width(), 2 * side):
            painter.fillRect(column, row, side, side, QColor(DARK, DARK, DARK))
    painter.end()
    return squares


def _image(pixels: np.ndarray) -> QImage:
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888).copy()


def ask_for_pictures(parent: QWidget, take: Callable[[list[str]], None]) -> None:
    """Let the person choose picture and video files, and call take() with their paths."""
    dialog = QFileDialog(parent, _("Choose a picture or video"))
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    usable, everything = _("Pictures and videos"), _("All files")
    dialog.setNameFilters([f"{usable} ({' '.join((*PICTURES, *VIDEOS))})", f"{everything} (*)"])
    dialog.filesSelected.connect(take)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


class Gallery(QListWidget):
    """Tiles in columns, as tall as its content. Arrow keys move and choose; Delete removes an own picture.

    Arrow keys do not choose the tile that shows the room: that takes a click, Enter or the space bar. The right
    mouse button only opens the menu of the tile under it.
    """

    chosen = Signal(object)  # a Choice, by the person
    removed = Signal(object)  # a Choice: an own picture that the person wants to remove

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._showing = False
        self._columns = 3
        self.setObjectName("gallery")
        self.setAccessibleName(_("Backdrop"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Tile(self))
        self.add(Choice("none", _("None")))
        self.add(Choice("blur", _("Blur")))
        self.add(Choice("colour", _("Colour")))
        self.add(Choice("transparent", _("Transparent")))
        for path in built_in_pictures():
            self.add(Choice("picture", _(BUILT_IN[path.stem]), path.stem))
        self.itemSelectionChanged.connect(self._choose)

    def add(self, choice: Choice, thumbnail: QImage | None = None, row: int | None = None) -> None:
        """Add a tile at a row, or at the end. Without a thumbnail, one is read in the background."""
        item = QListWidgetItem(choice.name)
        item.setData(_CHOICE, choice)
        spoken = choice.name
        if choice.own:
            spoken = _("{name}, your own video") if choice.moves else _("{name}, your own picture")
            spoken = spoken.format(name=choice.name)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        item.setToolTip(_explain(choice))
        if choice.backdrop == "none":
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, _("Press Enter to show your room"))
        self.insertItem(self.count() if row is None else row, item)
        if thumbnail is not None:
            item.setData(_THUMBNAIL, QPixmap.fromImage(thumbnail))
        elif choice.backdrop == "picture":
            path = find_picture(choice.picture)
            self._worker.do(lambda: read_thumbnail(path), lambda image: self._decorate(choice, image))
        elif choice.backdrop == "transparent":
            item.setData(_THUMBNAIL, squares_thumbnail())
        elif choice.backdrop == "blur":
            self._worker.do(blurred_thumbnail, lambda image: self._decorate(choice, image))
        self._fit()

    def remove(self, choice: Choice) -> int:
        """Remove a tile. Returns its former row, -1 if there was none."""
        item = self._item(choice)
        if item is None:
            return -1
        row = self.row(item)
        self._showing = True
        self.takeItem(row)
        self._showing = False
        self._fit()
        return row

    def choices(self) -> list[Choice]:
        """The choices of the tiles, in order."""
        return [self.item(row).data(_CHOICE) for row in range(self.count())]

    def show_settings(self, settings: Settings) -> None:
        """Select the tile of the current backdrop, and give the colour tile its colour."""
        colour = QPixmap(8, 8)
        colour.fill(QColor(settings.colour))
        wanted = settings.picture or next((choice.picture for choice in self.choices() if choice.picture), "")
        for row in range(self.count()):
            item = self.item(row)
            choice: Choice = item.data(_CHOICE)
            if choice.backdrop == "colour":
                item.setData(_THUMBNAIL, colour)
            if choice.backdrop == settings.backdrop and (
                choice.backdrop != "picture" or choice.picture == wanted
            ):
                self._mark(item)

    def _item(self, choice: Choice) -> QListWidgetItem | None:
        items = (self.item(row) for row in range(self.count()))
        return next((item for item in items if item.data(_CHOICE) == choice), None)

    def _decorate(self, choice: Choice, image: QImage | Exception) -> None:
        item = self._item(choice)
        if item is not None and isinstance(image, QImage):
            item.setData(_THUMBNAIL, QPixmap.fromImage(image))
        elif item is not None:
            item.setData(_BROKEN, True)
            item.setToolTip(str(image))

    def _mark(self, item: QListWidgetItem) -> None:
        """Select a tile. If it is selected already, keyboard focus stays where it is."""
        if not item.isSelected():
            self._showing = True
            self.setCurrentItem(item)
            self._showing = False

    def _choose(self) -> None:
        if not self._showing:
            for item in self.selectedItems():
                self.chosen.emit(item.data(_CHOICE))

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """How Qt should change the selection when the mouse or a key reaches a tile."""
        kind = QEvent.Type.None_ if event is None else event.type()
        passing = kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)
        choice: Choice | None = index.data(_CHOICE)
        shows_room = choice is not None and choice.backdrop == "none" and kind != QEvent.Type.MouseButtonPress
        if choice is None or passing or shows_room:
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return QItemSelectionModel.SelectionFlag.ClearAndSelect

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if (
            event.buttons() == Qt.MouseButton.NoButton
        ):  # otherwise dragging would choose every tile on the way
            super().mouseMoveEvent(event)

    def set_columns(self, columns: int) -> None:
        """Set the number of columns."""
        if columns != self._columns:
            self._columns = columns
            self._fit()

    def _fit(self) -> None:
        """Fit the tiles to the width, and the gallery's height to the tiles."""
        width = max(60, (self.width() - 1) // self._columns)
        height = (width - GAP) * 9 // 16 + LABEL + GAP
        self.setGridSize(QSize(width, height))
        self.setFixedHeight(height * -(-self.count() // self._columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item: QListWidgetItem | None = self.currentItem()
        if item is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Delete and item.data(_CHOICE).own:
            self.removed.emit(item.data(_CHOICE))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.setCurrentItem(item, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is None or not item.data(_CHOICE).own:
            return
        choice: Choice = item.data(_CHOICE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Remove from the gallery"), lambda: self.removed.emit(choice))
        menu.popup(event.globalPos())


def _explain(choice: Choice) -> str:
    if choice.own:
        remove = _("Press Delete to remove it from the gallery")
        return f"{choice.picture}\n{remove}"
    known = {
        "none": _("No effect. Others see your room."),
        "blur": _("Your room, blurred"),
        "colour": _("A single colour behind you"),
        "transparent": _(
            "Nothing behind you, or the key colour, so that you can be placed over something else, for "
            "example in OBS"
        ),
    }
    return known.get(choice.backdrop, choice.name)


class _Tile(QStyledItemDelegate):
    """Paints a tile: a thumbnail with round corners, its name below, and a ring around the chosen one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        gallery = self.parent()
        return gallery.gridSize() if isinstance(gallery, Gallery) else QSize(96, 90)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        choice: Choice = index.data(_CHOICE)
        picture = QRectF(rect.adjusted(GAP // 2, GAP // 2, -GAP // 2, -GAP // 2 - LABEL))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(picture, 7, 7)
        painter.setClipPath(outline)
        thumbnail: QPixmap | None = index.data(_THUMBNAIL)
        if thumbnail is None:
            painter.fillRect(picture, QColor(colours.hover))
        else:
            painter.drawPixmap(picture, thumbnail, QRectF(thumbnail.rect()))
        bare = "warning" if index.data(_BROKEN) else "picture" if thumbnail is None else ""
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
        name = painter.fontMetrics().elidedText(choice.name, Qt.TextElideMode.ElideRight, int(label.width()))
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
