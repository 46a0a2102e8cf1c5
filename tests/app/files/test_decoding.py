"""What a video file may hold besides plain frames: damage, other sizes, pixels that are not square, fields, wide colours."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from backdrop.backdrops.video import Video
from backdrop.cameras.video_file import VideoFile
from backdrop.files import decoding, hdr
from tests.app.outputs.test_sound import bang
from tests.videos import greys, read_all, write_video

# Blue, green, red: the corners of the colour cube that a screen shows, greys and skins.
PATCHES = np.array(
    [[255, 255, 255], [0, 0, 0], [128, 128, 128], [30, 60, 200], [200, 120, 40], [140, 172, 224], [50, 60, 90],
     [60, 140, 60], [40, 220, 250], [64, 64, 64], [192, 192, 192], [110, 140, 180]],
    np.uint8,
)  # fmt: skip


def chart(width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8 BGR: the patches, four in a row."""
    return cv2.resize(PATCHES.reshape(3, 4, 3), (width, height), interpolation=cv2.INTER_NEAREST)


def patches_of(pixels: np.ndarray) -> np.ndarray:
    """The middles of the patches in a picture of the chart."""
    height, width = pixels.shape[:2]
    rows, columns = (np.arange(3) * 2 + 1) * height // 6, (np.arange(4) * 2 + 1) * width // 8
    return pixels[np.ix_(rows, columns)].reshape(-1, 3)


