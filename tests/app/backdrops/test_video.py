"""Videos as backdrops, with real small files."""

import time
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from backdrop.backdrops import video as video_backdrop
from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.choose import chosen_backdrop
from backdrop.backdrops.picture import Picture
from backdrop.backdrops.video import Video, is_video, still_of
from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from tests.line_ends import LONG
from tests.secret_room import DiscFinder, leaked, round_the_person, secret_frame
from tests.videos import greys, numbers, write_video

FRAME = np.zeros((90, 160, 3), np.uint8)


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """Ten frames a second for a second, each a grey of its own."""
    return write_video(tmp_path / "ten.mp4", greys(10), fps=10)


def assert_ended(started):
    """The thread ends, as there is nothing more for it to do."""
    for thread in started("video backdrop"):
        thread.join(LONG)
        assert not thread.is_alive()


@pytest.mark.parametrize(("fps", "seconds"), [(10, 1.0), (30, 1.0), (4, 1.0)])
def test_it_goes_on_at_its_own_speed_whatever_the_cameras(ten, fps, seconds):
    video = Video(ten)
    shown = numbers(
        [video.render(FRAME, None, captured_at=7 + index / fps) for index in range(int(fps * seconds))]
    )
    assert shown == [int(index / fps * 10 + 1e-3) for index in range(int(fps * seconds))]


def test_it_loops_without_a_frame_too_many_or_too_few(ten):
    video = Video(ten)
    shown = numbers([video.render(FRAME, None, captured_at=index / 10) for index in range(35)])
    assert shown == [index % 10 for index in range(35)]


@pytest.mark.parametrize("pixel_format", PixelFormat)
@pytest.mark.parametrize("size", [(90, 160), (200, 120), (720, 1280)])
def test_it_covers_the_frame_in_either_layout_and_changes_with_it(ten, size, pixel_format):
    video = Video(ten)
    video.render(FRAME, None)
    shown = video.render(np.zeros((*size, 3), np.uint8), None, pixel_format=pixel_format)
    assert i420.size_of(shown) == size[::-1]
    assert PixelFormat.of(shown) is pixel_format
    assert not shown.flags.writeable
    assert numbers([i420.to_bgr(shown) if pixel_format is PixelFormat.I420 else shown]) == [0]


def test_a_frame_that_stays_is_the_same_array(ten):
    video = Video(ten)
    assert video.render(FRAME, None, captured_at=0.0) is video.render(FRAME, None, captured_at=0.01)


def test_a_circle_stays_a_circle(tmp_path):
    frame = cv2.circle(np.zeros((120, 320, 3), np.uint8), (160, 60), 40, (255, 255, 255), -1)
    shown = Video(write_video(tmp_path / "wide.mp4", [frame] * 3)).render(
        np.zeros((240, 240, 3), np.uint8), None
    )
    rows, columns = np.nonzero(shown[..., 0] > 127)
    assert abs(np.ptp(rows) - 160) < 5
    assert abs(np.ptp(columns) - 160) < 5


def test_a_live_line_never_waits_and_goes_on_when_the_file_is_open(ten, started):
    video = Video(ten)
    video.begin()
    assert video.wait(LONG)
    assert numbers([video.render(FRAME, None, captured_at=3.0)]) == [0]
    latest, at = 0, 3.0
    while latest < 25:  # frames, over two loops
        at += 0.05
        video.render(FRAME, None, captured_at=at)
        latest = int((at - 3.0) * 10)
    assert len(started("video backdrop")) == 1


def test_nobody_who_looks_means_no_thread_and_the_next_look_goes_on_from_there(ten, monkeypatch, started):
    monkeypatch.setattr(video_backdrop, "IDLE", 0.05)
    video = Video(ten)
    assert numbers([video.render(FRAME, None, captured_at=index / 10) for index in range(6)])[-1] == 5
    assert_ended(started)
    # An hour has passed for the camera, and no time for the video.
    assert numbers([video.render(FRAME, None, captured_at=3600 + index / 10) for index in range(8)]) == [
        5,
        6,
        7,
        8,
        9,
        0,
        1,
        2,
    ]


def test_a_picture_that_moves_moves(tmp_path):
    path = tmp_path / "moves.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for index, pixels in enumerate(
            [np.zeros((48, 64, 3), np.uint8), np.full((48, 64, 3), 255, np.uint8)]
        ):
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="rgb8")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    video = Video(path)
    shown = [float(video.render(FRAME, None, captured_at=index / 10).mean()) > 127 for index in range(4)]
    assert shown == [False, True, False, True]


