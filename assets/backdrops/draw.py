"""Draws the built-in pictures: `python assets/backdrops/draw.py [name ...]` writes name.jpg beside this file.

Every picture is made by arithmetic from a fixed seed, so it belongs to this project alone and comes out the
same each time. They are a little out of focus, as a room behind a person is, and quiet where the head is.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from indoors import daylight, plaster, studio, study
from light import Photo
from outdoors import dunes, dusk, leaves, mist

QUALITY = 88

PICTURES: dict[str, Callable[[np.random.Generator], Photo]] = {
    drawn.__name__: drawn for drawn in (daylight, dunes, dusk, leaves, mist, plaster, studio, study)
}


def main(names: list[str]) -> None:
    for seed, (name, drawn) in enumerate(PICTURES.items()):
        if names and name not in names:
            continue
        path = Path(__file__).with_name(f"{name}.jpg")
        pixels = drawn(np.random.default_rng(1000 + seed))
        cv2.imwrite(str(path), pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
