import os
import subprocess
import sys

import av
import numpy as np
import pytest

from backdrop.cameras.demo import DemoCamera
from backdrop.cameras.video_file import VideoFile
from tests.videos import greys, write_video


def convert(*arguments, cwd):
    command = [sys.executable, "-m", "backdrop", "video", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, env=dict(os.environ))


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


def test_a_video_is_not_written_over_itself(here, tmp_path):
    path = write_video(tmp_path / "in.mp4", greys(5))
    before = path.read_bytes()
    ended = here("video", "in.mp4", tmp_path / "in.mp4")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "both input and output" in ended.stderr
    assert path.read_bytes() == before


def test_what_is_no_video_is_one_line_and_leaves_no_file(here, tmp_path):
    (tmp_path / "in.mp4").write_text("no video")
    ended = here("video", "in.mp4", "out.mp4")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "in.mp4 is not a readable video" in ended.stderr
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("suffix", [".webm", ".mov"])
def test_a_video_for_keying_has_alpha_and_sound_and_nothing_of_the_room(here, tmp_path, suffix):
    frames, alphas = demo_frames(6)
    write_video(tmp_path / "in.mp4", frames, fps=15, sound="aac")
    ended = here("video", "in.mp4", f"out{suffix}", "--backdrop", "transparent")
    assert ended.returncode == 0, ended.stderr
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        video = container.streams.video[0]
        # FFmpeg's own VP9 leaves alpha out; libvpx has it.
        decoder = av.CodecContext.create("libvpx-vp9", "r") if suffix == ".webm" else video.codec_context
        packets = container.demux(video)
        shown = [frame.to_ndarray(format="bgra") for packet in packets for frame in decoder.decode(packet)]
    assert len(shown) == 6
    for pixels, alpha in zip(shown, alphas, strict=True):
        found = pixels[..., 3] > 127
        true = alpha > 127
        assert (found & true).sum() / (found | true).sum() > 0.9
        assert pixels[pixels[..., 3] == 0][:, :3].mean() < 6


def test_a_video_that_cannot_be_transparent_says_so_and_shows_the_key(here, tmp_path):
    write_video(tmp_path / "in.mp4", demo_frames(3)[0], fps=15)
    ended = here("video", "in.mp4", "out.mp4", "--backdrop", "transparent")
    assert ended.returncode == 0, ended.stderr
    assert "out.mp4 can't be transparent, so it shows #00b140" in ended.stderr
    corner = VideoFile(tmp_path / "out.mp4", paced=False).read()[5, 5]
    assert np.abs(corner.astype(int) - (0x40, 0xB1, 0x00)).max() < 12
