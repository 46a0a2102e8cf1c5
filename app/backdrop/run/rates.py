"""Frame rates and times over the last second, for the overlay."""

import threading
import time
from collections import deque
from statistics import median


class Rate:
    """Counts what happens over a sliding second, with how long each took. Any thread may call."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._events: deque[tuple[float, float]] = deque()

    def count(self, seconds: float = 0.0, now: float | None = None) -> None:
        """Note that it happened now and took so many seconds. now: time.monotonic(), unless a test says so."""
        with self._lock:
            self._events.append((time.monotonic() if now is None else now, seconds))
            self._forget(self._events[-1][0])

    def per_second(self, now: float | None = None) -> float:
        """How often it happened in the last second; 0.0 once it has stopped for a second."""
        with self._lock:
            self._forget(time.monotonic() if now is None else now)
            return len(self._events) / self._window

    def milliseconds(self, now: float | None = None, percentile: int = 50) -> float:
        """The median time it took in the last second, or another percentile; 0.0 when it did not happen."""
        with self._lock:
            self._forget(time.monotonic() if now is None else now)
            times = sorted(seconds for _, seconds in self._events)
        if not times:
            return 0.0
        return 1000 * (median(times) if percentile == 50 else times[(len(times) - 1) * percentile // 100])

    def _forget(self, now: float) -> None:
        while self._events and self._events[0][0] <= now - self._window:
            self._events.popleft()
