"""A video file as a camera."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError, EndOfVideo
from backdrop.files.decoding import Pictures, Screen
from backdrop.files.local import open_to_read
from backdrop.frames.fit import fit
from backdrop.language import _


class VideoFile:
    """The frames of a video file, upright."""

    makes_new_arrays = True

    def __init__(self, path: str | Path, *, paced: bool = True) -> None:
        """paced: read() waits until a frame is due. Raises CameraError if the file is no video."""
        import av

        self.name = Path(path).name
        self._paced = paced
        self._closed = threading.Event()
        self._lock = threading.Lock()
        try:
            self._container = open_to_read(path)
            self._pictures = Pictures(self._container)
        except (av.FFmpegError, OSError, ValueError, IndexError) as error:
            raise CameraError(_("{path} is not a readable video: choose another file.", path=path)) from error
        stream = self._pictures.stream
        stream.thread_type = "AUTO"
        self.fps = float(stream.average_rate or stream.guessed_rate or 30)
        self.frames = stream.frames or int(self.fps * (self._container.duration or 0) / av.time_base)
        self.begins = 0.0
        # 0 if the file does not say it.
        self._length = float((stream.duration or 0) * (stream.time_base or 0))
        self._screen = Screen(stream.sample_aspect_ratio)
        self.size = (0, 0)
        self.has_ended = False
        self._position = self._end = 0.0
        self._started: float | None = None
        self._decoded = self._decode()
        self._next: NDArray[np.uint8] | None = next(self._decoded, None)
        if self._next is None:
            self._container.close()
            raise CameraError(_("{path} has no readable frames: choose another file.", path=path))
        self.position = self._position

    @property
    def damaged(self) -> int:
        """How many damaged parts have been skipped. Their frames are missing, or show the frame before."""
        return self._pictures.damaged

    @property
    def missing(self) -> float:
        """How many seconds are missing at the end, according to the length in the file."""
        return max(0.0, self._length - self._end)

    def _decode(self) -> Iterator[NDArray[np.uint8]]:
        """All frames, upright and of one size. Sets _position to the time of each, in seconds from the first."""
        import av

        count = 0
        for frame in self._pictures.frames():
            shown = frame.time if frame.time is not None else count / self.fps
            self.begins = shown if count == 0 else self.begins
            self._position = shown - self.begins
            self._end = self._position + 1 / self.fps
            count += 1
            size = self._screen.size(frame)
            if self.size == (0, 0):
                self.size = size
            try:
                pixels = self._screen.covering(frame, *size)
            except av.FFmpegError:
                self._pictures.damaged += 1
                continue
            yield fit(pixels, *self.size)

    def read(self) -> NDArray[np.uint8]:
        """Return the next frame, (H, W, 3) uint8 BGR. Raises EndOfVideo after the last."""
        with self._lock:
            if self._closed.is_set():
                raise CameraError(_("{name} is closed.", name=self.name))
            frame = self._next if self._next is not None else next(self._decoded, None)
            self._next = None
            if frame is None:
                self.has_ended = True
                raise EndOfVideo(_("{name} has ended.", name=self.name))
            self.position = self._position
            if self._paced:
                self._wait()
            return frame

    def _wait(self) -> None:
        now = time.monotonic()
        if self._started is None or now - self._started - self.position > 1:
            self._started = now - self.position  # the first frame, or one long overdue: restart the clock
        self._closed.wait(self._started + self.position - now)

    def close(self) -> None:
        """Close the file, at once, or when a read() on another thread returns."""
        self._closed.set()
        with self._lock:
            self._container.close()
            # Break the reference cycle with the generator. It would keep the decoder's threads alive until garbage collection.
            self._decoded = iter(())
