"""The person's own pictures in the gallery: added, pasted, removed, and kept in a file beside the settings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage

from backdrop.backdrops.base import BackdropError
from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui.gallery import Choice, Gallery, ask_for_pictures, read_thumbnail
from backdrop.ui.notices import Notice, Notices, Topic
from backdrop.ui.own_pictures import load_own_pictures, save_own_pictures
from backdrop.ui.paste import FOLDER, files_in, picture_in
from backdrop.ui.removal import Removal
from backdrop.ui.worker import Worker


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

    def load(self) -> None:
        """Show the tiles of the pictures that were added earlier."""
        for path in load_own_pictures(self._file):
            self._add_tile(path)

    def close(self) -> None:
        """Make the last removal final, and ignore what is still being read."""
        self.removal.close()
        self._worker.stop()

    def ask(self) -> None:
        """Let the person choose picture and video files."""
        ask_for_pictures(self._gallery.window(), self.add)

    def add(self, paths: Sequence[str]) -> None:
        """Add pictures to the gallery and use the last as the backdrop. An unreadable one gives a notice."""
        self._notices.put("file", None)
        for path in paths:
            self._worker.do(
                lambda path=path: read_thumbnail(Path(path)),  # type: ignore[misc]
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
            self._say("file", _("Nothing to paste. Copy a picture first, or a picture or video file."))

    def _take_pasted(self, path: str | Exception) -> None:
        if isinstance(path, Exception):
            self._take("", path)
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
            self._say("file", sentence)
            return
        if path not in {choice.picture for choice in self._gallery.choices()}:
            self._add_tile(path, image)
            self._save()
        self.changed.emit(replace(self._settings().with_backdrop("picture"), picture=path))

    def show(self, path: str) -> None:
        """Give a picture a tile, unless it has one or path is ""."""
        if path and path not in {choice.picture for choice in self._gallery.choices()}:
            self._add_tile(path)

    def _add_tile(self, path: str, image: QImage | None = None) -> None:
        self._gallery.add(Choice("picture", Path(path).stem, path, own=True), image)

    def remove(self, choice: Choice) -> None:
        """Remove a picture's tile, and offer to undo that."""
        shown = self._settings().picture == choice.picture
        if shown:
            self.changed.emit(replace(self._settings(), picture=""))
        row = self._gallery.remove(choice)
        if row >= 0:
            self.removal.begin(choice, row, shown)
        self._gallery.show_settings(self._settings())
        self._save()

    def _bring_back(self, choice: Choice, row: int, shown: bool) -> None:
        self._gallery.add(choice, row=row)
        self._save()
        settings = self._settings()
        if shown and (settings.backdrop, settings.picture) == ("picture", ""):
            self.changed.emit(replace(settings, picture=choice.picture))
        self._gallery.show_settings(self._settings())

    def _save(self) -> None:
        own = [choice.picture for choice in self._gallery.choices() if choice.own]
        try:
            save_own_pictures(own, self._file)
        except OSError as error:
            self._say(
                "settings",
                _(
                    "The gallery could not be saved in {path}: {reason}.",
                    path=self._file,
                    reason=error.strerror or error,
                ),
            )

    def _say(self, topic: Topic, sentence: str) -> None:
        self._notices.put(topic, Notice(sentence, passing=True))
