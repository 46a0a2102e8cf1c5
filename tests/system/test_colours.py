"""The colours that arrive are those that were sent: BT.601 with limited range, there and back through a real device."""

import os
import threading

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.outputs.virtual_camera import VirtualCamera
from tests.colour_chart import PATCHES, colour_chart, differences
from tests.system.rig import VIRTUAL

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]


@pytest.fixture
def chart() -> NDArray[np.uint8]:
    return colour_chart()


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
        reader = cv2.VideoCapture(VIRTUAL, cv2.CAP_V4L2)  # Backdrop's own shuns what Backdrop sends
        frames = [reader.read() for _ in range(5)]
        reader.release()
    finally:
        stop.set()
        sender.join()
        output.close()
    came, frame = frames[-1]
    assert came
    return np.asarray(frame, np.uint8)


def test_every_patch_arrives_with_a_difference_that_an_eye_can_hardly_tell(
    chart: NDArray[np.uint8], seen: NDArray[np.uint8]
):
    assert seen.shape == chart.shape
    apart = differences(seen)
    worst = PATCHES[int(np.argmax(apart))]
    print(f"ΔE 1976: mean {apart.mean():.2f}, worst {apart.max():.2f} (#{worst})")
    assert apart.mean() < 1.0
    assert apart.max() < 3.0
