"""Draw the README's first picture: a frame of the demo camera, and what Backdrop makes of it.

    python assets/readme/before_after.py assets/readme/before-after.jpg

The composites come from the application's own pipeline and the network that ships; nothing is retouched.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.cameras.demo import DemoCamera
from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.self_test import load_network
from backdrop.settings.settings import Settings

SIZE = (1280, 720)
PANEL, GAP = (560, 315), 8
FRAMES, FPS = 6, 10  # some frames, so that the temporal filter is as it is in a call
AFTER = (Settings(backdrop="blur"), Settings(backdrop="picture", picture="bookshelf"))


def composites(settings: Settings) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The last frame and its composite, both (H, W, 3) uint8 BGR."""
    camera, pipeline = DemoCamera(*SIZE, FPS, paced=False), Pipeline(load_network(), live=False)
    for index in range(FRAMES):
        frame = camera.read()
        result = pipeline.process(Frame(frame, index, camera.position), settings)
        if result.notice is not None:
            sys.exit(result.notice)
    pipeline.close()
    return frame, result.pixels


def draw() -> NDArray[np.uint8]:
    """The frame and its composites side by side."""
    pairs = [composites(each) for each in AFTER]
    panels = [
        cv2.resize(each, PANEL, interpolation=cv2.INTER_AREA)
        for each in (pairs[0][0], *(b for _a, b in pairs))
    ]
    gap = np.full((PANEL[1], GAP, 3), 255, np.uint8)
    return np.hstack([panels[0], *(part for panel in panels[1:] for part in (gap, panel))])


def main() -> None:
    target = Path(sys.argv[1])
    cv2.imwrite(str(target), draw(), [cv2.IMWRITE_JPEG_QUALITY, 90])
    print(target)


if __name__ == "__main__":
    main()