def test_a_video_of_one_frame_is_a_picture(tmp_path, started):
    video = Video(write_video(tmp_path / "one.mp4", greys(1)))
    shown = [video.render(FRAME, None, captured_at=index / 3) for index in range(9)]
    assert all(each is shown[0] for each in shown)
    assert_ended(started)


def _bad_videos(folder: Path) -> dict[str, Path]:
    whole = write_video(folder / "whole.mp4", greys(10)).read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 3])
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mkv").write_text("This is no video.")
    (folder / "folder.mp4").mkdir()
    header = b"GIF89a" + (60_000).to_bytes(2, "little") * 2 + b"\0\0\0" + b";"
    (folder / "bomb.gif").write_bytes(header)
    names = ["cut.mp4", "empty.mp4", "text.mkv", "folder.mp4", "bomb.gif", "nowhere.mp4"]
    return {name: folder / name for name in names}


@pytest.mark.parametrize(
    "name", ["cut.mp4", "empty.mp4", "text.mkv", "folder.mp4", "bomb.gif", "nowhere.mp4"]
)
def test_a_video_that_is_none_is_one_sentence_with_what_to_do(tmp_path, name):
    path = _bad_videos(tmp_path)[name]
    for act in (lambda: Video(path).render(FRAME, None), lambda: still_of(path, 160, 90)):
        with pytest.raises(BackdropError) as refused:
            act()
        assert name in str(refused.value)
        assert "choose" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_video_that_is_cut_off_loops_where_it_breaks(tmp_path):
    path = write_video(
        tmp_path / "whole.mkv", [np.full((48, 64, 3), 20 + index, np.uint8) for index in range(100)]
    )
    path.write_bytes(path.read_bytes()[:-600])
    video = Video(path)
    shown = [float(video.render(FRAME, None, captured_at=index / 25 + 1e-3).mean()) for index in range(200)]
    assert shown[0] == pytest.approx(20, abs=2)
    assert max(shown) > 50
    assert sum(after < before - 20 for before, after in pairwise(shown)) in (1, 2)


def test_a_video_that_comes_later_is_found_later(tmp_path, monkeypatch, started):
    monkeypatch.setattr(video_backdrop, "AGAIN", 0.0)
    video = Video(tmp_path / "later.mp4")
    video.begin()
    assert video.wait(LONG)
    with pytest.raises(BackdropError, match=r"later\.mp4"):
        video.render(FRAME, None)
    write_video(tmp_path / "later.mp4", greys(3))
    assert_ended(started)
    video.begin()
    end = time.monotonic() + LONG
    while True:
        try:
            assert numbers([video.render(FRAME, None)]) == [0]
            break
        except BackdropError:
            assert time.monotonic() < end, "it was not found"
            time.sleep(0.05)


def test_a_still_for_the_gallery_is_from_a_second_into_it(tmp_path):
    path = write_video(tmp_path / "long.mp4", greys(20), fps=10)
    assert numbers([still_of(path, 160, 90)]) == [10]
    assert numbers([still_of(write_video(tmp_path / "short.mp4", greys(3), fps=10), 160, 90)]) == [2]


def test_the_file_tells_whether_it_moves():
    assert isinstance(chosen_backdrop(Settings(backdrop="picture", picture="/x/sea.MP4")), Video)
    assert isinstance(chosen_backdrop(Settings(backdrop="picture", picture="/x/sea.jpg")), Picture)
    assert is_video(Path("a.webm"))
    assert not is_video(Path("a"))


def test_the_line_shows_it_and_no_room(tmp_path):
    path = write_video(tmp_path / "sea.mp4", [np.full((90, 160, 3), (60, 40, 20), np.uint8)] * 5)
    pipeline = Pipeline(DiscFinder(), live=False)
    for index in range(12):
        frame = Frame(secret_frame(seed=index), index, index / 30)
        result = pipeline.process(frame, Settings(backdrop="picture", picture=str(path)))
        assert result.notice is None
        assert leaked(result.pixels, round_the_person(320, 180)) == 0


def test_a_live_line_keeps_the_card_until_there_is_a_frame_and_says_what_is_wrong(tmp_path):
    pipeline = Pipeline(DiscFinder())
    wanted = Settings(backdrop="picture", picture=str(tmp_path / "gone.mp4"))
    index, end = 0, time.monotonic() + LONG
    while True:
        result = pipeline.process(Frame(secret_frame(seed=index), index, index / 30), wanted)
        assert result.alpha is None
        assert leaked(result.pixels) == 0
        if "gone.mp4" in (result.notice or ""):
            return
        assert time.monotonic() < end, "nothing was said"
        time.sleep(0.01)
        index += 1
