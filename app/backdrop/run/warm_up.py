"""One frame before the first: memory is allocated and code is loaded while nobody waits for it."""

import numpy as np

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core import Segmenter


def warm_up(segmenter: Segmenter, settings: Settings) -> None:
    """Process a black frame of the size in the settings, so that no camera frame is dropped meanwhile."""
    black = np.zeros((settings.height, settings.width, 3), np.uint8)
    Pipeline(segmenter, live=False).process(Frame(black, 0, 0.0), settings)
