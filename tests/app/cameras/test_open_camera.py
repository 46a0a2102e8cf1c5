import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.cameras.base import Camera, CameraError
from backdrop.cameras.demo import DemoCamera
from backdrop.cameras.open import list_cameras, open_camera
from backdrop.cameras.video_file import VideoFile
from backdrop.cameras.webcam import Webcam
from tests.videos import greys, write_video

linux_without_cameras = pytest.mark.skipif(
    not sys.platform.startswith("linux") or Path("/sys/class/video4linux").is_dir(),
    reason="the camera VM tests what there is where there are cameras",
)


def test_the_demo_camera_is_always_the_last_choice():
    assert (list_cameras()[-1].spec, list_cameras()[-1].name) == ("demo", "Demo camera")
    assert sum(info.spec == "demo" for info in list_cameras()) == 1


def test_demo_opens_the_demo_camera_as_asked():
    camera: Camera = open_camera("demo", 320, 240, 15)
    assert isinstance(camera, DemoCamera)
    assert (camera.size, camera.fps) == ((320, 240), 15)
    camera.close()


def test_a_path_opens_a_video_file(tmp_path):
    camera: Camera = open_camera(str(write_video(tmp_path / "a.mp4", greys(3))), 320, 240, 15)
    assert isinstance(camera, VideoFile)
    assert camera.size == (64, 48), "a file has its own size"
    camera.close()


@linux_without_cameras
@pytest.mark.parametrize("spec", ["0", "/dev/video7"])
def test_a_camera_that_is_not_there_is_named_in_one_sentence(spec):
    with pytest.raises(
        CameraError, match=r"^There is no camera /dev/video[07]: .*`backdrop devices` lists\.$"
    ):
        open_camera(spec, 320, 240, 15)


@pytest.mark.parametrize("spec", ["nowhere.mp4", "http://example.org/a.mp4", "-1", "\udcff"])
def test_what_is_neither_camera_nor_file_is_named_in_one_sentence(spec):
    with pytest.raises(CameraError, match=r"^There is no camera or video file .*`backdrop devices` lists"):
        open_camera(spec, 320, 240, 15)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/null is there")
def test_a_device_that_is_no_camera_is_an_error_and_no_crash():
    with pytest.raises(CameraError, match=r"^/dev/null .*"):
        Webcam("/dev/null", 320, 240, 15)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_device_that_this_user_may_not_open_says_how_to_get_the_permission(unprivileged):
    device = unprivileged / "video0"
    device.touch(mode=0o000)
    with pytest.raises(CameraError, match=r"run `sudo usermod -aG video"):
        Webcam(str(device), 320, 240, 15)


def test_cameras_that_say_so_give_every_frame_in_an_array_of_its_own(tmp_path):
    path = write_video(tmp_path / "a.mkv", greys(6))
    for camera in (DemoCamera(160, 96, paced=False), VideoFile(path, paced=False)):
        assert camera.makes_new_arrays
        first = camera.read()
        before = first.copy()
        assert not any(np.shares_memory(first, camera.read()) for _ in range(4))
        np.testing.assert_array_equal(first, before)
        camera.close()


def test_opencv_gives_a_webcams_frames_in_arrays_of_their_own(tmp_path):
    capture = cv2.VideoCapture(str(write_video(tmp_path / "a.mkv", greys(6))))
    assert Webcam.makes_new_arrays
    first, *others = (capture.read()[1] for _ in range(4))
    assert not any(np.shares_memory(first, other) for other in others)
    capture.release()
