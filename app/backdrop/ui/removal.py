"""Undo for pictures removed from the gallery."""

import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from backdrop.language import _
from backdrop.ui.choice import Choice
from backdrop.ui.notices import Notices
from backdrop.ui.paste import bring_back, forget, forget_what_was_left, set_aside
from backdrop.ui.worker import Worker

UNDO_FOR = 20_000  # milliseconds


class Removal(QObject):
    """Holds the last removed picture. Emits undone with begin()'s arguments when the person undoes the removal.

    pasted: the folder of pasted pictures. These files are ours: they are set aside, and deleted once undo has expired.
    """

    undone = Signal(object, int, bool)

    def __init__(self, notices: Notices, worker: Worker, pasted: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices, self._worker, self._pasted = notices, worker, pasted
        self._last: tuple[Choice, int, bool] | None = None
        self._timer = QTimer(self, singleShot=True, interval=UNDO_FOR)
        self._timer.timeout.connect(self.end)
        self._worker.do(lambda: forget_what_was_left(pasted, time.time()))

    def begin(self, choice: Choice, row: int, shown: bool) -> None:
        """Offer to undo a removal; the previous one becomes final. row: of its tile. shown: was it the backdrop?"""
        self.end()
        self._last = (choice, row, shown)
        self._worker.do(lambda: set_aside(choice.picture, self._pasted))
        sentence = _("“{name}” was removed from the gallery.", name=choice.name)
        self._notices.say("removed", sentence, _("Undo"))
        self._timer.start()

    def undo(self) -> None:
        """Restore the last removed picture, if undo has not expired."""
        if self._last is not None:
            last, self._last = self._last, None
            self._worker.do(lambda: bring_back(last[0].picture, self._pasted))  # before its thumbnail is read
            self._say_no_more()
            self.undone.emit(*last)

    def end(self) -> None:
        """Make the last removal final."""
        if self._last is not None:
            last, self._last = self._last, None
            self._worker.do(lambda: forget(last[0].picture, self._pasted))
            self._say_no_more()

    def close(self) -> None:
        """Make the last removal final without the worker, because the window is closing."""
        if self._last is not None:
            with suppress(OSError):
                set_aside(self._last[0].picture, self._pasted)
                forget(self._last[0].picture, self._pasted)
            self._last = None

    def _say_no_more(self) -> None:
        self._timer.stop()
        self._notices.put("removed", None)
