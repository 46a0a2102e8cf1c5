"""Runs slow jobs, even those that may never end, off the GUI thread."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)


class Worker(QObject):
    """One thread that runs jobs in order. Results arrive on the thread that created the worker.

    The thread starts with the first job. It is a daemon, so that a device or network folder that never answers cannot
    keep the application alive.
    """

    _done = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Callable[[Any], object]] | None] = SimpleQueue()
        self._done.connect(self._deliver)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def do(self, job: Callable[[], Any], then: Callable[[Any], object] = lambda result: None) -> None:
        """Run job() on the worker's thread, then then(result) on the creator's. If job() raised, result is the exception."""
        self._jobs.put((job, then))
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Ignore further results; the thread ends after its current job. Does not wait."""
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
            except RuntimeError:  # the window is gone, and with it the C++ part of this object
                return

    def _deliver(self, then: Callable[[Any], object], result: Any) -> None:
        if not self._stopped:
            then(result)
