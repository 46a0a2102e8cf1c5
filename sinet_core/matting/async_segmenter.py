"""The network on its own thread, always working on the latest frame, for low latency."""

import threading
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.person_segmenter import MatteOptions, PersonSegmenter, SegmentationResult

# A frame (H, W, 3) uint8 BGR, halved(frame), its capture time in seconds, and its options.
Task: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8], float, MatteOptions]


class AsyncSegmenter:
    """Segments the latest submitted frame on a thread named "segmenting". Use it from one other thread.

    Frames that are replaced by a newer one before the thread gets to them are skipped.
    """

    def __init__(self, segmenter: PersonSegmenter) -> None:
        """segmenter: for this object's thread alone."""
        self._segmenter = segmenter
        self._changed = threading.Condition()
        self._task: tuple[int, Task] | None = None
        self._answer: SegmentationResult | Exception | None = None
        self._scene = 0  # counts resets, so that results from before a reset are dropped
        self._busy = self._closed = False
        self._thread = threading.Thread(target=self._run, name="segmenting", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def submit(self, task: Task) -> None:
        """Queue a frame, replacing one that is waiting. Does not block."""
        with self._changed:
            self._task = None if self._closed else (self._scene, task)
            self._changed.notify_all()

    def newest(self) -> SegmentationResult | None:
        """Return the result for the latest segmented frame, None before the first. Raises what the network raised for it."""
        with self._changed:
            answer = self._answer
        if isinstance(answer, Exception):
            # Without this, each raise adds to the traceback, which keeps the camera's frames alive.
            raise answer.with_traceback(None)
        return answer

    def wait(self, deadline: float) -> bool:
        """Wait until no frame is queued or being segmented, for `deadline` seconds at most. Returns whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._task is None and not self._busy, deadline)

    def reset(self) -> None:
        """Drop all earlier frames, including the one being segmented."""
        with self._changed:
            self._scene += 1
            self._answer = None

    def close(self, deadline: float = 0.5) -> bool:
        """Stop the thread and drop its results. Returns whether it stopped within `deadline` seconds."""
        with self._changed:
            self._closed, self._task = True, None
            self._changed.notify_all()
        self.reset()
        self._thread.join(deadline)
        return not self._thread.is_alive()

    def _run(self) -> None:
        known = self._scene
        while (taken := self._take()) is not None:
            scene, task = taken
            if scene != known:
                self._segmenter.reset()
                known = scene
            answer = self._segmented(task)
            with self._changed:
                if scene == self._scene:
                    self._answer = answer
                self._busy = False
                self._changed.notify_all()

    def _take(self) -> tuple[int, Task] | None:
        """Wait for the next frame. Returns None after close()."""
        with self._changed:
            self._changed.wait_for(lambda: self._task is not None or self._closed)
            taken, self._task = self._task, None
            self._busy = taken is not None
            return taken

    def _segmented(self, task: Task) -> SegmentationResult | Exception:
        try:
            return self._segmenter(*task)
        except Exception as error:
            self._segmenter.reset()
            return error
