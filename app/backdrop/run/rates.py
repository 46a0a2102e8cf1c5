"""Frame rates and times over the last second, for the overlay."""

import threading
import time
from collections import deque
from collections.abc import Callable
from statistics import median


class Rate:
    """Counts events of the last second, with how long each took. Thread-safe.

    clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._events: deque[tuple[float, float]] = deque()

    def count(self, seconds: float = 0.0, now: float | None = None) -> None:
        """Note that it happened now and took so many seconds."""
        with self._lock:
            self._events.append((self._clock() if now is None else now, seconds))
            self._forget(self._events[-1][0])

    def per_second(self) -> float:
        """How often it happened in the last second; 0.0 once a second has passed without it."""
        with self._lock:
            self._forget(self._clock())
            return float(len(self._events))

    def milliseconds(self, percentile: int = 50) -> float:
        """The median time it took in the last second, or another percentile; 0.0 if it did not happen."""
        with self._lock:
            self._forget(self._clock())
            times = sorted(seconds for _, seconds in self._events)
        if not times:
            return 0.0
        return 1000 * (median(times) if percentile == 50 else times[(len(times) - 1) * percentile // 100])

    def _forget(self, now: float) -> None:
        while self._events and self._events[0][0] <= now - 1.0:
            self._events.popleft()
