"""The gallery of backdrops in groups: effects, built-in pictures and the person's own."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, QRect, QStandardPaths, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from backdrop.backdrops.video import SUFFIXES
from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui.buttons import label
from backdrop.ui.choice import GROUPS, Choice, Group, first_choices
from backdrop.ui.tiles import Tiles
from backdrop.ui.worker import Worker

PICTURES = ("*.jpg", "*.jpeg", "*.png", "*.webp", "*.bmp", "*.tif", "*.tiff", "*.avif")
SPACING = 2  # pixels between a title and its tiles
VIDEOS = tuple(f"*{suffix}" for suffix in SUFFIXES)


def ask_for_pictures(parent: QWidget, take: Callable[[Any], object], *, only_one: bool = False) -> None:
    """Let the person choose picture and video files, and call take() with their paths.

    only_one: a single picture; take() gets its path.
    """
    dialog = QFileDialog(parent, _("Choose a picture") if only_one else _("Choose a picture or video"))
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    usable = _("Pictures") if only_one else _("Pictures and videos")
    patterns = " ".join(PICTURES if only_one else (*PICTURES, *VIDEOS))
    dialog.setNameFilters([f"{usable} ({patterns})", _("All files") + " (*)"])
    modes = QFileDialog.FileMode
    dialog.setFileMode(modes.ExistingFile if only_one else modes.ExistingFiles)
    (dialog.fileSelected if only_one else dialog.filesSelected).connect(take)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


class Gallery(QWidget):
    """Groups of tiles, one below the other. The arrow keys go on from one group to the next. See Tiles."""

    chosen = Signal(object)  # a Choice, by the person
    removed = Signal(object)  # a Choice: an own picture that the person wants to remove
    renamed = Signal(object)  # … to rename
    moved = Signal(object, int)  # … to move by so many places
    reached = Signal(QRect)  # a tile that should be visible, in this widget

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Backdrop"))
        self.groups: dict[Group, Tiles] = {}
        self._titles: dict[Group, QWidget] = {}
        self._filled = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        for group, name in GROUPS.items():
            tiles, title = Tiles(worker), label(_(name), "hint")
            tiles.setAccessibleName(_("Backdrop: {group}", group=_(name)))
            title.setContentsMargins(4, 2, 0, 0)
            self.groups[group], self._titles[group] = tiles, title
            column.addWidget(title)
            column.addWidget(tiles)
            for theirs, ours in ((tiles.chosen, self.chosen), (tiles.removed, self.removed)):
                theirs.connect(ours)
            tiles.renamed.connect(self.renamed)
            tiles.moved.connect(self.moved)
            tiles.menu_asked.connect(self._open_menu)
            tiles.left.connect(lambda key, group=group: self._go_on(group, key))
            tiles.marked.connect(self._reach)
        self.order: tuple[QWidget, ...] = tuple(self.groups.values())
        for choice in first_choices():
            self.add(choice)
        self._filled = True
        self._fit()

    def add(self, choice: Choice, *rest: object, **more: object) -> None:
        """Add a tile to its group; see Tiles.add()."""
        self.groups[choice.group].add(choice, *rest, **more)  # type: ignore[arg-type]
        self._fit()

    def remove(self, choice: Choice) -> int:
        """Remove a tile. Returns its former row in its group, -1 if there was none."""
        row = self.groups[choice.group].remove(choice)
        self._fit()
        return row

    def replace(self, choice: Choice) -> None:
        """Give a tile another name or place in the frame."""
        self.groups[choice.group].replace(choice)

    def move_by(self, choice: Choice, places: int) -> None:
        """Move a tile within its group."""
        tiles = self.groups[choice.group]
        item = tiles.tile(choice)
        if item is not None:
            tiles.move(choice, min(max(tiles.row(item) + places, 0), tiles.count() - 1))

    def _fit(self) -> None:
        """Give each group its height, and the gallery all of them, at once.

        If each fitted itself, the layouts around it would follow only after further rounds of events.
        """
        if not self._filled:
            return
        whole = 0
        for group, tiles in self.groups.items():
            title, filled = self._titles[group], tiles.count() > 0
            title.setVisible(filled)
            tiles.setVisible(filled)
            height = tiles.fit(self.width())
            if filled:
                whole += title.sizeHint().height() + height + (2 * SPACING if whole else SPACING)
        self.setFixedHeight(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def choices(self) -> list[Choice]:
        """The choices of all tiles, in order."""
        return [choice for tiles in self.groups.values() for choice in tiles.choices()]

    def choice_of(self, settings: Settings) -> Choice | None:
        """The tile of the settings' backdrop."""
        choices = self.choices()
        picture = settings.picture or next((each.picture for each in choices if each.picture), "")
        wanted = Choice(settings.backdrop, "", picture if settings.backdrop == "picture" else "")
        return next((each for each in choices if each.is_same(wanted)), None)

    def show_settings(self, settings: Settings) -> None:
        """Select the tile of the current backdrop, and give the colour tile its colour."""
        self.groups["effects"].colour(settings.colour)
        current = self.choice_of(settings)
        for group, tiles in self.groups.items():
            tiles.mark(current if current is not None and current.group == group else None)
        self.setFocusProxy(self.groups[current.group if current is not None else "effects"])

    def current(self) -> QListWidgetItem | None:
        """The selected tile."""
        selected = (item for tiles in self.groups.values() for item in tiles.selectedItems())
        return next(selected, None)

    def set_columns(self, columns: int) -> None:
        """Set the number of columns."""
        if columns != self.groups["effects"].columns:
            for tiles in self.groups.values():
                tiles.columns = columns
            self._fit()

    def _go_on(self, group: Group, key: Qt.Key) -> None:
        """An arrow key leads from the edge of a group into the next one."""
        here = self.groups[group]
        onward = key in (Qt.Key.Key_Right, Qt.Key.Key_Down)
        names = [each for each in GROUPS if self.groups[each].count()]
        at = names.index(group) + (1 if onward else -1)
        if not 0 <= at < len(names):
            return
        there, column = self.groups[names[at]], here.currentRow() % here.columns
        last = there.count() - 1
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            there.enter(0 if onward else last)
        else:
            there.enter(column if onward else last - last % there.columns + column)

    def _reach(self, item: QListWidgetItem) -> None:
        tiles = item.listWidget()
        if tiles is not None:
            rect = tiles.visualItemRect(item)
            self.reached.emit(QRect(tiles.mapTo(self, rect.topLeft()), rect.size()))

    def show_current(self) -> None:
        """Ask for the selected tile to be visible."""
        item = self.current()
        if item is not None:
            self._reach(item)

    def _open_menu(self, choice: Choice, place: QPoint) -> None:
        """The menu of an own picture. Nothing in it changes what is live."""
        row = self.groups[choice.group].choices().index(choice)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Rename…"), lambda: self.renamed.emit(choice))
        for name, places in ((_("Move to the front"), -row), (_("Move left"), -1), (_("Move right"), 1)):
            action = menu.addAction(name)
            action.triggered.connect(lambda _on, places=places: self.moved.emit(choice, places))
            action.setEnabled(0 <= row + places < self.groups[choice.group].count() and places != 0)
        menu.addSeparator()
        menu.addAction(_("Remove from the gallery"), lambda: self.removed.emit(choice))
        menu.popup(place)