def differences(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """CIE 1976 ΔE of colours, (n, 3) uint8 BGR."""
    lab = [cv2.cvtColor(each[None].astype(np.float32) / 255, cv2.COLOR_BGR2Lab)[0] for each in (one, other)]
    return np.linalg.norm(lab[0] - lab[1], axis=1)


def written(path: Path, frames: list[av.VideoFrame], codec: str = "libx264", **options: str) -> Path:
    """Write frames as they are, with what they say of their colours."""
    pixel = Fraction(options.pop("pixel", "1"))
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25, options={"crf": "8"} | options)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, frames[0].format.name
        context = stream.codec_context
        context.sample_aspect_ratio = pixel
        for name in ("colorspace", "color_range", "color_trc", "color_primaries"):
            setattr(context, name, getattr(frames[0], name))
        for index, frame in enumerate(frames):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def damaged(path: Path, packets: list[int]) -> Path:
    """Spoil what these packets of an .mp4 hold."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]
    for index in packets:
        at, size = places[index]
        data[at : at + size] = bytes([0x5A]) * size
    path.write_bytes(data)
    return path


@pytest.fixture
def backdrop_video(here):
    return lambda *arguments: here("video", *arguments, "--backdrop", "#00ff00")


def test_damaged_packets_cost_no_more_than_they_held_and_are_counted(tmp_path):
    frames = [np.full((48, 64, 3), 20 + index, np.uint8) for index in range(120)]
    camera = VideoFile(damaged(write_video(tmp_path / "a.mp4", frames), [40, 41, 70]), paced=False)
    seen, times = read_all(camera)
    assert camera.damaged >= 3
    assert camera.missing == pytest.approx(0, abs=0.05)
    assert len(seen) >= 80
    assert times[-1] == pytest.approx(119 / 25), "what follows keeps its time"


def test_the_command_goes_on_over_damage_says_so_and_exits_with_3(backdrop_video, tmp_path):
    damaged(write_video(tmp_path / "a.mp4", greys(30)), [12])
    ended = backdrop_video("a.mp4", "b.mp4")
    assert ended.returncode == 3
    assert "a.mp4 is damaged in 1 place. That part is missing." in ended.stderr
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert float(container.streams.video[0].duration * container.streams.video[0].time_base) > 1.1


def test_a_video_that_is_cut_off_is_said_to_be_and_exits_with_3(backdrop_video, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (50, 48, 64, 3), np.uint8)
    with av.open(str(tmp_path / "a.mp4"), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        for pixels in noise:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    whole = (tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) // 2])
    ended = backdrop_video("a.mp4", "b.mp4")
    assert ended.returncode == 3
    assert "a.mp4 is incomplete: the last " in ended.stderr


def test_damage_in_the_sound_is_counted_and_the_rest_is_kept(backdrop_video, tmp_path):
    path = bang(tmp_path / "a.mp4", "aac", 0, 0)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    for at, size in places[10:14]:
        data[at : at + size] = bytes([0xFF]) * size
    path.write_bytes(data)
    ended = backdrop_video("a.mp4", "b.webm")  # which it is encoded again for
    assert ended.returncode == 3
    assert "a.mp4 is damaged in " in ended.stderr
    with av.open(str(tmp_path / "b.webm")) as container:
        last = [frame.time for frame in container.decode(audio=0)][-1]
    assert last > 2.7


def test_every_sound_track_is_kept_with_its_language(backdrop_video, tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height = 64, 48
        tracks = [container.add_stream("aac", rate=48_000, layout="mono") for _ in range(2)]
        for track, language in zip(tracks, ("deu", "eng"), strict=True):
            track.metadata["language"] = language
        for pixels in greys(10):
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(video.encode())
        for track in tracks:
            for start in range(0, 20_000, 1000):
                heard = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.int16), format="s16", layout="mono")
                heard.sample_rate, heard.pts = 48_000, start
                container.mux(track.encode(heard))
            container.mux(track.encode())
    for target in ("b.mp4", "b.mkv", "b.webm"):
        ended = backdrop_video("a.mkv", target)
        assert ended.returncode == 0, ended.stderr
        with av.open(str(tmp_path / target)) as container:
            assert [track.metadata.get("language") for track in container.streams.audio] == ["deu", "eng"]


def test_frames_of_another_size_are_fitted_into_the_first_without_stretching(tmp_path):
    path = tmp_path / "a.mkv"
    disc = {size: cv2.circle(np.zeros((*size, 3), np.uint8), (size[1] // 2, size[0] // 2), 40, (255,) * 3, -1)
            for size in ((120, 160), (240, 320), (160, 120))}  # fmt: skip
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuvj420p"
        for index, (size, pixels) in enumerate(list(disc.items()) * 2):
            encoder = av.CodecContext.create("mjpeg", "w")
            encoder.width, encoder.height, encoder.pix_fmt = size[1], size[0], "yuvj420p"
            encoder.time_base = Fraction(1, 25)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuvj420p")
            frame.pts = 0
            (packet,) = encoder.encode(frame)
            packet.pts = packet.dts = index
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            container.mux(packet)
    frames, _ = read_all(VideoFile(path, paced=False))
    assert len(frames) == 6
    for frame, diameter in zip(frames, (80, 40, 60) * 2, strict=True):
        assert frame.shape == (120, 160, 3)
        rows, columns = np.nonzero(frame[..., 0] > 150)
        assert np.ptp(rows) == pytest.approx(diameter, abs=4)
        assert np.ptp(columns) == pytest.approx(diameter, abs=4)


def test_pixels_that_are_not_square_are_shown_as_wide_as_they_are(tmp_path):
    disc = cv2.ellipse(np.zeros((120, 160, 3), np.uint8), (80, 60), (30, 40), 0, 0, 360, (255,) * 3, -1)
    frames = [av.VideoFrame.from_ndarray(disc, format="bgr24").reformat(format="yuv420p") for _ in range(3)]
    path = written(tmp_path / "a.mp4", frames, pixel="4/3")
    camera = VideoFile(path, paced=False)
    assert camera.size == (213, 120)
    for shown in (camera.read(), Video(path).render(np.zeros((120, 213, 3), np.uint8), None)):
        rows, columns = np.nonzero(shown[..., 0] > 127)
        assert np.ptp(rows) == pytest.approx(80, abs=2)
        assert np.ptp(columns) == pytest.approx(80, abs=2)
    camera.close()


CORNER = np.full((48, 64, 3), 40, np.uint8)
CORNER[:16, :24] = 220
# a, b, c and d of the matrix, and what it does to the picture.
TURNS = {
    "upright": ((1, 0, 0, 1), CORNER),
    "clockwise": ((0, 1, -1, 0), np.rot90(CORNER, -1)),
    "upside down": ((-1, 0, 0, -1), np.rot90(CORNER, 2)),
    "counter-clockwise": ((0, -1, 1, 0), np.rot90(CORNER)),
    "mirrored": ((-1, 0, 0, 1), CORNER[:, ::-1]),
    "mirrored upside down": ((1, 0, 0, -1), CORNER[::-1]),
    "transposed": ((0, 1, 1, 0), CORNER.swapaxes(0, 1)),
    "transposed the other way": ((0, -1, -1, 0), CORNER[::-1, ::-1].swapaxes(0, 1)),
    "a few degrees": ((0.995, 0.1, -0.1, 0.995), CORNER),
    "80 degrees": ((0.17, 0.98, -0.98, 0.17), np.rot90(CORNER, -1)),
    "nothing that makes sense": ((0, 0, 0, 0), CORNER),
}


@pytest.mark.parametrize("kind", TURNS)
def test_a_video_is_turned_and_mirrored_as_its_file_says(tmp_path, kind):
    (a, b, c, d), expected = TURNS[kind]
    path = write_video(tmp_path / "a.mp4", [CORNER] * 3)
    entries = [a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30]
    matrix = b"".join(round(entry).to_bytes(4, "big", signed=True) for entry in entries)
    data = path.read_bytes()
    upright = b"".join(entry.to_bytes(4, "big") for entry in (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30))
    at = data.index(upright, data.index(b"tkhd"))
    path.write_bytes(data[:at] + matrix + data[at + 36 :])
    camera = VideoFile(path, paced=False)
    shown = camera.read()
    camera.close()
    assert camera.size == expected.shape[1::-1]
    assert np.abs(shown.astype(int) - expected).mean() < 8
    height, width = expected.shape[:2]
    behind = Video(path).render(np.zeros((height, width, 3), np.uint8), None)
    assert np.abs(behind.astype(int) - expected).mean() < 8


def test_fields_do_not_leave_combs(tmp_path):
    """A bar that moves 8 pixels a field: half of its lines are where it is later."""
    frames = []
    for index in range(12):
        pixels = np.full((96, 160), 30, np.uint8)
        for field in (0, 1):
            at = 10 + 8 * (2 * index + field) % 120
            pixels[field::2, at : at + 20] = 220
        planes = np.concatenate([pixels.ravel(), np.full(96 * 160 // 2, 128, np.uint8)]).reshape(144, 160)
        frames.append(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    path = written(tmp_path / "a.mkv", frames, **{"x264-params": "tff=1:interlaced=1"})
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame, "the test's own file"
    camera = VideoFile(path, paced=False)
    seen, times = read_all(camera)
    assert len(seen) == 12
    assert times == pytest.approx([index / 25 for index in range(12)], abs=0.002)
    combs = [
        np.abs(2.0 * each[1:-1:2] - each[:-2:2] - each[2::2]).mean() for each in np.array(seen)[2:-2, ..., 0]
    ]
    assert np.mean(combs) < 8, "29 where the lines of both fields are shown at once"


@pytest.mark.parametrize(
    ("size", "matrix"), [((640, 360), 5), ((720, 576), 5), ((1280, 720), 1), ((1920, 1080), 1)]
)
@pytest.mark.parametrize("tagged", [True, False])
def test_colours_are_read_by_the_matrix_of_the_file_or_of_its_size(tmp_path, size, matrix, tagged):
    filmed = chart(*size)
    frame = av.VideoFrame.from_ndarray(filmed, format="bgr24")
    frame = frame.reformat(format="yuv444p", dst_colorspace=matrix, dst_color_range=1)
    frame.colorspace = matrix if tagged else 2
    path = written(tmp_path / "a.mp4", [frame])
    camera = VideoFile(path, paced=False)
    seen = patches_of(camera.read())
    camera.close()
    assert differences(seen, PATCHES).mean() < 1.5
    behind = Video(path).render(np.zeros((size[1], size[0], 3), np.uint8), None)
    assert differences(patches_of(behind), PATCHES).mean() < 1.5


def in_high_range(transfer: int, brightness: np.ndarray) -> av.VideoFrame:
    """A picture, (H, W, 3) float RGB with BT.709's primaries in cd/m², as HDR video."""
    wide = (
        brightness
        @ np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]).T
    )
    if transfer == hdr.PQ:
        power = np.clip(wide / 10_000, 0, 1) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    else:
        shown = wide / 1000
        scene = shown * np.maximum(shown @ (0.2627, 0.6780, 0.0593), 1e-9)[..., None] ** (-0.2 / 1.2)
        log = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        signal = np.where(scene <= 1 / 12, np.sqrt(3 * np.maximum(scene, 0)), log)
    frame = av.VideoFrame.from_ndarray((signal * 65535 + 0.5).astype(np.uint16), format="rgb48le")
    frame = frame.reformat(format="yuv444p10le", dst_colorspace=9, dst_color_range=1)
    frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = 9, 1, transfer, 9
    return frame


