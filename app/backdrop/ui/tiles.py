"""One group of the gallery's tiles."""

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from backdrop.backdrops.picture import find_picture
from backdrop.language import _
from backdrop.ui.choice import Choice
from backdrop.ui.thumbnails import blurred_thumbnail, squares_thumbnail, thumbnail
from backdrop.ui.tile import BROKEN, CHOICE, GAP, LABEL, PIXMAP, Tile
from backdrop.ui.worker import Worker

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Tiles(QListWidget):
    """Tiles in columns, as tall as its content. Arrow keys move and choose; at an edge they leave the group.

    Arrow keys do not choose the tile that shows the room: that takes a click, Enter or the space bar. The right
    mouse button only opens the menu of the tile under it.
    """

    chosen = Signal(object)  # a Choice, by the person
    removed = Signal(object)  # a Choice: an own picture that the person wants to remove
    renamed = Signal(object)  # … to rename
    moved = Signal(object, int)  # … to move by so many places
    menu_asked = Signal(object, QPoint)  # a Choice and a place on the screen
    left = Signal(object)  # an arrow key leads out of the group
    marked = Signal(object)  # the tile that has become the current one

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._showing = False
        self.columns = 3
        self.setObjectName("gallery")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(Tile(self))
        self.itemSelectionChanged.connect(self._choose)
        self.currentItemChanged.connect(self._reach)

    def add(self, choice: Choice, image: QImage | None = None, row: int | None = None) -> None:
        """Add a tile at a row, or at the end. Without a thumbnail, one is read in the background."""
        item = QListWidgetItem()
        self._label(item, choice)
        if choice.backdrop == "none":
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, _("Press Enter to show your room"))
        self._showing = True
        self.insertItem(self.count() if row is None else row, item)
        self._showing = False
        if image is not None:
            item.setData(PIXMAP, QPixmap.fromImage(image))
        elif choice.backdrop == "picture":
            path = find_picture(choice.picture)
            self._read(choice, lambda: thumbnail(path))
        elif choice.backdrop == "transparent":
            item.setData(PIXMAP, squares_thumbnail())
        elif choice.backdrop == "blur":
            self._read(choice, blurred_thumbnail)

    def _read(self, choice: Choice, read: Callable[[], QImage]) -> None:
        self._worker.do(read, lambda image: self._decorate(choice, image))

    def _label(self, item: QListWidgetItem, choice: Choice) -> None:
        item.setText(choice.name)
        item.setData(CHOICE, choice)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, choice.spoken)
        item.setToolTip(choice.explained)

    def replace(self, choice: Choice) -> None:
        """Give the tile of the same picture another name or place in the frame."""
        item = self.tile(choice)
        if item is not None:
            self._label(item, choice)

    def remove(self, choice: Choice) -> int:
        """Remove a tile. Returns its former row, -1 if there was none."""
        item = self.tile(choice)
        if item is None:
            return -1
        row = self.row(item)
        self._showing = True
        self.takeItem(row)
        self._showing = False
        return row

    def move(self, choice: Choice, row: int) -> None:  # type: ignore[override]  # QWidget's own is not used
        """Move a tile to another row, as it is."""
        item = self.tile(choice)
        if item is None:
            return
        chosen = item.isSelected()
        self._showing = True
        self.takeItem(self.row(item))
        self.insertItem(row, item)
        flags = QItemSelectionModel.SelectionFlag
        self.setCurrentItem(item, flags.ClearAndSelect if chosen else flags.NoUpdate)
        self._showing = False

    def choices(self) -> list[Choice]:
        """The choices of the tiles, in order."""
        return [self.item(row).data(CHOICE) for row in range(self.count())]

    def tile(self, choice: Choice) -> QListWidgetItem | None:
        items = (self.item(row) for row in range(self.count()))
        return next((item for item in items if choice.is_same(item.data(CHOICE))), None)

    def colour(self, colour: str) -> None:
        """Give the colour tile its colour."""
        item = self.tile(Choice("colour", ""))
        if item is not None:
            pixmap = QPixmap(8, 8)
            pixmap.fill(QColor(colour))
            item.setData(PIXMAP, pixmap)

    def _decorate(self, choice: Choice, image: QImage | Exception) -> None:
        item = self.tile(choice)
        if item is not None and isinstance(image, QImage):
            item.setData(PIXMAP, QPixmap.fromImage(image))
        elif item is not None:
            item.setData(BROKEN, True)
            item.setToolTip(str(image))

    def mark(self, choice: Choice | None) -> None:
        """Select a tile, or none. If it is selected already, keyboard focus stays where it is."""
        item = None if choice is None else self.tile(choice)
        self._showing = True
        if item is None:
            self.clearSelection()
        elif not item.isSelected():
            self.setCurrentItem(item)
            self.marked.emit(item)
        self._showing = False

    def _reach(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._showing:
            self.marked.emit(item)

    def _choose(self) -> None:
        if not self._showing:
            for item in self.selectedItems():
                self.chosen.emit(item.data(CHOICE))

    def enter(self, row: int) -> None:
        """Go to a tile with an arrow key from another group."""
        index = self.model().index(min(max(row, 0), self.count() - 1), 0)
        self.setFocus()
        self.selectionModel().setCurrentIndex(index, self.selectionCommand(index))

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """How Qt should change the selection when the mouse or a key reaches a tile."""
        kind = QEvent.Type.None_ if event is None else event.type()
        passing = kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)
        choice: Choice | None = index.data(CHOICE)
        shows_room = choice is not None and choice.backdrop == "none" and kind != QEvent.Type.MouseButtonPress
        if choice is None or passing or shows_room:
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return QItemSelectionModel.SelectionFlag.ClearAndSelect

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:  # otherwise a drag would choose every tile on its way
            super().mouseMoveEvent(event)

    def fit(self, width: int) -> int:
        """Fit the tiles to a width, and the height to the tiles. Returns that height."""
        each = max(60, (width - 1) // self.columns)
        height = (each - GAP) * 9 // 16 + LABEL + GAP
        whole = height * -(-self.count() // self.columns)
        if self.gridSize() != QSize(each, height):
            self.setGridSize(QSize(each, height))
        self.setFixedHeight(whole)
        return whole

    def event(self, event: QEvent) -> bool:
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and self._moves(event):
            event.accept()  # elsewhere these keys move the zoomed picture
            return True
        return super().event(event)

    def _moves(self, event: QEvent) -> bool:
        """Whether a key moves the current tile."""
        if not isinstance(event, QKeyEvent):
            return False
        item: QListWidgetItem | None = self.currentItem()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        return item is not None and item.data(CHOICE).own and bool(control) and event.key() in MOVES

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item: QListWidgetItem | None = self.currentItem()
        if item is None:
            super().keyPressEvent(event)
            return
        choice, key = item.data(CHOICE), event.key()
        if choice.own and key == Qt.Key.Key_Delete:
            self.removed.emit(choice)
        elif choice.own and key == Qt.Key.Key_F2:
            self.renamed.emit(choice)
        elif self._moves(event):
            self.moved.emit(choice, MOVES[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.setCurrentItem(item, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        else:
            row = self.currentRow()
            super().keyPressEvent(event)
            if key in ARROWS and self.currentRow() == row:
                self.left.emit(Qt.Key(key))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is not None and item.data(CHOICE).own:
            self.menu_asked.emit(item.data(CHOICE), event.globalPos())
