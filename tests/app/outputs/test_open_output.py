import itertools
import sys
import time

import av
import cv2
import numpy as np
import pytest

from backdrop.cameras.video_file import VideoFile
from backdrop.outputs.base import NullOutput, Output, OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.video_writer import VideoWriter
from backdrop.outputs.virtual_camera import VirtualCamera
from backdrop.system import v4l2
from tests.videos import greys, numbers, read_all, write_video

no_loopback = pytest.mark.skipif(
    not sys.platform.startswith("linux") or any(each.loopback for each in v4l2.devices()),
    reason="the camera VM tests what there is where there is a virtual camera",
)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".MP4"])
def test_every_composite_is_in_the_file_in_order(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    output: Output = VideoWriter(path, 64, 48, 25)
    for frame in greys(30):
        output.send(frame)
    output.close()
    frames, times = read_all(VideoFile(path, paced=False))
    assert numbers(frames) == list(range(30))
    assert times == pytest.approx([index / 25 for index in range(30)], abs=0.001)


def test_the_file_says_its_rate_length_codec_and_colours(tmp_path):
    output = VideoWriter(tmp_path / "a.mp4", 64, 48, 30)
    for frame in greys(30):
        output.send(frame)
    output.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p", "what every player plays"
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (6, 1)
        assert (stream.frames, stream.average_rate) == (30, 30)
        assert container.duration == pytest.approx(1_000_000, abs=1000)


def test_another_reader_sees_the_colours_that_were_sent(tmp_path):
    sent = np.zeros((720, 1280, 3), np.uint8)
    colours = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255), (0, 0, 0), (60, 120, 200)]
    for index, colour in enumerate(colours):
        sent[:, index * 200 : index * 200 + 200] = colour
    output = VideoWriter(tmp_path / "a.mp4", 1280, 720, 30)
    output.send(sent)
    output.close()
    came, seen = cv2.VideoCapture(str(tmp_path / "a.mp4")).read()
    assert came
    for index, colour in enumerate(colours):
        assert np.abs(seen[360, index * 200 + 100].astype(int) - colour).max() <= 6


def test_an_odd_size_loses_its_last_row_and_column(tmp_path):
    output = VideoWriter(tmp_path / "a.mp4", 65, 49, 25)
    output.send(np.full((49, 65, 3), 90, np.uint8))
    output.close()
    frames, _ = read_all(VideoFile(tmp_path / "a.mp4", paced=False))
    assert frames[0].shape == (48, 64, 3)


def test_a_live_file_keeps_the_time_at_which_composites_were_sent(tmp_path):
    output = open_output(str(tmp_path / "a.mp4"), 64, 48, 30)
    before, after = [], []
    for pause in (0.0, 0.3, 0.05):
        time.sleep(pause)
        before.append(time.monotonic())
        output.send(greys(1)[0])
        after.append(time.monotonic())
    output.close()
    _, times = read_all(VideoFile(tmp_path / "a.mp4", paced=False))
    assert times[0] == 0
    for index in (1, 2):  # each between the moments round its sending, to a frame of 30 a second
        assert before[index] - after[0] - 1 / 30 < times[index] < after[index] - before[0] + 1 / 30


@pytest.mark.parametrize(
    ("source", "codec", "kept"), [("a.mp4", "aac", "aac"), ("a.mkv", "pcm_s16le", "aac")]
)
def test_the_sound_of_the_source_is_kept(tmp_path, source, codec, kept):
    path = write_video(tmp_path / source, greys(30), fps=15, sound=codec)
    output = VideoWriter(tmp_path / "out.mp4", 64, 48, 15, sound_of=path)
    for index, frame in enumerate(greys(30)):
        output.send(frame, index / 15)
    output.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        track = container.streams.audio[0]
        assert track.codec_context.name == kept
        wave = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        assert len(wave) / track.codec_context.sample_rate == pytest.approx(2, abs=0.1)
        loudest = np.abs(np.fft.rfft(wave)).argmax() * track.codec_context.sample_rate / len(wave)
        assert loudest == pytest.approx(440, abs=3)
    assert len(read_all(VideoFile(tmp_path / "out.mp4", paced=False))[0]) == 30


def test_sound_and_picture_lie_beside_each_other_in_the_file(tmp_path):
    path = write_video(tmp_path / "a.mp4", greys(30), fps=15, sound="aac")
    output = VideoWriter(tmp_path / "out.mkv", 64, 48, 15, sound_of=path)
    for index, frame in enumerate(greys(30)):
        output.send(frame, index / 15)
    output.close()
    with av.open(str(tmp_path / "out.mkv")) as container:
        kinds = [packet.stream.type for packet in container.demux() if packet.dts is not None]
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    assert changes > 20


def test_a_source_without_sound_gives_a_file_without_sound(tmp_path):
    path = write_video(tmp_path / "a.mp4", greys(5))
    output = VideoWriter(tmp_path / "out.mp4", 64, 48, 25, sound_of=path)
    output.send(greys(1)[0])
    output.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing/a.mp4", r"a\.mp4 cannot be written: No such file or directory\.$"),
        ("folder.mp4", r"folder\.mp4 cannot be written: "),
        ("a.gif", r"a\.gif is not a video file name: it must end in \.mp4 or \.mov or \.mkv\.$"),
    ],
)
def test_a_file_that_cannot_be_written_is_named_in_one_sentence(tmp_path, name, says):
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match=says):
        open_output(str(tmp_path / name), 64, 48, 25)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is there")
def test_a_full_disk_is_an_output_error(tmp_path):
    (tmp_path / "full.mkv").symlink_to("/dev/full")
    with pytest.raises(
        OutputError, match=r"full\.mkv cannot be (written|finished): No space left on device\.$"
    ):
        fill(tmp_path / "full.mkv")


def fill(path):
    random = np.random.default_rng(1)
    output = VideoWriter(path, 640, 480, 25)
    try:
        for _ in range(60):
            output.send(random.integers(0, 255, (480, 640, 3), np.uint8))
    finally:
        output.close()


def test_closing_twice_is_harmless_and_sending_after_it_an_error(tmp_path):
    output = VideoWriter(tmp_path / "a.mp4", 64, 48, 25)
    output.close()
    output.close()
    with pytest.raises(OutputError, match="closed"):
        output.send(greys(1)[0])


def test_null_takes_everything():
    output = open_output("null", 64, 48, 25)
    assert isinstance(output, NullOutput)
    output.send(greys(1)[0])
    output.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a virtual camera has a name")
def test_a_name_that_is_neither_device_nor_video_is_said_to_be_neither():
    with pytest.raises(OutputError, match=r"^out is neither a device nor a video file: "):
        open_output("out", 64, 48, 25)


@no_loopback
def test_a_number_is_a_device():
    with pytest.raises(OutputError, match=r"^There is no virtual camera /dev/video10: "):
        open_output("10", 64, 48, 25)


@no_loopback
@pytest.mark.parametrize("device", ["", "/dev/video10"])
def test_without_a_loopback_device_one_sentence_says_what_to_install(device):
    with pytest.raises(OutputError) as raised:
        open_output(device, 64, 48, 25)
    assert str(raised.value) == (
        f"There is no virtual camera{' ' + device if device else ''}: run `backdrop setup`, or choose the output "
        "pipewire, which needs no driver."
    )


@pytest.mark.parametrize(
    ("platform", "says"), [("win32", "winget install OBSProject"), ("darwin", "brew install --cask obs")]
)
def test_on_other_platforms_the_sentence_names_what_serves_there(monkeypatch, platform, says):
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(OutputError, match=says):
        VirtualCamera(64, 48, 25, "No such camera")