@pytest.mark.parametrize("transfer", [hdr.PQ, hdr.HLG])
def test_high_dynamic_range_looks_as_it_would_without(tmp_path, transfer):
    srgb = chart(320, 240)[..., ::-1] / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    path = written(tmp_path / "a.mkv", [in_high_range(transfer, linear * 203)])
    camera = VideoFile(path, paced=False)
    seen = differences(patches_of(camera.read()), PATCHES)
    camera.close()
    assert seen.mean() < 4
    assert seen.max() < 12, "white gives room to what is brighter"
    behind = Video(path).render(np.zeros((240, 320, 3), np.uint8), None)
    assert differences(patches_of(behind), PATCHES).mean() < 4


@pytest.mark.parametrize("transfer", [hdr.PQ, hdr.HLG])
def test_what_is_brighter_than_white_is_still_told_apart(tmp_path, transfer):
    nits = np.array([20, 100, 150, 203, 300, 400, 600, 1000], float)
    ramp = np.repeat(np.repeat(nits[None, :, None], 16, 0), 16, 1).repeat(3, 2)
    camera = VideoFile(written(tmp_path / "a.mkv", [in_high_range(transfer, ramp)]), paced=False)
    seen = camera.read()[8, 8::16, 1].astype(int)
    camera.close()
    assert (np.diff(seen) > 0).all()
    assert seen[-1] > 245


