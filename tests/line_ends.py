"""Small real cameras and outputs, for tests of what lies between them."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError, EndOfVideo
from backdrop.run.limits import Limits
from tests.secret_room import secret_frame

LONG = 300.0  # seconds, for what happens at once unless something is broken, even on a busy computer
# However busy this computer is, a camera that delivers frames counts as present, and nothing is tried again so soon.
PATIENT = Limits(stall=LONG, first_frame=LONG, waking=LONG, output_retry=LONG)
# What takes seconds in life takes little here.
IMPATIENT = Limits(
    stall=0.3,
    first_frame=0.2,
    rest_after=0.1,
    waking=LONG,
    camera_retry=0.05,
    output_retry=0.05,
    fallback=0.1,
)


class SecretCamera:
    """Shows the secret room at 60 frames a second, in one buffer that it fills again and again.

    Set gone to pull its plug; clear may_read to have read() block until it is set again.
    limit: it is a video of so many frames. rooms: how many different frames there are; 1 is a room that stands still.
    """

    fps = 60.0

    def __init__(
        self,
        width: int = 320,
        height: int = 180,
        name: str = "secret camera",
        limit: int | None = None,
        rooms: int = 50,
    ):
        self.name, self.size = name, (width, height)
        self.gone, self.closed, self.reading = threading.Event(), threading.Event(), threading.Event()
        self.may_read = threading.Event()
        self.may_read.set()
        self.index = 0
        self._limit = limit
        self._rooms = rooms
        self._buffer = np.zeros((height, width, 3), np.uint8)

    def read(self) -> NDArray[np.uint8]:
        # At once, as a driver does that has only this buffer: anyone who still uses the last frame sees it change.
        self._buffer[:] = secret_frame(*self.size, seed=self.index % self._rooms)
        self.reading.set()
        assert self.may_read.wait(LONG)
        self.closed.wait(1 / self.fps)
        if self.gone.is_set():
            raise CameraError("The secret camera is gone: plug it in again.")
        if self._limit is not None and self.index >= self._limit:
            raise EndOfVideo("The video has ended.")
        self.index += 1
        return self._buffer

    def close(self) -> None:
        self.closed.set()


class Recorder:
    """An output that remembers what was sent, and lets a test wait for it."""

    name = "recorder"

    def __init__(self, width: int, height: int, fps: float) -> None:
        self.size, self.fps = (width, height), fps
        self.sent: list[NDArray[np.uint8]] = []
        self.closed = threading.Event()
        self.trouble: Exception | None = None
        self._changed = threading.Condition()

    def send(self, pixels: NDArray[np.uint8]) -> None:
        assert not self.closed.is_set(), "something was sent after closing"
        assert pixels.shape == (self.size[1], self.size[0], 3), pixels.shape
        if self.trouble is not None:
            raise self.trouble
        with self._changed:
            self.sent.append(pixels.copy())
            self._changed.notify_all()

    def close(self) -> None:
        self.closed.set()

    def wait_for(self, right: Callable[[NDArray[np.uint8]], bool], count: int = 1) -> list[NDArray[np.uint8]]:
        """Wait until count more composites that are right have been sent; return all that came meanwhile."""
        with self._changed:
            start = len(self.sent)
            done = self._changed.wait_for(lambda: sum(map(right, self.sent[start:])) >= count, LONG)
            assert done, "what the test waits for was not sent"
            return self.sent[start:]
