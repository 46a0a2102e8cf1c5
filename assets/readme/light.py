"""Draw what automatic light does: the demo in a dark room, blurred without it and with it.

    python assets/readme/light.py assets/readme/light.jpg

The dark room is made: less and warmer light, and the noise that a camera has there (backdrop.bench.dark).
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.bench.dark import darkened
from backdrop.cameras.demo import DemoCamera
from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.self_test import load_network
from backdrop.settings.settings import Settings

SIZE = (1280, 720)
PANEL, GAP = (560, 315), 8
FRAMES, FPS = 12, 10  # some frames, so that noise is calmed as it is in a call
SHOWN = (Settings(backdrop="none"), Settings(), Settings(auto_light=True))


def composite(settings: Settings) -> NDArray[np.uint8]:
    """The last composite, (H, W, 3) uint8 BGR."""
    camera, pipeline = DemoCamera(*SIZE, FPS, paced=False), Pipeline(load_network(), live=False)
    for index in range(FRAMES):
        frame = Frame(darkened(camera.read(), index), index, camera.position)
        result = pipeline.process(frame, settings)
        if result.notice is not None:
            sys.exit(result.notice)
    pipeline.close()
    return result.pixels


def main() -> None:
    target = Path(sys.argv[1])
    panels = [cv2.resize(composite(each), PANEL, interpolation=cv2.INTER_AREA) for each in SHOWN]
    gap = np.full((PANEL[1], GAP, 3), 255, np.uint8)
    drawn = np.hstack([panels[0], *(part for panel in panels[1:] for part in (gap, panel))])
    cv2.imwrite(str(target), drawn, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(target)


if __name__ == "__main__":
    main()