def test_the_film_is_shown_and_not_its_cover(tmp_path):
    """The cover of a film stands first in some files."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 96, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        film = container.add_stream("libx264", rate=25)
        film.width, film.height = 64, 48
        container.mux(cover.encode(av.VideoFrame(96, 96, "yuvj420p")))
        for pixels in greys(10):
            container.mux(film.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(film.encode())
    camera = VideoFile(path, paced=False)
    assert camera.size == (64, 48)
    camera.close()


@pytest.mark.parametrize("form", ["yuva444p10le", "rgba"])
def test_where_a_video_is_transparent_nothing_hidden_is_seen(tmp_path, form):
    pixels = np.zeros((48, 64, 4), np.uint8)
    pixels[:, :32] = (0, 0, 255, 0)  # red, and not to be seen
    pixels[:, 32:] = (0, 255, 0, 255)
    frame = av.VideoFrame.from_ndarray(pixels, format="bgra").reformat(format=form)
    codec = "prores_ks" if form.startswith("yuva") else "png"
    path = written(tmp_path / "a.mov", [frame] * 2, codec)
    for shown in (
        VideoFile(path, paced=False).read(),
        Video(path).render(np.zeros((48, 64, 3), np.uint8), None),
    ):
        assert np.abs(shown[24, 8].astype(int) - 128).max() < 6
        assert np.abs(shown[24, 56].astype(int) - (0, 255, 0)).max() < 20


@pytest.mark.parametrize(
    "form", ["gray", "yuvj420p", "nv12", "rgb24", "pal8", "yuv422p10le", "gbrp", "ya8", "bgra"]
)
def test_frames_of_any_layout_are_shown(form):
    frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="bgr24")
    if form == "pal8":
        palette = np.tile(np.array([255, 90, 90, 90], np.uint8), (256, 1))
        frame = av.VideoFrame.from_ndarray((np.full((48, 64), 7, np.uint8), palette), format="pal8")
    else:
        frame = frame.reformat(format=form)
    frame.pts = 0
    decoding._mark(frame)
    shown = decoding.Screen(None).covering(frame, 32, 24)
    assert shown.shape == (24, 32, 3)
    assert np.abs(shown.astype(int) - 90).max() <= 3
