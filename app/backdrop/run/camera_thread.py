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
from backdrop.run.rates import Rate
from backdrop.settings.settings import Settings
from backdrop.system.v4l2 import lasting, reading

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds between two tries to open a camera that is gone
STAND_IN = 5.0  # seconds of the demo between two looks for a camera, where there is none
BLACK = 4.0  # mean grey, of 255, under which a frame shows nothing
BLACK_FRAMES = 30  # so many of them are no moment of a hand before the lens
OpenCamera = Callable[[str, int, int, int], Camera]


class CameraThread:
    """One camera, as the settings name it, on a thread of its own. Another camera is another Feed.

    leave() never waits: a thread that is stuck in the camera's read() is left behind, what it still reads goes
    nowhere, and it closes its own camera when it wakes.
    frames: the newest frame. notice: what is wrong with the camera, None when it gives frames. remark: what is wrong
    with the frames that it gives. stands_in: the frames are the demo's, for want of a camera. ended: set when a video
    file has no more. error: the last exception that was not a CameraError.
    """

    def __init__(
        self, settings: Settings, open_camera: OpenCamera, before: "CameraThread | None" = None
    ) -> None:
        """before: the feed this one replaces; its camera is given a second to close, for it may be the same."""
        self.frames: Mailbox[Frame] = Mailbox()
        self.rate = Rate()
        self.ended = threading.Event()
        self.notice: str | None = _("Waiting for the camera.")
        self.remark: str | None = None
        self.stands_in = False
        self.error: BaseException | None = None
        self.name = ""
        self.fps = float(settings.fps)
        self._spec = settings.camera
        self._asked = (settings.width, settings.height, settings.fps)
        self._open = open_camera
        self._before = before
        self._demo: Camera | None = None
        self._black = False  # the last frame that was looked at
        self._left = threading.Event()
        self._held = ExitStack()
        self._wanted = threading.Event()
        self._wanted.set()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Start the thread. The camera is opened on it, for that may take a while too."""
        if path := path_of(self._spec):
            self._held.enter_context(reading(path))  # also while it rests, no output may be opened there
        self._thread.start()

    def rest(self) -> None:
        """Have the camera closed until wake(). Returns at once; one that is in read() is closed when that returns."""
        self._wanted.clear()

    def wake(self) -> None:
        """Have the camera opened again: the same one. A frame from before the rest is forgotten."""
        if not self._wanted.is_set():
            self.frames.take(0)
            self._wanted.set()

    def leave(self) -> None:
        """Take no more frames, and let the thread end when it can. Returns at once."""
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
        if self._before is not None:
            self._before.join(AGAIN)
            self._before = None
        while not self._left.is_set() and not self.ended.is_set():
            self._wanted.wait()
            try:
                self._read_camera()
                continue  # it is to rest, or to be left
            except EndOfVideo as error:
                self.notice = str(error)
                self.ended.set()
            except NoCameraError as error:
                self.notice = str(error)
                if self._stand_in():
                    continue
            except CameraError as error:
                self.notice = str(error)
            except Exception as error:
                log.exception("The camera thread failed")
                self.error = error
                self.notice = _("The camera failed. Backdrop keeps trying: {reason}", reason=error)
            if not self.ended.is_set():
                self._left.wait(AGAIN)

        if self._demo is not None:
            self._demo.close()

    def _stand_in(self) -> bool:
        """Show the demo for a while. Returns False where even that cannot be had."""
        try:
            self._demo = self._demo or self._open("demo", *self._asked)
            self.stands_in, self.name = True, self._demo.name
            self._read(self._demo, until=time.monotonic() + STAND_IN)
        except CameraError:
            self.stands_in, self.name = False, ""
            return False
        return True

    def _read_camera(self) -> None:
        camera = self._open(self._spec, *self._asked)
        try:
            self.stands_in, self.name = False, camera.name
            self.fps = believable(camera.fps, self.fps)
            self._spec = self._spec or _spec_of(camera)
            self._read(camera)
        finally:
            self.remark = None
            camera.close()

    def _read(self, camera: Camera, until: float = math.inf) -> None:
        """Put its frames into the mailbox until it is to rest, or to be left, or that time."""
        index = 0
        while self._wanted.is_set() and not self._left.is_set() and time.monotonic() < until:
            pixels = camera.read()
            captured_at = time.monotonic()
            if not self._wanted.is_set():
                break
            self.frames.put(Frame(_kept(pixels, camera), index, captured_at, self.stands_in))
            if not self.stands_in:
                self.notice = None
            self.rate.count()
            index += 1
            if index % BLACK_FRAMES == 0:
                self._look_for_light(camera.name, pixels)

    def _look_for_light(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """A camera whose shutter is closed, or that a key has switched off, gives black frames and says nothing."""
        black = isinstance(pixels, np.ndarray) and float(pixels[::16, ::16].mean()) < BLACK
        before, self._black = self._black, black
        twice = black and before
        self.remark = (
            _("{name} sends only black: open its shutter, or turn it on with its key.", name=name)
            if twice
            else None
        )


def _kept(pixels: NDArray[np.uint8], camera: Camera) -> NDArray[np.uint8]:
    """The frame as nobody changes it: a camera that fills the same buffer again would change it under its alpha."""
    if getattr(camera, "makes_new_arrays", False):
        return np.ascontiguousarray(pixels)
    return np.array(pixels, order="C")


def _spec_of(camera: Camera) -> str:
    """The spec of a camera that was the first that worked: once it is gone, no other one may take its place."""
    return next((lasting(info.spec) for info in list_cameras() if info.name == camera.name), "")
