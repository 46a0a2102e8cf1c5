"""The programs in examples/ run, and what they write shows the person in front of something else."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.cameras.demo import DemoCamera
from tests.videos import write_video

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FRAMES, FPS = 24, 30


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A video of the demo, its first frame as a picture, and that frame's alpha, (H, W) uint8."""
    folder, camera = tmp_path_factory.mktemp("demo"), DemoCamera(640, 360, FPS, paced=False)
    first, alpha = camera.read(), camera.known_alpha()
    write_video(folder / "demo.mkv", [first, *(camera.read() for _ in range(FRAMES - 1))], fps=FPS)
    cv2.imwrite(str(folder / "first.png"), first)
    return folder, first, alpha


def _run(name: str, *arguments: Path) -> str:
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=EXAMPLES.parent)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def _frames(path: Path) -> list[np.ndarray]:
    video, frames = cv2.VideoCapture(str(path)), []
    while (answer := video.read())[0]:
        frames.append(answer[1])
    return frames


def _change(composite: np.ndarray, frame: np.ndarray, where: np.ndarray) -> float:
    return float(cv2.absdiff(composite, frame)[where].mean())


def test_a_photo_keeps_the_person_sharp_and_blurs_the_room(demo, tmp_path):
    folder, frame, alpha = demo
    _run("photo", folder / "first.png", tmp_path / "out.png")
    out = cv2.imread(str(tmp_path / "out.png"))
    inside = cv2.erode(alpha, np.ones((9, 9), np.uint8)) == 255
    assert _change(out, frame, inside) < 2
    assert (
        cv2.Laplacian(out, cv2.CV_32F)[alpha == 0].std()
        < 0.5 * cv2.Laplacian(frame, cv2.CV_32F)[alpha == 0].std()
    )


def test_a_video_gets_a_picture_behind_the_person(demo, tmp_path):
    folder, frame, alpha = demo
    picture = np.full((90, 160, 3), (40, 200, 40), np.uint8)
    cv2.imwrite(str(tmp_path / "green.png"), picture)
    said = _run("video", folder / "demo.mkv", tmp_path / "green.png", tmp_path / "out.mkv")
    frames = _frames(tmp_path / "out.mkv")
    assert len(frames) == FRAMES
    assert f"{FRAMES} frames" in said
    away = cv2.dilate(alpha, np.ones((31, 31), np.uint8)) == 0
    assert np.abs(frames[0][away].astype(int) - (40, 200, 40)).mean() < 4
    assert _change(frames[0], frame, cv2.erode(alpha, np.ones((9, 9), np.uint8)) == 255) < 12  # MJPEG


def test_a_webcam_shows_the_person_in_front_of_a_colour_and_never_the_room(demo, tmp_path):
    folder, _, alpha = demo
    said = _run("webcam", folder / "demo.mkv", tmp_path / "out.mkv")
    frames = _frames(tmp_path / "out.mkv")
    assert len(frames) == FRAMES
    inside, away = cv2.erode(alpha, np.ones((61, 61))) == 255, cv2.dilate(alpha, np.ones((61, 61))) == 0
    apart = [np.abs(frame.astype(int) - (122, 91, 59)).mean(axis=2) for frame in frames]
    assert all(far[away].mean() < 6 for far in apart)
    # How many are composites depends on the computer; before the network has answered there is nobody.
    assert sum(far[inside].mean() > 20 for far in apart) == int(said.split()[0])


def test_a_photo_that_is_none_is_named(tmp_path):
    command = [sys.executable, str(EXAMPLES / "photo.py"), "nowhere.jpg", str(tmp_path / "out.png")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=EXAMPLES.parent)
    assert ended.returncode == 1
    assert "nowhere.jpg" in ended.stderr
