import threading
import time

import cv2
import numpy as np
import pytest

from backdrop.cameras.base import Camera, CameraError
from backdrop.cameras.demo import DemoCamera
from tests.line_ends import LONG


def demo(width: int = 320, height: int = 180, fps: float = 30) -> DemoCamera:
    return DemoCamera(width, height, fps, paced=False)


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 640), (320, 180), (33, 71)])
def test_frames_have_the_size_that_was_asked_for(size):
    camera: Camera = demo(*size)
    frame = camera.read()
    assert camera.size == size
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8


def test_the_same_frames_come_every_time():
    first, second = demo(), demo()
    for _ in range(3):
        assert np.array_equal(first.read(), second.read())


def test_a_frame_is_the_readers_to_keep():
    camera = demo()
    kept = camera.read()
    before = kept.copy()
    camera.read()[:] = 0
    assert np.array_equal(kept, before)
    assert camera.read().mean() > 20


def test_the_person_moves_and_the_room_does_not():
    camera = demo()
    frames, alphas = [], []
    for _ in range(240):
        frames.append(camera.read())
        alphas.append(camera.known_alpha())
    assert np.abs(alphas[0].astype(int) - alphas[60]).mean() > 3
    nobody = np.max(alphas, axis=0) == 0
    assert nobody.mean() > 0.3
    assert np.ptp(np.stack(frames)[:, nobody], axis=0).max() == 0


def test_the_movement_is_smooth():
    camera = demo()
    middles = []
    for _ in range(120):
        camera.read()
        middles.append(np.flatnonzero(camera.known_alpha()[60] > 127).mean())
    assert np.ptp(middles) > 5
    assert np.abs(np.diff(middles)).max() < 2


def test_the_movement_begins_again_after_forty_seconds_without_a_jump():
    camera = demo(160, 90, fps=1)
    first = camera.read()
    for _ in range(39):
        camera.read()
    again = camera.read()
    assert np.abs(first.astype(int) - again).max() <= 2


def test_the_known_alpha_covers_the_person_and_nothing_else():
    camera = demo()
    seen = np.zeros((180, 320), bool)
    for _ in range(30):
        frame = camera.read()
        alpha = camera.known_alpha()
        orange = (frame[..., 2] > 180) & (frame[..., 1] < 110) & (frame[..., 0] < 70)
        assert alpha[orange].min() > 127
        seen |= orange
    assert seen.sum() > 1000, "her orange suit is what this test looks for"


def test_she_reaches_the_lower_edge_of_the_frame_and_never_shows_what_is_below_her_seat():
    camera = demo(640, 360, fps=3)
    for _ in range(120):
        camera.read()
        row = camera.known_alpha()[-1]
        inside = np.flatnonzero(row > 127)
        assert len(inside) > 100
        assert row[inside[0] : inside[-1] + 1].min() > 127, "one piece: no helmet cut out of her"


def test_a_paced_camera_keeps_its_rate():
    camera = DemoCamera(160, 90, 50)
    camera.read()
    start = time.monotonic()
    for _ in range(25):
        camera.read()
    assert time.monotonic() - start > 0.4  # no faster; how much slower a busy computer makes it is not said


def test_closing_wakes_a_read_that_waits():
    camera = DemoCamera(160, 90, 0.1)
    camera.read()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(CameraError):
            camera.read()
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    camera.close()
    assert ended.wait(LONG)


@pytest.fixture
def one_thread():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # so that all of the work is on the thread whose time is taken
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("one_thread")
def test_a_720p_frame_costs_less_than_moving_a_whole_one_would():
    """Both are measured in turn, so that whatever else this computer does, it does to both."""
    camera = DemoCamera(1280, 720, 30, paced=False)
    frame = camera.read()
    moved = np.array([[1.0, 0.1, 3.0], [0.0, 1.0, 2.0]])
    costs, others = [], []
    for _ in range(40):
        for taken, what in (
            (costs, camera.read),
            (others, lambda: cv2.warpAffine(frame, moved, (1280, 720), flags=cv2.INTER_LINEAR)),
        ):
            start = time.thread_time()
            what()
            taken.append(time.thread_time() - start)
    assert np.median(costs) < np.median(others)
