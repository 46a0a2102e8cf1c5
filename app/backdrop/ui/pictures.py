"""The person's own pictures in the gallery: added, pasted, removed, and kept in a file beside the settings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage

from backdrop.backdrops.base import BackdropError
from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui.choice import Choice
from backdrop.ui.gallery import PICTURES, VIDEOS, Gallery, ask_for_pictures
from backdrop.ui.name_dialog import NameDialog
from backdrop.ui.notices import Notices
from backdrop.ui.own_pictures import LONGEST_NAME, load_own_pictures, own, save_own_pictures
from backdrop.ui.paste import FOLDER, files_in, picture_in
from backdrop.ui.removal import Removal
from backdrop.ui.thumbnails import forget_thumbnail, thumbnail, tidy
from backdrop.ui.worker import Worker

SAVE_AFTER = 600  # milliseconds after the last change of how a picture lies


def with_those_in_folders(paths: Sequence[str]) -> list[str]:
    """The paths, with a folder replaced by the pictures and videos in it, by name, if there are any. Raises OSError."""
    usable = {pattern[1:] for pattern in (*PICTURES, *VIDEOS)}
    found: list[str] = []
    for path in paths:
        inside = sorted(Path(path).iterdir()) if Path(path).is_dir() else []
        found += [str(each) for each in inside if each.suffix.lower() in usable and each.is_file()] or [path]
    return found


class Pictures(QObject):
    """Fills a gallery. Emits changed with new Settings.

    folder: that of the settings file. settings: returns the settings in use.
    """

    changed = Signal(object)  # Settings

    def __init__(
        self,
        gallery: Gallery,
        notices: Notices,
        folder: Path,
        settings: Callable[[], Settings],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._gallery, self._notices, self._settings = gallery, notices, settings
        self._worker = Worker("pictures", self)
        self._file, self._pasted = folder / "pictures.json", folder / FOLDER
        self.removal = Removal(notices, self._worker, self._pasted, self)
        self.removal.undone.connect(self._bring_back)
        self._save_timer = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._save_timer.timeout.connect(self._save)
        self._adding = 0  # files that are still being read
        self._added = ""  # the last one that could be
        gallery.removed.connect(self.remove)
        gallery.renamed.connect(self.ask_for_name)
        gallery.moved.connect(self._move)

    def load(self) -> None:
        """Show the tiles of the pictures that were added earlier."""
        for choice in load_own_pictures(self._file):
            self._gallery.add(choice)
        self._worker.do(tidy)

    def close(self) -> None:
        """Make the last removal final, and ignore what is still being read."""
        if self._save_timer.isActive():
            self._save_timer.stop()
            self._save()
        self.removal.close()
        self._worker.stop()

    def ask(self) -> None:
        """Let the person choose picture and video files."""
        ask_for_pictures(self._gallery.window(), self.add)

    def add(self, paths: Sequence[str]) -> None:
        """Add pictures, and those in folders, to the gallery, and use the last as the backdrop.

        An unreadable one gives a notice.
        """
        self._notices.put("file", None)
        self._worker.do(lambda: with_those_in_folders(paths), self._read)

    def _read(self, paths: list[str] | Exception) -> None:
        if isinstance(paths, Exception):
            self._notices.say("file", str(paths))
            return
        self._adding += len(paths)
        for path in paths:
            self._worker.do(
                lambda path=path: thumbnail(Path(path)),  # type: ignore[misc]
                lambda image, path=path: self._take(path, image),  # type: ignore[misc]
            )

    def paste(self) -> None:
        """Add copied files, or a copied picture, to the gallery."""
        copied = QGuiApplication.clipboard().mimeData()
        write = picture_in(copied, self._pasted)
        if files_in(copied):
            self.add(files_in(copied))
        elif write is not None:
            self._notices.put("file", None)
            self._worker.do(write, self._take_pasted)
        else:
            self._notices.say(
                "file", _("Nothing to paste. Copy a picture first, or a picture or video file.")
            )

    def _take_pasted(self, path: str | Exception) -> None:
        if isinstance(path, Exception):
            self._notices.say("file", str(path))
        else:
            self.add([path])

    def _take(self, path: str, image: QImage | Exception) -> None:
        if isinstance(image, Exception):
            known = isinstance(image, BackdropError)
            sentence = (
                str(image)
                if known
                else _("The picture {name} could not be read: {reason}.", name=Path(path).name, reason=image)
            )
            self._notices.say("file", sentence)
        else:
            self._added = path
            if self._tile(path) is None:
                self._gallery.add(own(path), image)
        self._adding -= 1
        if self._adding == 0 and self._added:
            self._save()
            choice, self._added = self._tile(self._added), ""
            if choice is not None:
                self.changed.emit(choice.chosen(self._settings()))

    def _tile(self, path: str) -> Choice | None:
        return next((choice for choice in self._gallery.choices() if choice.picture == path), None)

    def show(self, settings: Settings) -> None:
        """Give the picture of the settings a tile, unless it has one. An own one remembers how it lies in the frame."""
        if not settings.picture:
            return
        choice, placed = self._tile(settings.picture), (settings.picture_fit, settings.picture_position)
        if choice is None:
            self._gallery.add(own(settings.picture, "", *placed))
        elif choice.own and settings.backdrop == "picture" and (choice.fit, choice.position) != placed:
            self._gallery.replace(replace(choice, fit=placed[0], position=placed[1]))
            self._save_timer.start()

    def ask_for_name(self, choice: Choice) -> NameDialog:
        """Ask for another name of an own picture; an empty one is the file's."""

        def take(name: str) -> None:
            self._gallery.replace(replace(choice, name=name.strip()[:LONGEST_NAME]))
            self._save()

        return NameDialog(_("Rename {name}", name=choice.name), choice.name, take, self._gallery)

    def _move(self, choice: Choice, places: int) -> None:
        self._gallery.move_by(choice, places)
        self._save()

    def remove(self, choice: Choice) -> None:
        """Remove a picture's tile, and offer to undo that."""
        shown = self._settings().picture == choice.picture
        if shown:
            first = Settings()
            placed = {"picture_fit": first.picture_fit, "picture_position": first.picture_position}
            self.changed.emit(replace(self._settings(), picture="", **placed))  # type: ignore[arg-type]
        row = self._gallery.remove(choice)
        self._worker.do(lambda: forget_thumbnail(Path(choice.picture)))
        if row >= 0:
            self.removal.begin(choice, row, shown)
        self._gallery.show_settings(self._settings())
        self._save()

    def _bring_back(self, choice: Choice, row: int, shown: bool) -> None:
        self._gallery.add(choice, row=row)
        self._save()
        settings = self._settings()
        if shown and (settings.backdrop, settings.picture) == ("picture", ""):
            self.changed.emit(choice.chosen(settings))
        self._gallery.show_settings(self._settings())

    def _save(self) -> None:
        try:
            save_own_pictures(self._gallery.groups["mine"].choices(), self._file)
        except OSError as error:
            self._notices.say(
                "settings",
                _(
                    "The gallery could not be saved in {path}: {reason}.",
                    path=self._file,
                    reason=error.strerror or error,
                ),
            )
