"""What reads pictures and videos takes no more memory than it needs, and lets the program end at any moment."""

import subprocess
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import Picture
from backdrop.backdrops.video import Video
from backdrop.frames.pixel_format import PixelFormat
from sinet_core import MatteOptions
from sinet_core.matting.async_segmenter import AsyncSegmenter
from sinet_core.matting.person_segmenter import PersonSegmenter, SegmentationResult
from tests.line_ends import LONG
from tests.videos import greys, write_video

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux to tell its memory"
)


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("kind", [Picture, Video])
def test_a_backdrop_that_cannot_be_read_keeps_no_frame_that_it_was_asked_for(tmp_path, kind):
    backdrop = kind(tmp_path / "nowhere.mp4")
    backdrop.begin()
    assert backdrop.wait(LONG)
    frames = []
    for _ in range(5):
        frame = np.zeros((90, 160, 3), np.uint8)
        frames.append(weakref.ref(frame))
        with suppress(BackdropError):
            backdrop.render(frame, None)
        del frame
    assert [frame() for frame in frames] == [None] * 5


def test_a_network_that_fails_keeps_no_more_than_one_frame_that_went_by():
    class Failing(PersonSegmenter):
        def __init__(self) -> None:
            pass

        def __call__(self, *_: object) -> SegmentationResult:
            raise RuntimeError("as if")

        def reset(self) -> None:
            pass

    lookout = AsyncSegmenter(Failing())
    pixels = np.zeros((90, 160, 3), np.uint8)
    lookout.submit((pixels, pixels, 0.0, MatteOptions()))
    passed = []

    def ask() -> None:
        passing = np.zeros((90, 160, 3), np.uint8)
        passed.append(weakref.ref(passing))
        lookout.newest()

    failed, until = 0, time.monotonic() + LONG
    while failed < 50:
        assert time.monotonic() < until
        try:
            ask()
        except RuntimeError:
            failed += 1
    assert lookout.close(20)
    assert sum(each() is not None for each in passed) <= 1


GROWS = """
import re, sys
import numpy as np
from pathlib import Path
from backdrop.backdrops.video import Video
from backdrop.frames.pixel_format import PixelFormat
def most():  # megabytes of memory so far; getrusage() also counts those of the program that started this one
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
path, width, height = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
video = Video(Path(sys.argv[4]))
for index in range(5):
    video.render(np.zeros((720, 1280, 3), "u1"), None, captured_at=index / 25)  # all that is loaded once
video.close()
before = most()
video = Video(path)
for index in range(15):
    shown = video.render(np.zeros((height, width, 3), "u1"), None, pixel_format=PixelFormat.I420, captured_at=index / 25)
print(most() - before)
"""


@needs_proc
@pytest.mark.parametrize("shape", [(16, 4096), (2048, 16)])
def test_a_long_and_thin_video_becomes_no_huge_one_before_it_is_cut(tmp_path, shape):
    thin = write_video(
        tmp_path / "thin.mp4", [np.full((*shape, 3), 9 * index, np.uint8) for index in range(10)]
    )
    usual = write_video(tmp_path / "usual.mp4", greys(10, 1280, 720))
    ended = _run(GROWS, thin, 1280, 720, usual)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 60, "megabytes; 1100 where it is scaled as a whole"


ENDS = """
import random, sys, time
from pathlib import Path
from backdrop.backdrops.picture import Picture
from backdrop.backdrops.video import Video
kind = Video if sys.argv[1].endswith(".mp4") else Picture
readers = [kind(Path(sys.argv[1])) for _ in range(4)]
for each in readers:
    each.begin()
time.sleep(random.uniform(0, 0.15))
"""


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_a_program_can_end_while_pictures_and_videos_are_read(tmp_path, name):
    if name == "a.png":
        noise = np.random.default_rng(0).integers(0, 255, (2000, 2000, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / name, compress_level=1)
    else:
        write_video(tmp_path / name, greys(30, 1280, 720))
    for _ in range(6):
        ended = _run(ENDS, tmp_path / name)
        assert (ended.returncode, ended.stderr) == (0, "")


STUCK = """
import threading, time
from backdrop.files import loading
loading.AT_EXIT = 0.2
thread = loading.start("stuck", threading.Event().wait)
begun = time.monotonic()
assert not loading.wait_for_all(0.1)
assert time.monotonic() - begun < 5
assert loading.ending()
later = []
loading.start("too late", lambda: later.append(1)).join()
assert later == []
"""


def test_a_folder_that_never_answers_keeps_no_program_from_ending():
    ended = _run(STUCK)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["picture", "video"])
def test_a_backdrop_that_is_closed_has_no_thread(tmp_path, kind):
    if kind == "picture":
        Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
        backdrop: Picture | Video = Picture(tmp_path / "a.png")
    else:
        backdrop = Video(write_video(tmp_path / "a.mp4", greys(10)))
    backdrop.begin()
    assert backdrop.wait(LONG)
    assert backdrop.close(20)
    assert backdrop._thread is not None
    assert not backdrop._thread.is_alive()


def test_after_a_change_of_size_what_waits_is_made_ready_away_from_the_line(tmp_path):
    video = Video(write_video(tmp_path / "a.mp4", greys(10)))
    video.begin()
    assert video.wait(LONG)
    video.render(np.zeros((90, 160, 3), np.uint8), None, captured_at=0.0)
    video.render(np.zeros((180, 320, 3), np.uint8), None, captured_at=0.0)

    def ready() -> bool:
        return len(video._shots) > 4 and all(
            each.layout == (320, 180, PixelFormat.BGR) for each in video._shots
        )

    until = time.monotonic() + LONG
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)
    video.close()
