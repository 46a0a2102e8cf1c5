"""Work that may take long, or for ever, done away from the thread that keeps the window alive."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)


class Worker(QObject):
    """One thread that does one job after another. Results come back to the thread that made the worker.

    The thread is a daemon: a device or a network folder that never answers does not keep the application alive.
    """

    _done = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Callable[[Any], None]] | None] = SimpleQueue()
        self._done.connect(self._deliver)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Call job() on the worker's thread, then then(result) on ours. result is the exception if job raised."""
        self._jobs.put((job, then))

    def stop(self) -> None:
        """Take no more results; the thread ends after the job that it is at. Does not wait."""
        self._stopped = True
        self._jobs.put(None)

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, then = item
            if self._stopped:
                return
            result: Any
            try:
                result = job()
            except Exception as error:
                log.info("A job of %s failed", self._thread.name, exc_info=True)
                result = error
            try:
                self._done.emit(then, result)
            except RuntimeError:  # the window is gone, and this object's other half with it
                return

    def _deliver(self, then: Callable[[Any], None], result: Any) -> None:
        if not self._stopped:
            then(result)
