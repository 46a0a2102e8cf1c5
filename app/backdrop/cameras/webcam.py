"""A real camera, read by OpenCV."""

import errno
import logging
import os
import re
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol

from backdrop.language import _

# Seconds that OpenCV waits for a frame; its default is 10.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "5")

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError, believable
from backdrop.cameras.formats import READABLE, CameraFormat, read_formats
from backdrop.cameras.modes import needs_mjpg
from backdrop.system import v4l2

log = logging.getLogger(__name__)

# DirectShow opens in a second. Media Foundation, OpenCV's default on Windows, can take thirty.
_PLATFORM: str = sys.platform
_BACK_ENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}


class Webcam:
    """A camera by its number or device. Opening reads one frame, so that size is the real one."""

    makes_new_arrays = True  # OpenCV does, unless read() is given an array to fill

    def __init__(self, device: int | str, width: int, height: int, fps: float) -> None:
        """device: 0, 1, … or, on Linux, a path such as "/dev/video2". Raises CameraError with the reason."""
        if isinstance(device, str):
            if device.startswith("/dev/"):  # a stable name or a link: resolve it to the current number
                device = v4l2.node_of(device)
            if number := re.fullmatch(r"(?:/dev/video)?(\d+)", device):
                device = int(number[1])
        self._device = device
        self.name = _name(device)
        self._reading = threading.Lock()
        self._closed = threading.Event()
        # Not printed by OpenCV: the errors below say it in a sentence.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        _check(device, self.name)
        self._held = ExitStack()
        self._held.enter_context(v4l2.reading(_path(device)))
        self._capture = cv2.VideoCapture(device, _BACK_ENDS.get(_PLATFORM, cv2.CAP_ANY))
        if not self._capture.isOpened():
            self._held.close()
            raise CameraError(_why_not(device, self.name))
        self._ask_for(width, height, fps)
        try:
            first = grabbed(self._capture, self.name)
            if first is None:
                raise CameraError(_why_not(device, self.name))
        except CameraError:
            self._capture.release()
            self._held.close()
            raise
        self._first: NDArray[np.uint8] | None = first
        self.size = (first.shape[1], first.shape[0])
        self.fps = believable(self._capture.get(cv2.CAP_PROP_FPS), float(fps))

    def _ask_for(self, width: int, height: int, fps: float) -> None:
        # Through USB 2, uncompressed 720p reaches only 5 to 10 fps.
        if _PLATFORM != "linux" or needs_mjpg(_path(self._device), width, height, fps):
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._capture.set(cv2.CAP_PROP_FPS, fps)
        # Two buffers: one is filled while the other is read. With one, every second frame would be lost; with the
        # default of four, old frames would be shown after a slow moment.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)

    def read(self) -> NDArray[np.uint8]:
        """Return the next frame, (H, W, 3) uint8 BGR. Blocks. Raises CameraError if the camera is gone."""
        with self._reading:
            if self._closed.is_set():
                raise CameraError(_("{name} is closed.", name=self.name))
            if self._first is not None:
                first, self._first = self._first, None
                return first
            frame = grabbed(self._capture, self.name)
            if self._closed.is_set():
                self._capture.release()
            if frame is None:
                raise CameraError(_("{name} stopped sending frames: check its cable.", name=self.name))
            return frame

    def close(self) -> None:
        """Release the camera, at once, or as soon as a read() on another thread returns."""
        self._closed.set()
        self._held.close()
        if self._reading.acquire(timeout=0.1):
            try:
                self._capture.release()
            finally:
                self._reading.release()


class Capture(Protocol):
    """The part of cv2.VideoCapture that reads frames."""

    def read(self) -> tuple[bool, NDArray[np.uint8]]: ...


def grabbed(capture: Capture, name: str) -> NDArray[np.uint8] | None:
    """The next frame; None if none came. Raises CameraError for a frame that OpenCV cannot decode."""
    try:
        came, frame = capture.read()
    except cv2.error as error:  # an odd width, or half a frame
        log.info("OpenCV could not read a frame: %s", error)
        raise CameraError(
            _("{name} sends unreadable frames: choose another size or another camera.", name=name)
        ) from error
    return np.asarray(frame, np.uint8) if came else None


def _path(device: int | str) -> str:
    return f"/dev/video{device}" if isinstance(device, int) else device


def _name(device: int | str) -> str:
    path = _path(device)
    for each in v4l2.devices():
        if each.path == path:
            return f"{each.name} ({path})"
    return path if _PLATFORM == "linux" else _("Camera {device}", device=device)


def _check(device: int | str, name: str) -> None:
    """Raise CameraError for problems that Linux reports before the camera is started."""
    if _PLATFORM != "linux":
        return
    path = Path(_path(device))
    if v4l2.is_fed_here(str(path)):
        raise CameraError(_("{name} shows Backdrop's own output: choose another camera.", name=name))
    try:
        with v4l2.opened(str(path)):
            pass
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            text = _(
                "There is no camera {path}: connect it, or choose one that `backdrop devices` lists.",
                path=path,
            )
        elif error.errno in (errno.EACCES, errno.EPERM):
            text = _(
                "You don't have permission to open {name}: run `sudo usermod -aG video $USER`, then sign "
                "out and back in.",
                name=name,
            )
        elif error.errno == errno.EBUSY:
            text = _why_not(device, name)
        else:
            text = _("{name} cannot be opened: {reason}.", name=name, reason=error.strerror)
        raise CameraError(text) from error


def unreadable(formats: Sequence[CameraFormat]) -> str:
    """The FOURCCs of a camera's formats if OpenCV can read none of them; else ""."""
    codes = dict.fromkeys(each.fourcc for each in formats)
    return "" if codes.keys() & set(READABLE) else ", ".join(codes)


def _why_not(device: int | str, name: str) -> str:
    """Why a camera that exists and may be opened delivers nothing: one sentence for a person."""
    path = _path(device)
    if _PLATFORM == "linux":
        node = next((each for each in v4l2.devices() if each.path == path), None)
        if node is not None and not node.captures:
            return _(
                "{name} has no picture of its own: choose a camera that `backdrop devices` lists.", name=name
            )
        formats = ""
        with suppress(OSError):
            formats = unreadable(read_formats(path, 640, 480))
        if formats:
            return _(
                "{name} sends only {formats}, which Backdrop cannot read: set it to YUYV or MJPG, or choose"
                " another camera.",
                name=name,
                formats=formats,
            )
        if node is not None and node.loopback:
            return _("{name} sends no picture: start the program that feeds it.", name=name)
        held_by = _(" and ").join(v4l2.holders(path))
        if held_by:
            return _(
                "{name} is in use by {held_by}: close that program and try again.", name=name, held_by=held_by
            )
        return _(
            "{name} sends no picture: close other programs that may be using it, or unplug it and plug "
            "it back in.",
            name=name,
        )
    if _PLATFORM == "darwin":
        return _(
            "{name} cannot be opened: allow access in System Settings › Privacy & Security › Camera.",
            name=name,
        )
    return _(
        "{name} cannot be opened: close other programs that may be using it, and allow access in "
        "Settings › Privacy › Camera.",
        name=name,
    )
