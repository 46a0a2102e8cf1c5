import os
import subprocess
import sys

import av
import numpy as np

from app.demo_camera import DemoCamera
from app.video_file import VideoFile
from tests.videos import greys, write_video


def convert(*arguments, cwd):
    command = [sys.executable, "-m", "app", "video", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=90, env=dict(os.environ))


def demo_frames(count, width=320, height=180):
    camera = DemoCamera(width, height, 15, paced=False)
    frames, alphas = [], []
    for _ in range(count):
        frames.append(camera.read())
        alphas.append(camera.known_alpha())
    return frames, alphas


def test_a_video_gets_another_backdrop_and_keeps_its_frames_its_times_and_its_sound(tmp_path):
    frames, alphas = demo_frames(30)
    times = [*range(20), *range(25, 35)]  # a telephone's video has gaps
    write_video(tmp_path / "in.mp4", frames, fps=15, sound="aac", times=times)
    ended = convert("in.mp4", "out.mp4", "--backdrop", "#00ff00", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("30 frames in ")
    video = VideoFile(tmp_path / "out.mp4", paced=False)
    shown = []
    for frame, alpha in zip(frames, alphas, strict=True):
        composite = video.read()
        shown.append(round(video.position * 15))
        green = np.abs(composite.astype(int) - (0, 255, 0)).max(axis=2) < 40
        kept = np.abs(composite.astype(int) - frame).max(axis=2) < 40
        assert green[alpha == 0].mean() > 0.9, "the room is gone"
        assert kept[alpha == 255].mean() > 0.9, "the person is there"
    assert shown == times
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"


def test_a_video_is_not_written_over_itself(tmp_path):
    path = write_video(tmp_path / "in.mp4", greys(5))
    before = path.read_bytes()
    ended = convert("in.mp4", tmp_path / "in.mp4", cwd=tmp_path)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "over itself" in ended.stderr
    assert path.read_bytes() == before


def test_what_is_no_video_is_one_line_and_leaves_no_file(tmp_path):
    (tmp_path / "in.mp4").write_text("no video")
    ended = convert("in.mp4", "out.mp4", cwd=tmp_path)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "in.mp4 is not a video" in ended.stderr
    assert not (tmp_path / "out.mp4").exists()
