"""Proves that a virtual camera works: what is sent to it is read back, as a call would read it."""

import threading
import time

import numpy as np

from app.camera import CameraError, CameraInfo
from app.language import _
from app.setup.helper import SetupError
from app.virtual_camera import VirtualCamera, list_virtual_cameras
from app.webcam import Webcam

APPEARS = (
    5.0  # seconds that the system takes, at most, to make a device of a driver that has just been loaded
)
SIZE = (640, 360)
COLOUR = (160, 90, 40)
NEAR = 12  # levels


def check(device: str = "") -> CameraInfo:
    """Send a colour to a virtual camera and read it back. Returns the camera. device: its path, "" for the first.

    Raises SetupError, or OutputError where it cannot be opened.
    """
    camera = next((each for each in _appeared() if device in ("", each.spec)), None)
    if camera is None:
        raise SetupError(
            _("The driver is loaded, but no virtual camera has come of it: restart the computer.")
        )
    width, height = SIZE
    sent = np.full((height, width, 3), COLOUR, np.uint8)
    output = VirtualCamera(width, height, 30, camera.spec)
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            output.send(sent)
            stop.wait(1 / 30)

    sender = threading.Thread(target=send, name="check", daemon=True)
    try:
        output.send(sent)
        sender.start()
        reader = Webcam(camera.spec, width, height, 30)
        seen = reader.read()
        reader.close()
    except CameraError as error:
        raise SetupError(
            _("{name} takes frames, but they cannot be read back: {reason}", name=camera.name, reason=error)
        ) from error
    finally:
        stop.set()
        if sender.is_alive():
            sender.join()
        output.close()
    if seen.shape != sent.shape or np.abs(seen.astype(int) - COLOUR).max() > NEAR:
        raise SetupError(_("{name} shows something else than what is sent to it.", name=camera.name))
    return camera


def _appeared() -> list[CameraInfo]:
    end = time.monotonic() + APPEARS
    while not (found := list_virtual_cameras()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
