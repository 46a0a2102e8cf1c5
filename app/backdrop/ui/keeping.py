"""What the person keeps of the picture: snapshots and recordings, and where they are."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from backdrop.language import _
from backdrop.run.engine import Engine
from backdrop.run.snapshot import SnapshotError
from backdrop.run.stats import Stats
from backdrop.ui.notices import Notices


class Keeping(QObject):
    """Takes snapshots, and says of each and of each recording which file it is."""

    def __init__(self, engine: Engine, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._engine, self._notices = engine, notices
        self._recorded = ""
        self._folder = Path()

    def take(self) -> None:
        """Take a snapshot."""
        try:
            path = self._engine.snapshot()
        except SnapshotError as error:
            self._notices.say("file", str(error))
        else:
            self._say(path, _("Snapshot saved as {file}.", file=_short(path)))

    def follow(self, stats: Stats) -> None:
        """Say which file a recording is, once it has ended."""
        if self._recorded and stats.recording != self._recorded:
            path = Path(self._recorded)
            self._say(path, _("Recording saved as {file}, without sound.", file=_short(path)))
        self._recorded = stats.recording

    def open_folder(self) -> None:
        """Open the folder of the last file in the desktop's own program."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _say(self, path: Path, sentence: str) -> None:
        self._folder = path.parent
        self._notices.put("file", None)  # what failed before it would cover it
        self._notices.say("saved", sentence, _("Open folder"))


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
