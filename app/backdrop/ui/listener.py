"""A thread that waits for what a display or a bus has to say, and can be woken to end."""

import os
import threading
from collections.abc import Callable


class Listener:
    """Runs listen(woken) on a thread of its own. woken: a file handle that can be read from once close() has been called."""

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
        """End the thread. Harmless the second time."""
        if self._wake >= 0:
            os.close(self._wake)
            self._wake = -1
            self.thread.join(1.0)
