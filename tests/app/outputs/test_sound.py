"""Sound stays with the picture, whatever zeros the two count from, and none of it is lost."""

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from backdrop.cameras.base import EndOfVideo
from backdrop.cameras.video_file import VideoFile
from backdrop.outputs.video_writer import VideoWriter

FPS, RATE = 25, 48_000
BANG = 1.0  # seconds after the later of the two begins: a white frame and a tone


def bang(path: Path, codec: str, picture_from: float, sound_from: float, hole: bool = False) -> Path:
    """Write a video whose picture turns white at the moment at which a tone begins. hole: a part of the sound is missing."""
    at = max(picture_from, sound_from) + BANG
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=FPS, options={"crf": "20"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, FPS)
        sound: Any = container.add_stream(codec, rate=RATE, layout="mono")
        packets = []
        for index in range(3 * FPS):
            shown = picture_from + index / FPS
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), 235 if shown >= at - 1e-6 else 16, np.uint8), format="bgr24"
            )
            frame.pts, frame.time_base = round(shown * FPS), Fraction(1, FPS)
            packets += video.encode(frame)
        packets += video.encode()
        heard_at = sound_from + np.arange(3 * RATE) / RATE
        wave = (np.where(heard_at >= at, np.sin(heard_at * 880 * np.pi), 0) * 12_000).astype(np.int16)
        size = 960
        for start in range(0, len(wave) - size, size):
            if hole and 0.2 < start / RATE < 0.7:
                continue
            heard = av.AudioFrame.from_ndarray(wave[None, start : start + size], format="s16", layout="mono")
            heard.sample_rate, heard.pts = RATE, round(sound_from * RATE) + start
            heard.time_base = Fraction(1, RATE)
            packets += sound.encode(heard)
        packets += sound.encode()
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            container.mux(packet)
    return path


def made_from(source: Path, target: Path) -> VideoWriter:
    """What `backdrop video` does, without another backdrop."""
    camera = VideoFile(source, paced=False)
    output = VideoWriter(target, *camera.size, camera.fps, sound_of=source, sound_from=camera.begins)
    try:
        while True:
            pixels = camera.read()
            output.send(pixels, camera.position)
    except EndOfVideo:
        camera.close()
        output.close()
    return output


def flash_and_tone(path: Path) -> tuple[float, float]:
    """When the picture turns white and when the tone begins, in seconds."""
    with av.open(str(path)) as container:
        flash = next(
            frame.time for frame in container.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128
        )
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.nonzero(np.abs(_mono(frame)) > 0.1)[0]
            if len(loud):
                return flash, frame.time + loud[0] / frame.sample_rate
    raise AssertionError("no tone")


def _mono(frame: av.AudioFrame) -> np.ndarray:
    samples = frame.to_ndarray()[0].astype(float)
    return samples if frame.format.name.startswith("flt") else samples / 32768


ZEROS = [(0, 0), (10, 10), (10, 8.4), (8.4, 10), (2, 1.96)]  # from where picture and sound count, in seconds
SOURCES = [
    ("a.ts", "aac"),
    ("a.mkv", "aac"),
    ("a.mkv", "libopus"),
    ("a.mp4", "aac"),
    ("a.mkv", "pcm_s16le"),
]


@pytest.mark.parametrize("zeros", ZEROS)
@pytest.mark.parametrize(("name", "codec"), SOURCES)
def test_a_tone_is_heard_when_its_frame_is_shown(tmp_path, name, codec, zeros):
    source = bang(tmp_path / name, codec, *zeros)
    asked, heard = flash_and_tone(source)
    assert heard == pytest.approx(asked, abs=0.05), "the test's own file"
    # Each kind of file with every pair of zeros, and with every source, but not all with all: that takes a minute.
    kinds = ("out.mp4", "out.mkv", "out.webm")
    for target in (kinds[0], kinds[1 + (SOURCES.index((name, codec)) + ZEROS.index(zeros)) % 2]):
        output = made_from(source, tmp_path / target)
        assert output.damaged == output.lost_sounds == 0
        flash, tone = flash_and_tone(tmp_path / target)
        assert tone == pytest.approx(flash, abs=0.05), target
        lead = max(0, zeros[0] - zeros[1])
        assert flash == pytest.approx(
            BANG + max(0, zeros[1] - zeros[0]) + (lead if lead > 0.1 else 0), abs=0.06
        )


@pytest.mark.parametrize("target", ["out.mp4", "out.webm"])
@pytest.mark.parametrize("codec", ["pcm_s16le", "aac"])
def test_a_hole_in_the_sound_moves_nothing_behind_it(tmp_path, codec, target):
    source = bang(tmp_path / "a.mkv", codec, 3, 3, hole=True)
    made_from(source, tmp_path / target)
    flash, tone = flash_and_tone(tmp_path / target)
    assert tone == pytest.approx(flash, abs=0.05)


def cut(path: Path, *seconds: float) -> Path:
    """Leave out the beginning of the picture and of the sound of an .mp4 by their edit lists: the data stay as they are."""
    data, at = bytearray(path.read_bytes()), 0
    for some in seconds:
        at = data.index(b"elst", at)
        _name, edits, length, begins = struct.unpack_from(">8sIIi", data, at)
        (scale,) = struct.unpack_from(">I", data, at := data.index(b"mdhd", at) + 16)
        assert edits == 1, "the test's own file"
        struct.pack_into(
            ">Ii",
            data,
            data.rindex(b"elst", 0, at) + 12,
            length - round(some * 1000),
            begins + round(some * scale),
        )
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("cuts", [(0.48, 0.48), (0.6, 0.0), (0.0, 0.6), (0.2, 0.71)])
@pytest.mark.parametrize("target", ["out.mp4", "out.webm"])
def test_what_an_edit_list_leaves_out_stays_out_and_sound_and_picture_keep_step(tmp_path, cuts, target):
    source = cut(bang(tmp_path / "a.mp4", "aac", 0, 0), *cuts)
    asked, heard = flash_and_tone(source)
    assert (asked, heard) == pytest.approx([BANG - some for some in cuts], abs=0.05), "the test's own file"
    output = made_from(source, tmp_path / target)
    assert output.damaged == output.lost_sounds == 0
    assert flash_and_tone(tmp_path / target) == pytest.approx((asked, heard), abs=0.05)
