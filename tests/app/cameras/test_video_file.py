import gc
import time
import weakref

import numpy as np
import pytest

from backdrop.cameras.base import CameraError
from backdrop.cameras.video_file import VideoFile
from tests.videos import greys, numbers, read_all, write_video


def test_every_frame_comes_once_and_in_order(tmp_path):
    camera = VideoFile(write_video(tmp_path / "a.mp4", greys(30)), paced=False)
    assert (camera.size, camera.fps, camera.frames) == ((64, 48), 25, 30)
    frames, times = read_all(camera)
    assert numbers(frames) == list(range(30))
    assert times == pytest.approx([index / 25 for index in range(30)])


def test_a_video_without_a_constant_rate_tells_when_each_frame_is_shown(tmp_path):
    shown = [0, 1, 2, 10, 11, 30]
    camera = VideoFile(write_video(tmp_path / "a.mp4", greys(6), times=shown), paced=False)
    _, times = read_all(camera)
    assert times == pytest.approx([each / 25 for each in shown], abs=0.001)


def test_a_paced_file_takes_the_time_it_lasts(tmp_path):
    camera = VideoFile(write_video(tmp_path / "a.mp4", greys(26)))
    start = time.monotonic()
    read_all(camera)
    assert time.monotonic() - start > 0.9  # no faster; how much slower a busy computer makes it is not said


def test_colours_are_those_that_were_filmed(tmp_path):
    filmed = np.zeros((48, 64, 3), np.uint8)
    filmed[:, :32], filmed[:, 32:] = (30, 60, 200), (200, 120, 40)
    camera = VideoFile(write_video(tmp_path / "a.mp4", [filmed]), paced=False)
    seen = camera.read()
    camera.close()
    assert np.abs(seen[10, 10].astype(int) - filmed[10, 10]).max() < 8
    assert np.abs(seen[10, 50].astype(int) - filmed[10, 50]).max() < 8


@pytest.mark.parametrize("kind", ["text", "empty", "missing", "cut off", "sound only", "folder"])
def test_a_file_that_is_no_video_is_named_in_one_sentence(tmp_path, kind):
    path = tmp_path / "broken.mp4"
    if kind == "text":
        path.write_text("no video\n" * 100)
    elif kind == "empty":
        path.touch()
    elif kind == "cut off":
        path.write_bytes(write_video(tmp_path / "whole.mp4", greys(20)).read_bytes()[:600])
    elif kind == "sound only":
        write_sound(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(CameraError, match=r"broken\.mp4 .*choose another file\.$"):
        VideoFile(path)


def write_sound(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
        quiet.sample_rate = 44100
        container.mux(stream.encode(quiet))
        container.mux(stream.encode())


def test_a_video_that_is_damaged_in_its_middle_still_ends(tmp_path):
    whole = write_video(tmp_path / "a.mkv", greys(30)).read_bytes()
    path = tmp_path / "b.mkv"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    frames, _ = read_all(VideoFile(path, paced=False))
    assert 1 <= len(frames) <= 30
    assert numbers(frames[:3]) == [0, 1, 2]


def test_reading_after_closing_is_an_error(tmp_path):
    camera = VideoFile(write_video(tmp_path / "a.mp4", greys(5)))
    camera.close()
    camera.close()
    with pytest.raises(CameraError, match="closed"):
        camera.read()


def test_a_closed_video_gives_its_decoder_back_without_the_garbage_collector(tmp_path):
    camera = VideoFile(write_video(tmp_path / "a.mp4", greys(5)), paced=False)
    camera.read()  # and so in the middle of decoding
    gone = weakref.ref(camera)
    gc.disable()
    try:
        camera.close()
        del camera
        assert gone() is None
    finally:
        gc.enable()
