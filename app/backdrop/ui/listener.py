"""A thread that waits for events from a display or a bus, and can be stopped."""

import os
import threading
from collections.abc import Callable


class Listener:
    """Runs listen(woken) on its own thread. woken: a file descriptor that becomes readable when close() is called."""

    def __init__(self, listen: Callable[[int], None]) -> None:
        self._listen = listen
        self._woken, self._wake = os.pipe()
        self.thread = threading.Thread(target=self._run, name="shortcut", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._listen(self._woken)
        finally:
            os.close(self._woken)

    def close(self) -> None:
        """End the thread. May be called twice."""
        if self._wake >= 0:
            os.close(self._wake)
            self._wake = -1
            self.thread.join(1.0)
