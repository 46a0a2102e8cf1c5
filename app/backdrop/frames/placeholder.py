"""The placeholder: the neutral picture that is sent when no composite can be."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames.lettering import GROUND as GROUND
from backdrop.frames.lettering import INK, has_letters_for, lettered
from backdrop.language import N_, _

# What others in the call read: only that there is no picture. The reason goes into the notice.
STARTING = N_("One moment")
AWAY = N_("Camera disconnected")
HIDDEN = N_("Picture hidden for now")
RESTING = N_("Camera is off")

# Written across the demo when there is no camera. Only the person sees it.
DEMO = N_("Demo: no camera")


@lru_cache(maxsize=4)
def placeholder(width: int, height: int, sentence: str) -> NDArray[np.uint8]:
    """Return the placeholder with a sentence in the middle, scaled to the size.

    width, height: pixels, at least 1. sentence: marked with N_(). Others in the call read it, so it must
    not name a file or device.
    Returns (height, width, 3) uint8 BGR, read-only, because callers share it.
    """
    pixels = np.full((height, width, 3), GROUND, np.uint8)
    scale = min(width / 640, height / 360)
    text = _translated(sentence)
    if scale >= 0.15 and not text.isascii():
        return lettered(width, height, text)
    if scale >= 0.15:  # text would be unreadable below this
        lines = _lines(text, 32)
        pitch = int(42 * scale)
        top = (height - pitch * (len(lines) - 1)) // 2
        for row, line in enumerate(lines):
            _write(pixels, line, top + row * pitch, scale)
    pixels.setflags(write=False)
    return pixels


def marked(pixels: NDArray[np.uint8], sentence: str) -> NDArray[np.uint8]:
    """Return a copy of a picture, (H, W, 3) uint8 BGR, with a bar along the top that holds a sentence."""
    copy = pixels.copy()
    height, width = copy.shape[:2]
    scale = min(width / 640, height / 360)
    bar = max(1, int(44 * scale))
    copy[:bar] = GROUND
    text = _translated(sentence)
    if text.isascii():
        _write(copy, text, bar // 2, 0.8 * scale)
    else:
        copy[:bar] = lettered(width, 5 * bar, text)[2 * bar : 3 * bar]
    return copy


def _translated(sentence: str) -> str:
    """A sentence in the language in use, or in English if this computer has no letters for that."""
    text = _(sentence)
    return text if text.isascii() or has_letters_for(text) else sentence


def _lines(sentence: str, longest: int) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word[:longest])
    return lines


def _write(pixels: NDArray[np.uint8], line: str, middle: int, scale: float) -> None:
    font, size, thickness = cv2.FONT_HERSHEY_SIMPLEX, 0.9 * scale, max(1, round(1.5 * scale))
    (width, height), _below = cv2.getTextSize(line, font, size, thickness)
    left = (pixels.shape[1] - width) // 2
    cv2.putText(pixels, line, (left, middle + height // 2), font, size, INK, thickness, cv2.LINE_AA)
