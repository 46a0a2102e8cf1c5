"""Connects commands to the window: they arrive on the server's thread and run on the window's."""

import os
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from backdrop.control.answer import Edit
from backdrop.control.place import ControlError
from backdrop.language import _
from backdrop.settings.presets import Presets
from backdrop.settings.settings import Settings
from backdrop.ui.window import Window

PATIENCE = 4.0  # seconds for the window to react; a command waits five
T = TypeVar("T")


class Remote(QObject):
    """Implements Controlled (app/backdrop/control/answer.py) for a window. Create it on the window's thread."""

    _asked = Signal(object, object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._asked.connect(self._do)

    def status(self) -> dict[str, Any]:
        return self._in_window(self._window.describe)

    def change(self, edit: Edit) -> tuple[Settings, Settings]:
        def change() -> tuple[Settings, Settings]:
            before = self._window.settings
            self._window.change(edit(before))
            return before, self._window.settings

        return self._in_window(change)

    @property
    def presets(self) -> Presets:
        return self._window.presets.kept

    def snapshot(self) -> Path:
        return self._window.snapshot()  # on the server's thread, which may wait

    def show(self, token: str) -> bool:
        def show() -> None:
            if token:  # Qt reads it from there, as for a process's first window
                os.environ["XDG_ACTIVATION_TOKEN"] = token
            self._window.bring_to_front()

        self._in_window(show)
        return True

    def quit(self) -> None:
        self._asked.emit(self._window.leave, Future())  # do not wait: leaving waits for this thread to end

    def _in_window(self, deed: Callable[[], T]) -> T:
        """Call a function on the window's thread and return its result. Raises what it raises, or ControlError."""
        future: Future[T] = Future()
        self._asked.emit(deed, future)
        try:
            return future.result(PATIENCE)
        except (TimeoutError, CancelledError) as error:
            # A cancelled call does not run later either. One that is already running cannot be cancelled: wait for it.
            if future.cancel() or future.cancelled():
                raise ControlError(_("Backdrop's window is not responding.")) from error
            return future.result(PATIENCE)

    def _do(self, deed: Callable[[], object], future: "Future[object]") -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(deed())
        except Exception as error:
            future.set_exception(error)
