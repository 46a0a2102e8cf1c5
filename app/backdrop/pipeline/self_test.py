"""Test the network on pictures with a known alpha, before it sees a camera.

sinet_core checks the hash of the weights that ship. This test is for other files, and for a computer or a version of ONNX
Runtime that computes the right file wrongly: such a network may take the whole room for a person.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.language import _, number
from backdrop.resources import resource
from sinet_core import Segmenter, SegmenterError
from sinet_core.metrics import iou

FOUND = 0.9  # IoU with the portrait's known alpha; the network that ships has 0.97
NOBODY = 0.02  # of an empty room; the network that ships finds 0
WIDE, TALL = slice(8, 296), slice(8, 392)  # rows of the 512 × 512 portrait: 16:9 and 4:3, its hair at the top
DIM = 0.3  # of the light


def load_network(path: Path | None = None) -> Segmenter:
    """Load the network that ships, or another file, and test it.

    Raises SegmenterError. str() is one sentence for a person.
    """
    segmenter = Segmenter.load(path)
    check_network(segmenter)
    return segmenter


def check_network(segmenter: Segmenter) -> None:
    """Test a network. Takes 60 ms. Raises SegmenterError if it misses the person, or finds one in an empty room."""
    portrait, alpha = _read("demo/astronaut.png"), _read("demo/astronaut.alpha.png", cv2.IMREAD_GRAYSCALE)
    for rows in (WIDE, TALL):
        found = iou(segmenter(portrait[rows]), alpha[rows])
        if not found > FOUND:
            raise SegmenterError(
                _("The neural network doesn't find the person in a test picture (IoU {found}): "
                  "reinstall Backdrop.",
                  found=number(found, 2))
            )  # fmt: skip
    for name, light in (("bookshelf", 1.0), ("ocean", DIM)):
        room = cv2.convertScaleAbs(_read(f"backdrops/{name}.jpg", cv2.IMREAD_REDUCED_COLOR_4), alpha=light)
        share = float(np.mean(segmenter(np.asarray(room, np.uint8)) > 0.5))
        if not share < NOBODY:
            raise SegmenterError(
                _("The neural network mistakes {share} of an empty room for a person: reinstall Backdrop.",
                  share=f"{share:.0%}")
            )  # fmt: skip


def _read(name: str, how: int = cv2.IMREAD_COLOR) -> NDArray[np.uint8]:
    try:
        pixels = cv2.imdecode(np.frombuffer(resource(name).read_bytes(), np.uint8), how)
    except (OSError, cv2.error) as error:
        raise SegmenterError(_damaged(name)) from error
    if pixels is None:
        raise SegmenterError(_damaged(name))
    return np.asarray(pixels, np.uint8)


def _damaged(name: str) -> str:
    return _("Backdrop's file {name} is missing or damaged: reinstall Backdrop.", name=name)
