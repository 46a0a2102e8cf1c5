"""The names of the programs that read the output. Asked on another thread, because an answer takes up to 50 ms."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

AGAIN = 10.0  # seconds between two questions while the output is read …
SOON = 1.0  # … and while no name is known: PipeWire links a reader a moment after it appears


class ConsumerNames:
    """names: the last answer; empty if no program reads, or no name may be known. Any thread may read it."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._ask_at = 0.0
        self._asked: Callable[[], list[str]] | None = None  # whose answer counts
        self._thread: threading.Thread | None = None

    def follow(self, ask: Callable[[], list[str]] | None, read: bool | None) -> None:
        """Ask again when it is time. Called for every frame by one thread; never waits.

        ask: the output's readers(), None if it has none. read: whether a program reads the output.
        """
        if ask is None or not read:
            self._asked, self.names, self._ask_at = None, (), 0.0
            return
        now = time.monotonic()
        if now < self._ask_at or (self._thread is not None and self._thread.is_alive()):
            return
        self._asked, self._ask_at = ask, now + (AGAIN if self.names else SOON)
        self._thread = threading.Thread(target=self._update, args=(ask,), name="consumers", daemon=True)
        self._thread.start()

    def _update(self, ask: Callable[[], list[str]]) -> None:
        try:
            names = tuple(ask())
        except Exception:
            log.exception("The programs that read the output could not be found")
            names = ()
        if self._asked == ask:
            self.names = names
            if names:
                self._ask_at = time.monotonic() + AGAIN
