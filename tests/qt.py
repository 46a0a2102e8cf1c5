"""What the tests of the window share: one application, and waiting for something while its events are served."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from backdrop.ui.theme import dress
from tests.line_ends import LONG


def application() -> QApplication:
    """The one application of this process, dressed as the real one."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    fresh = QApplication(["backdrop"])
    dress(fresh)
    return fresh


def until(condition: Callable[[], object], seconds: float = LONG) -> None:
    """Serve the application's events until the condition holds; fail when it does not in time."""
    # An event loop of our own: QTest.qWait() sleeps without letting the engine's threads run.
    loop, end = QEventLoop(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        QTimer.singleShot(10, loop.quit)
        loop.exec()


def heard(signal: Any) -> list[Any]:
    """What a signal says from now on, with True for one that says nothing."""
    said: list[Any] = []
    signal.connect(lambda *what: said.append(what[0] if what else True))
    return said
