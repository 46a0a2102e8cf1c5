"""Somebody in blue who walks through the secret room, and a network that knows them by their blue."""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.line_ends import LONG
from tests.secret_room import secret_frame

WIDTH, HEIGHT, RADIUS = 320, 180, 40
REACH = 9  # pixels round the person that so small an alpha, carried along, cannot tell apart
_SHADES = np.random.default_rng(5).integers(-40, 40, (HEIGHT // 6, WIDTH // 6)).astype(np.float32)
SHIRT = cv2.resize(_SHADES, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def disc(x: float, radius: float = RADIUS) -> NDArray[np.uint8]:
    """Where somebody at x is: (HEIGHT, WIDTH) uint8."""
    plane = np.zeros((HEIGHT, WIDTH), np.uint8)
    return cv2.circle(plane, (round(x), HEIGHT // 2), round(radius), 255, -1)


def round_them(x: float) -> NDArray[np.uint8]:
    """Where somebody at x is, and REACH around."""
    return disc(x, RADIUS + REACH)


def frame_with(x: float, room: int = 0) -> NDArray[np.uint8]:
    """The secret room of that seed with somebody at x: (HEIGHT, WIDTH, 3) uint8 BGR."""
    pixels = secret_frame(WIDTH, HEIGHT, seed=room)
    shirt = np.roll(SHIRT, round(x), axis=1)
    blue = np.dstack([200 + shirt, 90 + shirt, 50 + shirt]).astype(np.uint8)
    person = disc(x) > 0
    pixels[person] = blue[person]
    return pixels


class BlueFinder:
    """Finds what is blue: small, soft, float32. looks: how often; input_scales: of what area each time.

    Clear may_answer to have it hang. trouble: raised in place of an answer.
    """

    def __init__(self) -> None:
        self.input_scales: list[float] = []
        self.trouble: BaseException | None = None
        self.may_answer, self.asked = threading.Event(), threading.Event()
        self.may_answer.set()

    @property
    def looks(self) -> int:
        return len(self.input_scales)

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        self.input_scales.append(input_scale)
        self.asked.set()
        assert self.may_answer.wait(LONG)
        if self.trouble is not None:
            raise self.trouble
        size = (128, 72) if input_scale < 1 else (144, 80) if input_scale == 1 else (208, 112)
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return np.clip((small[..., 0] - small[..., 2] - 40) / 40, 0, 1)
