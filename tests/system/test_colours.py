"""The colours that arrive are those that were sent: BT.601 with limited range, there and back through a real device."""

import os
import threading

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.virtual_camera import VirtualCamera
from app.webcam import Webcam
from tests.system.rig import VIRTUAL

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]

SIDE = 80
# The patches of a ColorChecker in sRGB, and the corners of the cube, which limited range and chroma treat worst.
ROWS = (
    "735244 c29682 627a9d 576c43 8580b1 67bdaa d67e2c 505ba6",
    "c15a63 5e3c6c 9dbc40 e0a32e 383d96 469449 af363c e7c71f",
    "bb5695 0885a1 f3f3f2 c8c8c8 a0a0a0 7a7a79 555555 343434",
    "000000 ffffff ff0000 00ff00 0000ff ffff00 ff00ff 00ffff",
)
PATCHES = [text for row in ROWS for text in row.split()]
ACROSS = 8


@pytest.fixture
def chart() -> NDArray[np.uint8]:
    """(320, 640, 3) uint8 BGR: the patches, row by row."""
    rows = len(PATCHES) // ACROSS
    colours = np.array([[int(text[at : at + 2], 16) for at in (4, 2, 0)] for text in PATCHES], np.uint8)
    return colours.reshape(rows, ACROSS, 3).repeat(SIDE, axis=0).repeat(SIDE, axis=1)


@pytest.fixture
def seen(chart: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What a reader sees of it."""
    output = VirtualCamera(chart.shape[1], chart.shape[0], 30, VIRTUAL)
    output.send(chart)
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(0.03):
            output.send(chart)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        reader = Webcam(VIRTUAL, chart.shape[1], chart.shape[0], 30)
        frames = [reader.read() for _ in range(5)]
        reader.close()
    finally:
        stop.set()
        sender.join()
        output.close()
    return frames[-1]


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """ΔE of CIE 1976 between two BGR frames, pixel by pixel: 1 is about what an eye can tell, side by side."""
    lab = [
        cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_BGR2LAB).astype(np.float64)
        for each in (one, other)
    ]
    return np.asarray(np.linalg.norm(lab[0] - lab[1], axis=2))


def test_every_patch_arrives_with_a_difference_that_an_eye_can_hardly_tell(
    chart: NDArray[np.uint8], seen: NDArray[np.uint8]
):
    assert seen.shape == chart.shape
    apart = difference(chart, seen)
    middle = slice(SIDE // 4, -SIDE // 4)  # chroma is shared by neighbours at the patches' edges
    patches = [
        float(apart[top : top + SIDE, left : left + SIDE][middle, middle].mean())
        for top in range(0, chart.shape[0], SIDE)
        for left in range(0, chart.shape[1], SIDE)
    ]
    worst = PATCHES[int(np.argmax(patches))]
    print(f"ΔE 1976: mean {np.mean(patches):.2f}, worst {max(patches):.2f} (#{worst})")
    assert np.mean(patches) < 1.0
    assert max(patches) < 3.0
