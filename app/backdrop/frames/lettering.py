"""A picture with a sentence of the person's own in the middle: any language that the computer has letters for."""

import math
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

GROUND = (64, 56, 50)  # BGR, of the neutral picture
INK = (226, 220, 214)
# Looked for by name where each system keeps its fonts; the first that is there is used.
FONTS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "arial.ttf", "Arial.ttf")
EASTERN = ("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "msyh.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc")
FIRST_EASTERN = 0x2E80  # the first code point that the western fonts lack
LARGEST, SMALLEST = 1 / 9, 1 / 24  # of the picture's height: the letters'
WIDEST = 0.84  # of the picture's width


@lru_cache(maxsize=2)
def lettered(width: int, height: int, text: str) -> NDArray[np.uint8]:
    """Write a text into the middle of a neutral picture, as large as fits, and cut what does not fit at the smallest size.

    width, height: pixels, at least 1. Returns (height, width, 3) uint8 BGR, read-only, because callers share it.
    """
    from PIL import Image, ImageDraw  # only here: nothing else needs Pillow while a call runs

    image = Image.new("RGB", (width, height), GROUND)  # BGR throughout: Pillow does not care
    draw = ImageDraw.Draw(image)
    words = " ".join(_drawable(text).split())
    size = LARGEST * height
    while True:
        font = _font(words, max(1, round(size)))
        lines = _lines(words, font, WIDEST * width)
        if len(lines) * 1.35 * size <= 0.8 * height or size <= SMALLEST * height:
            break
        size *= 0.85
    lines = lines[: max(1, math.floor(0.9 * height / (1.35 * size)))]
    middle = (height - 1.35 * size * (len(lines) - 1)) / 2
    for row, line in enumerate(lines):
        draw.text((width / 2, middle + row * 1.35 * size), line, INK, font, anchor="mm")
    pixels = np.array(image)
    pixels.setflags(write=False)
    return pixels


def _lines(text: str, font: "FreeTypeFont", widest: float) -> list[str]:
    """Break a text where it has spaces, and a word that is too long, or a language without spaces, anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= widest:
            line = longer
            continue
        if line:
            lines.append(line)
        line = ""
        for letter in word:
            if line and font.getlength(line + letter) > widest:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line] if line else lines or [""]


@lru_cache(maxsize=16)
def has_letters_for(text: str) -> bool:
    """Whether this computer has a font for a text. Western letters there always are."""
    eastern = any(ord(letter) >= FIRST_EASTERN for letter in text)
    return not eastern or Path(str(_font(text, 12).path)).name in EASTERN


def _font(text: str, size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    eastern = any(ord(letter) >= FIRST_EASTERN for letter in text)
    for name in (*EASTERN, *FONTS) if eastern else FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)  # type: ignore[return-value]  # FreeType is part of Pillow's wheels


def _drawable(text: str) -> str:
    """A text with a space in place of each control character and each half of a pair."""
    return "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)
