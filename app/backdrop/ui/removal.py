"""An own picture that is taken out of the gallery can be brought back for a while."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from backdrop.language import _
from backdrop.ui.gallery import Choice
from backdrop.ui.notices import Notice, Notices
from backdrop.ui.paste import bring_back, forget, forget_what_was_left, set_aside
from backdrop.ui.worker import Worker

UNDO_FOR = 20_000  # milliseconds


class Removal(QObject):
    """Holds the last picture that was removed. Emits undone with what begin() was told, when it is to come back.

    pasted: the folder whose pictures are files of ours: they are set aside, and deleted when it is too late for undoing.
    """

    undone = Signal(object, int, bool)

    def __init__(self, notices: Notices, worker: Worker, pasted: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices, self._worker, self._pasted = notices, worker, pasted
        self._last: tuple[Choice, int, bool] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_FOR)
        self._timer.timeout.connect(self.end)
        self._do(lambda: forget_what_was_left(pasted, time.time()))

    def begin(self, choice: Choice, row: int, shown: bool) -> None:
        """Offer to undo a removal. row: of its tile. shown: whether it was behind the person. What was before it is final."""
        self.end()
        self._last = (choice, row, shown)
        self._do(lambda: set_aside(choice.picture, self._pasted))
        sentence = _("“{name}” was removed from the gallery.", name=choice.name)
        self._notices.put("removed", Notice(sentence, passing=True, action=_("Undo")))
        self._timer.start()

    def undo(self) -> None:
        """Bring the last one back, if it is not too late."""
        if self._last is not None:
            last, self._last = self._last, None
            self._do(lambda: bring_back(last[0].picture, self._pasted))  # before its thumbnail is read
            self._say_no_more()
            self.undone.emit(*last)

    def end(self) -> None:
        """From now on it is too late."""
        if self._last is not None:
            last, self._last = self._last, None
            self._do(lambda: forget(last[0].picture, self._pasted))
            self._say_no_more()

    def close(self) -> None:
        """The window closes: nothing is done by the worker any more."""
        if self._last is not None:
            with suppress(OSError):
                set_aside(self._last[0].picture, self._pasted)
                forget(self._last[0].picture, self._pasted)
            self._last = None

    def _say_no_more(self) -> None:
        self._timer.stop()
        self._notices.put("removed", None)

    def _do(self, job: Callable[[], object]) -> None:
        self._worker.do(job, lambda nothing: None)
