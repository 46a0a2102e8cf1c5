"""A mailbox for live video: it holds one item, the newest wins, and drops are counted."""

import threading
import time
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Passes the newest item from one thread to another. Thread-safe.

    put() never waits. An item that a newer one replaces is dropped and counted. After close(), put() does nothing,
    take() returns None at once, and an item that was still inside is dropped.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._dropped = 0
        self._closed = False
        self._woken = False

    def put(self, item: T) -> None:
        """Put an item in, and drop the one inside if nobody took it. Does nothing once closed."""
        with self._changed:
            if self._closed:
                return
            self._dropped += self._item is not None
            self._item = item
            self._changed.notify()

    def take(self, timeout: float | None = None) -> T | None:
        """Return the newest item and empty the mailbox. Waits up to timeout seconds for an item.

        timeout: 0 does not wait, None waits until there is an item or the mailbox is closed.
        Returns None if nothing came in time, after wake(), and when closed.
        """
        until = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self._item is None and not self._closed and not self._woken:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)
            item, self._item, self._woken = self._item, None, False
            return item

    def wake(self) -> None:
        """Make the take() that is waiting, or the next one, return at once, with or without an item."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Wake every take(), drop what is inside, accept nothing more. May be called twice."""
        with self._changed:
            self._closed = True
            self._item = None
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def dropped(self) -> int:
        """How many items were replaced before they were taken."""
        return self._dropped
