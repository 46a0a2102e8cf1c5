"""A recording that ends badly plays as far as it goes: the program was killed, or the disk was full."""

import random
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from backdrop.outputs.base import OutputError
from backdrop.outputs.video_writer import VideoWriter
from tests.videos import write_video

# Says after each frame how far it is, so that the test knows what should be in the file.
RECORD = """
import sys, time, numpy as np
from backdrop.outputs.open import open_output
from backdrop.outputs.video_writer import VideoWriter
path, how, fps = sys.argv[1], sys.argv[2], float(sys.argv[3])
rate = fps if how == "as fast as it goes" else 25
output = VideoWriter(path, 320, 180, rate, live=how == "live", transparent=how == "transparent")
room = np.random.default_rng(0).integers(0, 255, (180, 320, 4 if output.transparent else 3), np.uint8)
begun = time.monotonic()
for index in range(10_000):
    if how == "live":
        time.sleep(max(0, begun + index / fps - time.monotonic()))
    output.send(np.roll(room, index, axis=1))
    print(time.monotonic() - begun if how == "live" else index / rate, flush=True)
"""


def killed(path: Path, how: str, fps: float, at: float) -> tuple[float, int]:
    """Record into path, and kill that when it is so many seconds into the video. Returns how far it was and its exit status."""
    command = [sys.executable, "-c", RECORD, str(path), how, str(fps)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        while float(until := recorder.stdout.readline()) < at:
            pass
        recorder.kill()
        told = [until, *recorder.stdout.read().split()]
    return float(told[-1]), recorder.returncode


def plays_until(path: Path) -> float:
    """Decode a file as far as it goes. Returns the time of its last frame; -1 where there is none."""
    last = -1.0
    with av.open(str(path)) as container:
        packets = list(container.demux(video=0))
        for packet in packets:
            try:
                frames = packet.decode()
            except av.FFmpegError:
                assert packet in packets[-2:], "only the last packet may be a part of one"
                continue
            for frame in frames:
                assert frame.time > last
                last = frame.time
    return last


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize("fps", [25, 3])
def test_a_live_recording_that_is_killed_plays_up_to_its_last_second(tmp_path, suffix, fps):
    path = tmp_path / f"a{suffix}"
    until, status = killed(path, "live", fps, random.uniform(1.5, 3.5))
    assert status == -signal.SIGKILL
    assert plays_until(path) > until - 1.0, f"killed after {until} s"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_video_that_is_made_from_another_plays_when_that_is_killed(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    until, status = killed(path, "as fast as it goes", 25, 8)
    assert status == -signal.SIGKILL
    # The codec looks at some frames more before it writes one.
    assert plays_until(path) > until - 3.0


def test_a_transparent_video_plays_when_its_program_is_killed(tmp_path):
    until, status = killed(tmp_path / "a.mov", "transparent", 25, 4)
    assert status == -signal.SIGKILL
    assert plays_until(tmp_path / "a.mov") > until - 1.0


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_a_file_that_was_finished_is_one_piece_with_one_index(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    output = VideoWriter(path, 64, 48, 25, live=True)
    for index in range(100):
        output.send(np.full((48, 64, 3), index, np.uint8), index / 25)
    output.close()
    boxes, at, data = [], 0, path.read_bytes()
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        boxes.append(data[at + 4 : at + 8])
        at += size if size > 1 else int.from_bytes(data[at + 8 : at + 16], "big")
    assert boxes.count(b"moov") == 1
    assert b"moof" not in boxes, "there are players that read no fragments"
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == 100


def test_players_can_jump_to_every_second(tmp_path):
    output = VideoWriter(tmp_path / "a.mp4", 64, 48, 25)
    for index in range(25):  # one and a half a second: a camera in the dark
        output.send(np.full((48, 64, 3), 8 * index, np.uint8), index / 1.5)
    output.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert all(one or other for one, other in pairwise(keys))


@pytest.mark.parametrize("sound", [None, "aac"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
def test_what_fits_on_a_disk_that_is_full_plays(small_disk, tmp_path, suffix, sound):
    noise = np.random.default_rng(1)
    source = write_video(tmp_path / "a.mp4", [np.zeros((48, 64, 3), np.uint8)], sound=sound)
    output = VideoWriter(small_disk / f"a{suffix}", 320, 180, 25, sound_of=source)

    def fill() -> None:
        for _ in range(200):
            output.send(noise.integers(0, 255, (180, 320, 3), np.uint8))

    with pytest.raises(OutputError, match=r"cannot be written: No space left on device\.$"):
        fill()
    output.close()
    # A frame of noise takes 60 kB or so: the codec and the fragment hold back a second or two of them.
    assert plays_until(small_disk / f"a{suffix}") > 0.2


def finished(path: Path, limit: int = 0) -> str:
    """Write a file of which so many bytes fit on the disk; 0: all. Returns what is said."""
    command = [sys.executable, "-c", FINISH, str(path), str(limit)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_disk_that_is_full_while_a_file_is_finished_spoils_nothing(tmp_path, suffix):
    assert finished(tmp_path / f"whole{suffix}") == ""
    size = (tmp_path / f"whole{suffix}").stat().st_size
    for short in (1, 30, 300, 1000, 2500):
        path = tmp_path / f"{short}{suffix}"
        said = finished(path, size - short)
        assert "cannot be" in said
        assert "File too large" in said
        assert plays_until(path) >= 2.4


FINISH = """
import resource, sys, numpy as np
from backdrop.outputs.open import OutputError
from backdrop.outputs.video_writer import VideoWriter
if limit := int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.random.default_rng(0)
output = VideoWriter(sys.argv[1], 64, 48, 25, live=True)
try:
    for index in range(75):
        output.send(noise.integers(0, 255, (48, 64, 3), np.uint8), index / 25)
    output.close()
except OutputError as error:
    print(error)
    output.close()
"""
