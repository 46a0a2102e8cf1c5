"""The camera of the line: open only while somebody watches, and exchanged when the settings name another one."""

import logging
import threading
import time

from backdrop.frames.frame import Frame
from backdrop.language import _
from backdrop.run.camera_thread import CameraThread, OpenCamera
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.settings.settings import Settings

log = logging.getLogger(__name__)


class CameraOnDemand:
    """Keeps the camera thread that frames come from, and those that still have to end.

    thread: the one of now; what another one still delivers counts no more. resting: the camera is closed because nobody
    watches. heard_at: when the last frame was taken. The processing thread calls open_while(), is_another(), take(),
    is_waking() and absence(); any thread the rest.
    """

    def __init__(
        self,
        settings: Settings,
        open_camera: OpenCamera,
        *,
        limits: Limits = USUAL_LIMITS,
        clock: Clock = time.monotonic,
    ) -> None:
        self.resting = False
        self.heard_at = 0.0
        self._open, self._limits, self._clock = open_camera, limits, clock
        self._changing = threading.Lock()  # never held while waiting
        self._asked = _camera_fields(settings)
        self.thread = CameraThread(settings, open_camera, limits=limits, clock=clock)
        self._left: list[CameraThread] = []
        self._dropped_before = 0  # by the threads that have been left
        self._runs = self._is_left = False
        self._heard_from: CameraThread | None = None
        self._watched_at = -float("inf")
        self._woken_at = -limits.waking

    def start(self, *, at_rest: bool) -> None:
        """at_rest: keep it closed until somebody watches."""
        self._runs = True
        if at_rest:
            self.resting = True
            self.thread.rest()
        else:
            self._watched_at = self._clock()
        self.thread.start()

    def change(self, settings: Settings) -> None:
        """Open the camera that the settings ask for, unless it is the one of now."""
        with self._changing:
            asked = _camera_fields(settings)
            if asked == self._asked or self._is_left:
                return
            self._asked, old = asked, self.thread
            self.thread = CameraThread(
                settings, self._open, old if self._runs else None, limits=self._limits, clock=self._clock
            )
            if self._runs:
                if self.resting:
                    self.thread.rest()
                old.leave()
                self._dropped_before += old.frames.dropped
                self._left = [thread for thread in self._left if not thread.join(0)] + [old]
                self.thread.start()

    def leave(self) -> None:
        """Accept no more frames, and let the threads end when they can. Returns at once."""
        with self._changing:
            self._is_left = True
            threads = [*self._left, self.thread]
        for thread in threads:
            thread.leave()

    def join(self, until: float) -> bool:
        """Wait for the threads to end after leave(), until this time of time.monotonic(). Returns whether all have."""
        ended = [thread.join(until - time.monotonic()) for thread in (*self._left, self.thread)]
        return all(ended)

    @property
    def dropped(self) -> int:
        return self._dropped_before + self.thread.frames.dropped

    def open_while(self, watched: bool) -> bool:
        """Close the camera once nobody has watched for a while, and open it for the first who does. Returns whether it is."""
        now = self._clock()
        if watched:
            self._watched_at = now
        with self._changing:
            resting, self.resting = self.resting, now - self._watched_at > self._limits.rest_after
            if self.resting and not resting:
                log.info("Nobody watches: the camera is closed")
                self.thread.rest()
            elif resting and not self.resting:
                log.info("Somebody watches: the camera is opened")
                self._woken_at = self.heard_at = now
                self.thread.wake()
        return not self.resting

    def is_another(self, thread: CameraThread) -> bool:
        """Whether a thread is another one than at the last call."""
        if thread is self._heard_from:
            return False
        self._heard_from, self.heard_at = thread, self._clock()
        return True

    def take(self, thread: CameraThread) -> Frame | None:
        """The newest frame of a thread. Waits for about as long as one takes."""
        frame = thread.frames.take(1 / min(max(thread.fps, 5), 60))
        if frame is not None:
            self.heard_at = self._clock()
        return frame

    def is_waking(self, thread: CameraThread) -> bool:
        """Whether the camera may still be opening after a rest."""
        is_new = self._clock() - self._woken_at < self._limits.waking and self.heard_at <= self._woken_at
        return is_new and thread.notice is None

    def absence(self, thread: CameraThread) -> str | None:
        """Why there has been no frame for so long that the last composite should not stay; else None."""
        notice = thread.notice
        if notice is not None and not thread.ended.is_set():
            return notice
        is_silent = self._clock() - self.heard_at > max(self._limits.stall, 3 / thread.fps)
        return (notice or _("The camera sends no picture.")) if is_silent else None


def _camera_fields(settings: Settings) -> tuple[str, int, int, int]:
    return settings.camera, settings.width, settings.height, settings.fps
