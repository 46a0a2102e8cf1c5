"""Low latency: the person is looked for on a thread of its own, always in the newest frame, while frames go out at once."""

import logging
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.finder import Detail, Finder, Sighting
from app.frame import Frame
from app.mailbox import Mailbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A frame to look at. scene: frames of another scene have nothing to do with each other."""

    frame: Frame
    half: NDArray[np.uint8]
    detail: Detail
    scene: int


class Lookout:
    """Finds the person in the newest frame it is shown, on a thread named "segmenting". Used by one other thread.

    A frame that a newer one replaces is not looked at. After reset() nothing is told of the frames before it.
    """

    def __init__(self, find: Finder) -> None:
        """find: used by nobody else."""
        self._find = find
        self._frames: Mailbox[Task] = Mailbox()
        self._scene = 0
        self._answer: Sighting | Exception | None = None
        self._answered = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="segmenting", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is still there: without it, nothing is ever found."""
        return self._thread.is_alive()

    def show(self, frame: Frame, half: NDArray[np.uint8], detail: Detail) -> None:
        """Leave a frame to be looked at; see Finder. Never waits."""
        self._frames.put(Task(frame, half, detail, self._scene))

    def newest(self) -> Sighting | None:
        """The person in the newest frame that has been looked at, None before that. Raises what the network raised for it."""
        with self._answered:
            answer = self._answer
        if isinstance(answer, Exception):
            # Each time it is raised it would keep one more traceback, and with that the frames of the camera.
            raise answer.with_traceback(None)
        return answer

    def reset(self) -> None:
        """Forget the frames before, also the one that is being looked at."""
        with self._answered:
            self._scene += 1
            self._answer = None

    def close(self, deadline: float = 0.5) -> bool:
        """End the thread. Returns whether it has ended within so many seconds; what it still finds goes nowhere."""
        self._frames.close()
        self.reset()
        self._thread.join(deadline)
        return not self._thread.is_alive()

    def _run(self) -> None:
        scene = self._scene
        while not self._frames.closed:
            task = self._frames.take()
            if task is None:
                continue
            if task.scene != scene:
                self._find.reset()
                scene = task.scene
            self._tell(self._look(task), task.scene)

    def _look(self, task: Task) -> Sighting | Exception:
        try:
            return self._find(task.frame, task.half, task.detail)
        except Exception as error:
            self._find.reset()
            return error

    def _tell(self, answer: Sighting | Exception, scene: int) -> None:
        with self._answered:
            if scene == self._scene:
                self._answer = answer
