"""Auto-framing: pan and zoom smoothly, so that head and shoulders stay in the middle."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.person_segmenter import SegmentationResult
from sinet_core.matting.roi import people_box

Aim: TypeAlias = NDArray[np.float64]  # the window's centre, x and y, and its height, in frame heights

LARGEST = 2.0  # the largest zoom
LEVELS = 16  # window heights snap to 1/16 of the frame: cheap ratios to scale
TALL, WIDE = 0.9, 1.2  # the window's height relative to the people's, and its width relative to theirs
ABOVE = 0.12  # of the window's height, above the head
HEAD = 1 / 3  # of the people's height, from the top: there are the heads, which are centred
CALM = 0.3  # seconds over which the aim is averaged
DEAD = 0.08  # of the window's height, that the person moves before the window follows
DEAD_ZOOM = 0.1  # as a logarithm, and half a level more: a smaller change of size is ignored
PATIENCE = 1.0  # seconds that a change of size must last
GONE = 3.0  # seconds without a person, after which the whole frame is shown
PAN, ZOOM = 2.6, 1.8  # speed: nine tenths of a movement are done after 4 / speed seconds
REST = 1e-3  # of the frame's height (per second): closer and slower than this, the window has arrived


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a frame that is shown, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def halved(self) -> "Window":
        """The same part of a frame of half the size."""
        return Window(self.left // 2, self.top // 2, self.width // 2, self.height // 2)

    def enlarged(
        self, pixels: NDArray[np.uint8], person: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        """Enlarge this part of pixels, (H, W, …) uint8, to their size.

        person: (H, W) uint8; where it is 0, the result may be anything.
        """
        tall, wide = pixels.shape[:2]
        if person is None:
            part = pixels[self.top : self.top + self.height, self.left : self.left + self.width]
            return np.asarray(cv2.resize(part, (wide, tall), interpolation=cv2.INTER_LINEAR), np.uint8)
        rows, large_rows = slice(self.top, self.top + self.height), slice(0, tall)
        columns, large_columns = slice(self.left, self.left + self.width), slice(0, wide)
        x, y, width, height = cv2.boundingRect(person[rows, columns])
        rows, large_rows = _stretch(self.top, self.height, tall, y, height)
        columns, large_columns = _stretch(self.left, self.width, wide, x, width)
        whole = np.zeros_like(pixels)
        part = whole[large_rows, large_columns]
        if part.size:
            part[:] = cv2.resize(pixels[rows, columns], part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return whole


def _stretch(first: int, length: int, large: int, begin: int, count: int) -> tuple[slice, slice]:
    """The slice of one axis of a window that holds the person, and the same slice after enlarging, exact to the pixel."""
    if count == 0:
        return slice(0, 0), slice(0, 0)
    parts = math.gcd(length, large)
    step, large_step = length // parts, large // parts
    low = max(begin - 1, 0) // step
    high = min(-(-(begin + count + 1) // step), parts)
    return slice(first + low * step, first + high * step), slice(low * large_step, high * large_step)


class Framing:
    """Chooses the window, frame after frame. Used by one thread.

    The window rests while the people stay roughly in place. It moves like a critically damped spring: without a jerk and
    without overshooting. While nobody is visible it stays; after a while it shows the whole frame.
    """

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self.reset()

    def reset(self) -> None:
        """Show the whole frame: after a cut, or with another camera or size."""
        self._target: Aim | None = None
        self._aim = self._smoothed = np.zeros(3)
        self._speed = np.zeros(3)
        self._at = self._person_at = self._fitting_at = -math.inf

    def __call__(self, person: SegmentationResult) -> Window | None:
        """Return what to show of the frame that was segmented; None for all of it."""
        height, width = person.shape[:2]
        seconds = person.captured_at - self._at
        self._at = person.captured_at
        if self._target is None or person.shape != self._shape or not 0 <= seconds < GONE:
            self._shape = person.shape
            self._target = np.array([width / height / 2, 0.5, 1.0])
            self._aim, self._speed = self._target.copy(), np.zeros(3)
            self._smoothed = self._target.copy()
            self._person_at = self._fitting_at = self._at
            seconds = 0.0
        self._choose(_wanted(person), seconds)
        self._move(seconds)
        return self._window(width, height)

    def _choose(self, wanted: Aim | None, seconds: float) -> None:
        """Choose another target if the current one no longer fits."""
        assert self._target is not None
        if wanted is None:
            if self._at - self._person_at > GONE:
                self._target = np.array([self._shape[1] / self._shape[0] / 2, 0.5, 1.0])
                self._smoothed = self._target.copy()
            return
        self._person_at = self._at
        self._smoothed += (wanted - self._smoothed) * (1 - math.exp(-seconds / CALM))
        middle, height = self._smoothed[:2], float(self._smoothed[2])
        if abs(math.log(height / self._target[2])) < DEAD_ZOOM + 0.5 / LEVELS:
            self._fitting_at = self._at
        zooms = self._at - self._fitting_at > PATIENCE
        level = _level(height) if zooms else float(self._target[2])
        aspect = self._shape[1] / self._shape[0]
        target = _within(np.array([*middle, level]), aspect)
        moves = float(np.abs(target[:2] - self._target[:2]).max()) > DEAD * level
        if zooms or moves:
            self._target = target

    def _move(self, seconds: float) -> None:
        """Move the window like a critically damped spring, by the exact solution for this many seconds."""
        assert self._target is not None
        stiff = np.array([PAN, PAN, ZOOM])
        far = self._aim - self._target
        push = (self._speed + stiff * far) * seconds
        fading = np.exp(-stiff * seconds)
        self._aim = self._target + (far + push) * fading
        self._speed = (self._speed - stiff * push) * fading
        if np.abs(self._aim - self._target).max() < REST and np.abs(self._speed).max() < REST:
            self._aim, self._speed = self._target.copy(), np.zeros(3)

    def _window(self, width: int, height: int) -> Window | None:
        x, y, tall = _within(self._aim, width / height)
        wide, high = min(round(tall * width), width), min(round(tall * height), height)
        if (wide, high) == (width, height):
            return None
        left, top = round(x * height - wide / 2), round(y * height - high / 2)
        return Window(max(0, min(left, width - wide)), max(0, min(top, height - high)), wide, high)


def _wanted(person: SegmentationResult) -> Aim | None:
    """The aim that shows head and shoulders best; None if nobody is there."""
    box = people_box(person.alpha, person.region)
    if box is None:
        return None
    height, width = person.shape[:2]
    left, top, right, bottom = (place / height for place in box)
    tall = max(TALL * (bottom - top), WIDE * (right - left) / width * height, 1 / LARGEST)
    x = _middle_of_heads(person, top * height, (top + HEAD * (bottom - top)) * height)
    # An outstretched arm stays in the picture.
    half = tall / 2 * width / height
    x = min(max(x / height, right - half), left + half) if right - left < 2 * half else (left + right) / 2
    return np.array([x, top + (0.5 - ABOVE) * tall, min(tall, 1.0)])


def _middle_of_heads(person: SegmentationResult, top: float, bottom: float) -> float:
    """The mean column of the alpha between two rows. All in pixels of the frame."""
    region, (tall, wide) = person.region, person.alpha.shape
    down = tall / region.height
    first = max(0, math.floor((top - region.top) * down))
    heads = person.alpha[first : max(first + 1, math.ceil((bottom - region.top) * down))].sum(axis=0)
    column = float((heads * np.arange(0.5, wide)).sum() / max(float(heads.sum()), 1e-6))
    return region.left + column * region.width / wide


def _level(tall: float) -> float:
    """The nearest height that the window snaps to."""
    return min(max(round(tall * LEVELS), math.ceil(LEVELS / LARGEST)), LEVELS) / LEVELS


def _within(aim: Aim, aspect: float) -> Aim:
    """Move the aim so that its window is inside the frame. aspect: the frame's width over its height."""
    tall = min(max(float(aim[2]), 1 / LARGEST), 1.0)
    half = tall / 2
    x = min(max(float(aim[0]), half * aspect), aspect - half * aspect)
    return np.array([x, min(max(float(aim[1]), half), 1 - half), tall])
