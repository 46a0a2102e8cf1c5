"""Proves that a virtual camera works: sends a colour and reads it back, as a call would."""

import threading
import time
from contextlib import suppress

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraInfo
from backdrop.language import _
from backdrop.outputs.base import OutputError
from backdrop.outputs.virtual_camera import VirtualCamera, list_virtual_cameras
from backdrop.setup.privileged import SetupError

APPEARS = 5.0  # seconds at most until a driver that was just loaded has a device
SIZE = (640, 360)
COLOUR = (160, 90, 40)
NEAR = 12  # levels


def check(device: str = "") -> CameraInfo:
    """Send a colour to a virtual camera and read it back. Returns the camera. device: its path, "" for the first.

    Raises SetupError, or OutputError if it cannot be opened.
    """
    camera = next((each for each in _appeared() if device in ("", each.spec)), None)
    if camera is None:
        raise SetupError(_("The driver is loaded, but no virtual camera has appeared. Restart the computer."))
    width, height = SIZE
    sent = np.full((height, width, 3), COLOUR, np.uint8)
    output = VirtualCamera(width, height, 30, camera.spec)
    output.send(sent)  # from now on there is something to read
    stop = threading.Event()

    def send() -> None:
        with suppress(OutputError):  # reading will fail, too
            while not stop.wait(1 / 30):
                output.send(sent)

    sender = threading.Thread(target=send, name="check", daemon=True)
    sender.start()
    try:
        seen = _read(camera.spec)
    finally:
        stop.set()
        sender.join()
        output.close()
    if seen is None:
        raise SetupError(
            _("{name} accepts frames, but they cannot be read back. Restart the computer.", name=camera.name)
        )
    if seen.shape != sent.shape or np.abs(seen.astype(int) - COLOUR).max() > NEAR:
        raise SetupError(_("{name} shows something other than what was sent to it.", name=camera.name))
    return camera


def _read(device: str) -> NDArray[np.uint8] | None:
    """A frame as other programs get it. Not with Backdrop's Webcam, which rejects devices that Backdrop sends to."""
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    came, frame = capture.read() if capture.isOpened() else (False, None)
    capture.release()
    return np.asarray(frame, np.uint8) if came else None


def _appeared() -> list[CameraInfo]:
    end = time.monotonic() + APPEARS
    while not (found := list_virtual_cameras()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
