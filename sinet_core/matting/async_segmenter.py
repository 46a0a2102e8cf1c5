"""The network on a thread of its own, always on the newest frame, for those who cannot wait for it."""

import threading
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.person_segmenter import MatteOptions, PersonSegmenter, SegmentationResult

# A frame (H, W, 3) uint8 BGR, the frame halved, when it was captured, and the options for it.
Task: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8], float, MatteOptions]


class AsyncSegmenter:
    """Segments the newest frame that was submitted, on a thread named "segmenting". Used by one other thread.

    A frame that a newer one replaces is never segmented. After reset() nothing is told of earlier frames.
    """

    def __init__(self, segmenter: PersonSegmenter) -> None:
        """segmenter: used by nobody else."""
        self._segmenter = segmenter
        self._changed = threading.Condition()
        self._task: tuple[int, Task] | None = None
        self._answer: SegmentationResult | Exception | None = None
        self._scene = 0  # counts resets: frames of different scenes have nothing to do with each other
        self._busy = self._closed = False
        self._thread = threading.Thread(target=self._run, name="segmenting", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still runs: without it, nothing is ever found."""
        return self._thread.is_alive()

    def submit(self, task: Task) -> None:
        """Leave a frame to be segmented. Never waits."""
        with self._changed:
            self._task = None if self._closed else (self._scene, task)
            self._changed.notify_all()

    def newest(self) -> SegmentationResult | None:
        """The result for the newest segmented frame, None before the first. Raises what the network raised for it."""
        with self._changed:
            answer = self._answer
        if isinstance(answer, Exception):
            # Each time it is raised it would keep one more traceback, and with that the frames of the camera.
            raise answer.with_traceback(None)
        return answer

    def wait(self, deadline: float) -> bool:
        """Wait until every submitted frame is dealt with, so many seconds at most. Returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._task is None and not self._busy, deadline)

    def reset(self) -> None:
        """Forget all earlier frames, also the one that is being segmented."""
        with self._changed:
            self._scene += 1
            self._answer = None

    def close(self, deadline: float = 0.5) -> bool:
        """End the thread. Returns whether it has ended within so many seconds; what it still finds goes nowhere."""
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
        """Wait for the next frame; None once closed."""
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
