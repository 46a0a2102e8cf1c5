"""A camera without hardware: a person moves in a drawn room. Her alpha is known."""

import math
import threading
import time

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError
from backdrop.cameras.demo_room import draw_room
from backdrop.language import N_, _
from backdrop.resources import resource

NAME = N_("Demo camera")

# Rows and columns of demo/person.png: her hair starts at row 15, and the frame ends at her chest.
_TOP, _SEAT = 8, 316
_LEFT, _CENTRE, _RIGHT = 48, 221, 396
_SHARE = 0.84  # of the frame's height, that she fills on average


class DemoCamera:
    """The demo camera. The same frames in the same order every time; the movement repeats after 40 seconds."""

    makes_new_arrays = True

    def __init__(self, width: int = 1280, height: int = 720, fps: float = 30, *, paced: bool = True) -> None:
        """paced: read() waits until the next frame is due; otherwise it returns as fast as it can."""
        self.name = NAME
        self.size = (width, height)
        self.fps = float(fps)
        self._paced = paced
        self._closed = threading.Event()
        self._due = 0.0
        self._index = 0
        self._room = draw_room(width, height)
        self._scale = min(_SHARE * height, 0.9 * width) / (_SEAT - _TOP)
        self._person = _cut_out(self._scale)
        self._last_alpha = np.zeros((height, width), np.uint8)
        self.position = 0.0  # of the last frame, in seconds from the first

    def read(self) -> NDArray[np.uint8]:
        """Return the next frame, (H, W, 3) uint8 BGR. Raises CameraError once closed."""
        if self._paced:
            self._wait()
        if self._closed.is_set():
            raise CameraError(_("{name} is closed.", name=self.name))
        self.position = self._index / self.fps
        frame = self._draw(self.position)
        self._index += 1
        return frame

    def known_alpha(self) -> NDArray[np.uint8]:
        """A copy of the true alpha of the last frame, (H, W) uint8, 255 is all person."""
        return self._last_alpha.copy()

    def close(self) -> None:
        """Stop. A read() that is waiting raises CameraError at once."""
        self._closed.set()

    def _wait(self) -> None:
        now = time.monotonic()
        if now - self._due > 0.5:
            self._due = now  # the first frame, or one long overdue: restart the clock
        self._closed.wait(self._due - now)
        self._due += 1 / self.fps

    def _draw(self, seconds: float) -> NDArray[np.uint8]:
        """Draw room and person at a time: she is shifted, leant and scaled, and sits on the frame's last row."""
        width, height = self.size
        pose = _pose(seconds, self._scale, width, height)
        left, top, right = _reach(pose, self._person.shape, width, height)
        pose[:, 2] -= (left, top)
        box = (right - left, height - top)
        # OpenCV warps four channels at once more than twice as fast as three.
        person = cv2.warpAffine(self._person, pose, box, flags=cv2.INTER_LINEAR)
        alpha = cv2.extractChannel(person, 3)
        frame = self._room.copy()
        behind = frame[top:, left:right]
        # Her colours are premultiplied by alpha, so only the room has to be weighted.
        room = cv2.multiply(behind, cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2BGR), scale=1 / 255)
        cv2.add(room, cv2.cvtColor(person, cv2.COLOR_BGRA2BGR), behind)
        self._last_alpha = np.zeros((height, width), np.uint8)
        self._last_alpha[top:, left:right] = alpha
        return frame


def _cut_out(scale: float) -> NDArray[np.uint8]:
    """The person without a background, at roughly the size that is needed.

    Returns (h, w, 4) uint8: BGR premultiplied by alpha, and alpha.
    """
    rows, columns = slice(_TOP, _SEAT + 6), slice(_LEFT, _RIGHT)  # a few more rows for interpolation
    person = _read("demo/person.png", cv2.IMREAD_UNCHANGED)[rows, columns].astype(np.float32)
    colours, alpha = person[..., :3], person[..., 3]
    share = (alpha / np.float32(255))[..., None]
    whole = np.dstack([colours * share, share * 255])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.clip(cv2.resize(whole, None, fx=scale, fy=scale, interpolation=how), 0, 255)
    sized[..., :3] = np.minimum(sized[..., :3], sized[..., 3:])
    return np.round(sized).astype(np.uint8)


def _read(name: str, how: int) -> NDArray[np.uint8]:
    # Decoded from bytes: OpenCV on Windows cannot open a path with characters outside its code page.
    pixels = cv2.imdecode(np.frombuffer(resource(name).read_bytes(), np.uint8), how)
    if pixels is None:
        raise CameraError(_("Backdrop's file {name} is damaged: reinstall Backdrop.", name=name))
    return np.asarray(pixels, np.uint8)


def _pose(seconds: float, scale: float, width: int, height: int) -> NDArray[np.float64]:
    """The 2 × 3 matrix from cut-out to frame at a time. The periods of all movements divide 40 s."""

    def swing(period: float, phase: float = 0.0) -> float:
        return math.sin(2 * math.pi * (seconds / period + phase))

    grow = 1 + 0.06 * swing(20) + 0.005 * swing(4)  # nearer and farther, and breathing
    lean = 0.07 * swing(8, 0.2) + 0.03 * swing(5)  # pixels sideways per pixel above her seat
    along = width * (0.47 + 0.03 * swing(40 / 3, 0.1) + 0.008 * swing(40 / 7))
    seat, centre = scale * (_SEAT - _TOP), scale * (_CENTRE - _LEFT)
    return np.array([[grow, -lean, along - grow * centre + lean * seat], [0.0, grow, height - grow * seat]])


def _reach(
    pose: NDArray[np.float64], shape: tuple[int, ...], width: int, height: int
) -> tuple[int, int, int]:
    """The part of the frame that the cut-out can touch: left, top and right, in pixels."""
    high, wide = shape[:2]
    corners = pose @ np.array([(x, y, 1) for x in (0, wide) for y in (0, high)], float).T
    left, right = int(np.clip(corners[0].min(), 0, width - 1)), int(np.clip(corners[0].max() + 1, 1, width))
    return left, int(np.clip(corners[1].min(), 0, height - 1)), right
