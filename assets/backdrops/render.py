"""Renders the built-in rooms: `python assets/backdrops/render.py [name ...]` writes NAME.jpg beside this file.

It needs Blender as a Python module, in an environment of its own, and takes some minutes for each room:

    python3.11 -m venv build/rooms && build/rooms/bin/pip install bpy==4.5.* opencv-python-headless

Blender is under the GPL; the pictures that it renders are not. They come from our scenes only, without models, textures or
photos of others. What is rendered is kept in build/rooms/NAME.npy: delete it after changing a room.
"""

import sys
from pathlib import Path

import cv2
import evening
import numpy as np
import rooms
from film import LARGEST, finished, lens, written
from moving import snow, with_flakes
from scene import develop, render

ROOMS = {
    made.__name__: made for made in (rooms.office, rooms.wall, rooms.bookshelf, evening.cafe, evening.winter)
}
KEPT = Path(__file__).resolve().parents[2] / "build" / "rooms"
# Rendered small, as the lens is out of focus anyway: everything finer than its disc would be lost.
SIZE, SAMPLES = (800, 450), 8


def light_of(name: str) -> np.ndarray:
    """The room's light, sharp: (450, 800, 3) float32 RGB, linear."""
    kept = KEPT / f"{name}.npy"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        np.save(kept, render(*SIZE, SAMPLES))
    return np.asarray(np.load(kept), np.float32)


def main(names: list[str]) -> None:
    for name, room in ROOMS.items():
        if names and name not in names:
            continue
        exposure, look, radius = room()
        light = cv2.resize(light_of(name), LARGEST, interpolation=cv2.INTER_LINEAR)
        shown = develop(lens(light, radius), exposure, look)
        if name == "winter":
            snow(shown)
            shown = with_flakes(shown, 0.0)
        written(name, finished(shown))


if __name__ == "__main__":
    main(sys.argv[1:])
