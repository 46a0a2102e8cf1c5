"""What is said of a camera that is odd: its rate, frames that OpenCV cannot read, formats that it does not know."""

import cv2
import numpy as np
import pytest

from backdrop.cameras.base import CameraError, believable
from backdrop.cameras.formats import CameraFormat
from backdrop.cameras.webcam import grabbed, unreadable


@pytest.mark.parametrize("said", [-1.0, 0.0, 90_000.0, float("nan"), float("inf"), -30.0])
def test_a_rate_that_cannot_be_is_not_said(said):
    assert believable(said, 24.0) == 24.0


@pytest.mark.parametrize("said", [30.0, 29.97, 240.0, 0.5])
def test_a_rate_that_can_be_is_taken(said):
    assert believable(said, 24.0) == said


class OddWidth:
    """A camera whose frames OpenCV takes for what they are not, as an odd width in YUYV."""

    def read(self) -> tuple[bool, np.ndarray]:
        return True, cv2.cvtColor(np.zeros((47, 64), np.uint8), cv2.COLOR_YUV2BGR_I420)


def test_a_frame_that_opencv_cannot_read_is_an_error_of_the_camera():
    with pytest.raises(cv2.error):
        OddWidth().read()
    with pytest.raises(CameraError, match=r"^Cam sends unreadable frames: choose another size"):
        grabbed(OddWidth(), "Cam")


@pytest.mark.parametrize(
    ("formats", "says"),
    [(["BGR4"], "BGR4"), (["422P", "H264"], "422P, H264"), (["H264", "YUYV"], ""), (["MJPG"], ""), ([], "")],
)
def test_a_camera_that_has_only_formats_which_cannot_be_read_is_known(formats, says):
    found = [CameraFormat(each, each, compressed=False) for each in formats]
    assert unreadable(found) == says
