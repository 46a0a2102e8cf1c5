"""Cameras and virtual cameras by themselves: what is listed, what is chosen, and what one says that does not work."""

import os
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.cameras.base import CameraError
from backdrop.cameras.open import list_cameras, open_camera
from backdrop.cameras.video_file import VideoFile
from backdrop.cameras.webcam import Webcam
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.virtual_camera import VirtualCamera, list_virtual_cameras
from backdrop.system import v4l2
from tests.system.rig import CAMERA, CAMERA_INPUT, CLIP, VIRTUAL, Process, control

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]
GREY = np.full((480, 640, 3), 100, np.uint8)


def test_cameras_are_listed_by_name_without_what_gives_no_frames():
    assert [info.spec for info in list_cameras()] == [CAMERA, CLIP, "demo"]
    assert list_cameras()[0].name.startswith("vivid")


def test_the_virtual_camera_called_backdrop_is_listed_first_and_never_as_a_camera():
    output = VirtualCamera(640, 480, 30)
    output.send(GREY)
    assert [info.spec for info in list_virtual_cameras()] == [VIRTUAL, CLIP]
    assert VIRTUAL not in [info.spec for info in list_cameras()], "though by now it gives frames"
    output.close()


def test_without_a_choice_the_first_real_camera_and_the_first_virtual_camera_are_taken():
    camera, output = open_camera("", 640, 480, 30), open_output("", 640, 480, 30)
    assert (CAMERA in camera.name, camera.size) == (True, (640, 480))
    assert VIRTUAL in output.name
    camera.close()
    output.close()


def test_the_virtual_camera_can_be_opened_again_and_again():
    for _ in range(3):
        output = open_output(VIRTUAL, 640, 480, 30)
        output.send(GREY)
        output.close()
        with pytest.raises(OutputError, match="closed"):
            output.send(GREY)


def test_what_is_sent_is_what_a_reader_sees_and_an_odd_size_is_made_even():
    output = VirtualCamera(641, 481, 30, VIRTUAL)
    sent = np.zeros((481, 641, 3), np.uint8)
    sent[:, :320], sent[:, 320:] = (20, 200, 90), (200, 40, 160)
    stop = threading.Event()
    output.send(sent)  # from here on it is a camera

    def send() -> None:
        while not stop.wait(0.03):
            output.send(sent)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        reader = cv2.VideoCapture(VIRTUAL, cv2.CAP_V4L2)
        seen = [reader.read()[1] for _ in range(5)][-1]
        reader.release()
    finally:
        stop.set()
        sender.join()
        output.close()
    assert seen.shape == (480, 640, 3)
    assert np.abs(seen[:, 20:300].mean(axis=(0, 1)) - sent[0, 0]).max() < 5  # BT.601, limited range
    assert np.abs(seen[:, 340:620].mean(axis=(0, 1)) - sent[0, -1]).max() < 5


def test_a_virtual_camera_that_is_taken_is_said_to_be():
    first = VirtualCamera(640, 480, 30, VIRTUAL)
    first.send(GREY)
    with pytest.raises(OutputError, match=f"{VIRTUAL}\\) is in use by "):
        VirtualCamera(640, 480, 30, VIRTUAL)
    first.send(GREY)  # and the first one does not notice
    first.close()


@pytest.mark.parametrize("device", [CAMERA, CAMERA_INPUT])
def test_a_device_that_is_no_virtual_camera_is_said_to_be_none(device: str):
    with pytest.raises(OutputError, match="is not a virtual camera"):
        VirtualCamera(640, 480, 30, device)


@pytest.mark.parametrize(
    ("device", "says"),
    [(CAMERA_INPUT, "has no picture of its own"), (CLIP, "start the program that feeds it")],
)
def test_a_device_that_gives_no_frames_says_why(device: str, says: str):
    with pytest.raises(CameraError, match=says):
        open_camera(device, 640, 480, 30)


def test_a_camera_can_be_closed_while_another_thread_reads_it():
    camera = Webcam(CAMERA, 640, 480, 30)
    running, reasons = threading.Event(), []

    def read() -> None:
        try:
            while True:
                camera.read()
                running.set()
        except CameraError as error:
            reasons.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    assert running.wait(10)
    begun = time.monotonic()
    camera.close()
    assert time.monotonic() - begun < 0.5
    reader.join(10)
    assert len(reasons) == 1
    again = Webcam(CAMERA, 640, 480, 30)
    assert again.read().shape == (480, 640, 3)
    again.close()


def test_a_camera_that_is_pulled_out_says_so_at_once():
    camera = Webcam(CAMERA, 640, 480, 30)
    camera.read()
    control(CAMERA, "--set-ctrl", "disconnect=1")
    begun = time.monotonic()
    with pytest.raises(CameraError, match="check its cable"):
        read_until_it_fails(camera)
    assert time.monotonic() - begun < 3
    camera.close()


def read_until_it_fails(camera: Webcam) -> None:
    while True:
        camera.read()


def test_nobody_but_this_process_holds_a_camera_that_it_has_open():
    camera = Webcam(CAMERA, 640, 480, 30)
    assert v4l2.holders(CAMERA) == []
    camera.close()


def test_a_camera_recorded_into_a_file_has_its_own_time_there(tmp_path: Path):
    path = tmp_path / "out.mp4"
    asked = ["--camera", CAMERA, "--width", "320", "--height", "180", "--output", str(path), "--seconds", "3"]
    recording = Process(sys.executable, "-m", "backdrop", "run", *asked)
    assert recording.status() == 0, recording.said
    video = VideoFile(path, paced=False)
    assert video.size == (320, 180)
    assert video.frames > 10
    for _ in range(video.frames):
        video.read()
    assert 2 < video.position < 4
    video.close()
