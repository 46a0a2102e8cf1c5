"""The camera thread: reads one camera into a mailbox, and opens it again every second while it is gone."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import Camera, CameraError, EndOfVideo, NoCameraError, believable
from backdrop.cameras.modes import path_of
from backdrop.cameras.open import list_cameras
from backdrop.frames.frame import Frame
from backdrop.frames.mailbox import Mailbox
from backdrop.language import _
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.run.rates import Rate
from backdrop.settings.settings import Settings
from backdrop.system.v4l2 import lasting, reading

log = logging.getLogger(__name__)

BLACK = 4.0  # mean grey, of 255, below which a frame counts as black
OpenCamera = Callable[[str, int, int, int], Camera]


class CameraThread:
    """Reads the camera that the settings name, on a thread of its own. Each camera gets a CameraThread of its own.

    leave() never waits: a thread that is stuck in the camera's read() is left behind. Whatever it still reads is thrown
    away, and it closes its own camera when it wakes.
    frames: the newest frame. notice: what is wrong with the camera, None while it delivers frames. remark: what is wrong
    with those frames. uses_fallback: the frames are the demo's, because there is no camera. ended: set when a video file
    has no more frames. error: the last exception that was not a CameraError.
    """

    def __init__(
        self,
        settings: Settings,
        open_camera: OpenCamera,
        predecessor: "CameraThread | None" = None,
        *,
        limits: Limits = USUAL_LIMITS,
        clock: Clock = time.monotonic,
    ) -> None:
        """predecessor: the thread that this one replaces. It gets a moment to close its camera, which may be the same."""
        self.frames: Mailbox[Frame] = Mailbox()
        self.rate = Rate(clock=clock)
        self.ended = threading.Event()
        self.notice: str | None = _("Waiting for the camera.")
        self.remark: str | None = None
        self.uses_fallback = False
        self.error: BaseException | None = None
        self.name = ""
        self.fps = float(settings.fps)
        self._spec = settings.camera
        self._asked = (settings.width, settings.height, settings.fps)
        self._open = open_camera
        self._limits, self._clock = limits, clock
        self._predecessor = predecessor
        self._demo: Camera | None = None
        self._was_black = False  # at the last check
        self._left = threading.Event()
        self._held = ExitStack()
        self._wanted = threading.Event()
        self._wanted.set()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Start the thread. It opens the camera itself, because that may take a while."""
        if path := path_of(self._spec):
            # No output may be opened there, even while this thread rests.
            self._held.enter_context(reading(path))
        self._thread.start()

    def rest(self) -> None:
        """Close the camera until wake(). Returns at once; a camera that is in read() is closed when that returns."""
        self._wanted.clear()

    def wake(self) -> None:
        """Open the same camera again. A frame from before the rest is thrown away."""
        if not self._wanted.is_set():
            self.frames.take(0)
            self._wanted.set()

    def leave(self) -> None:
        """Accept no more frames, and let the thread end when it can. Returns at once."""
        self._left.set()
        self._held.close()
        self._wanted.set()
        self.frames.close()

    def join(self, timeout: float) -> bool:
        """Wait for the thread to end. Returns whether it has."""
        if self._thread.ident is None:
            return True  # never started
        self._thread.join(max(timeout, 0.0))
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._predecessor is not None:
            self._predecessor.join(self._limits.camera_retry)
            self._predecessor = None
        while not self._left.is_set() and not self.ended.is_set():
            self._wanted.wait()
            try:
                self._read_camera()
                continue  # it rests, or has been left
            except EndOfVideo as error:
                self.notice = str(error)
                self.ended.set()
            except NoCameraError as error:
                self.notice = str(error)
                if self._read_fallback():
                    continue
            except CameraError as error:
                self.notice = str(error)
            except Exception as error:
                log.exception("The camera thread failed")
                self.error = error
                self.notice = _("The camera failed. Backdrop keeps trying: {reason}", reason=error)
            if not self.ended.is_set():
                self._left.wait(self._limits.camera_retry)

        if self._demo is not None:
            self._demo.close()

    def _read_fallback(self) -> bool:
        """Show the demo for a while. Returns False if not even the demo opens."""
        try:
            self._demo = self._demo or self._open("demo", *self._asked)
            self.uses_fallback, self.name = True, self._demo.name
            self._read(self._demo, until=self._clock() + self._limits.fallback)
        except CameraError:
            self.uses_fallback, self.name = False, ""
            return False
        return True

    def _read_camera(self) -> None:
        camera = self._open(self._spec, *self._asked)
        try:
            self.uses_fallback, self.name = False, camera.name
            self.fps = believable(camera.fps, self.fps)
            self._spec = self._spec or _spec_of(camera)
            self._read(camera)
        finally:
            self.remark = None
            camera.close()

    def _read(self, camera: Camera, until: float = math.inf) -> None:
        """Put the camera's frames into the mailbox until it should rest, has been left, or the time is up."""
        index = 0
        while self._wanted.is_set() and not self._left.is_set() and self._clock() < until:
            pixels = camera.read()
            captured_at = self._clock()
            if not self._wanted.is_set():
                break
            self.frames.put(Frame(_own(pixels, camera), index, captured_at, self.uses_fallback))
            if not self.uses_fallback:
                self.notice = None
            self.rate.count()
            index += 1
            if index % self._limits.black_frames == 0:
                self._check_for_black(camera.name, pixels)

    def _check_for_black(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """A camera with a closed shutter, or one switched off by a key, delivers black frames and reports no error."""
        is_black = isinstance(pixels, np.ndarray) and float(pixels[::16, ::16].mean()) < BLACK
        was_black, self._was_black = self._was_black, is_black
        self.remark = (
            _("{name} sends only black: open its shutter, or turn it on with its key.", name=name)
            if is_black and was_black
            else None
        )


def _own(pixels: NDArray[np.uint8], camera: Camera) -> NDArray[np.uint8]:
    """A contiguous array that nobody else writes to: copied if the camera fills the same buffer again."""
    if getattr(camera, "makes_new_arrays", False):
        return np.ascontiguousarray(pixels)
    return np.array(pixels, order="C")


def _spec_of(camera: Camera) -> str:
    """The spec of the first camera that worked. Once it is gone, no other camera may take its place."""
    return next((lasting(info.spec) for info in list_cameras() if info.name == camera.name), "")
