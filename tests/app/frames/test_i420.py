"""Composites in I420: what they show, that they let nothing more through, and where they go."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from backdrop.cameras.video_file import VideoFile
from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.composite import composite
from backdrop.pipeline.pipeline import Pipeline
from backdrop.run.output_sink import OutputSink
from backdrop.settings.settings import Settings
from tests.line_ends import Recorder
from tests.secret_room import DiscFinder, secret_frame

ON = Settings(virtual_camera=True)


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A picture without fine patterns, so that a colour for every four pixels says it all."""
    small = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def disc(height: int, width: int) -> np.ndarray:
    alpha = cv2.circle(np.zeros((height, width), np.uint8), (width // 2, height // 2), height // 3, 255, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 2)


@pytest.mark.parametrize("size", [(2, 2), (90, 160), (182, 134)])
def test_there_and_back_again_is_the_same_picture(size):
    pixels = smooth(*size)
    planes = i420.from_bgr(pixels)
    assert i420.size_of(planes) == i420.size_of(pixels) == size[::-1]
    assert [plane.shape for plane in i420.planes(planes)] == [size, *[(size[0] // 2, size[1] // 2)] * 2]
    if min(size) > 2:
        assert np.abs(i420.to_bgr(planes).astype(int) - pixels).mean() < 3


def test_planes_can_be_written_through():
    grey = i420.from_bgr(np.zeros((4, 6, 3), np.uint8))
    for plane, value in zip(i420.planes(grey), (81, 90, 240), strict=True):
        plane[:] = value
    assert np.abs(i420.to_bgr(grey).astype(int) - (0, 0, 255)).max() <= 2, "BT.601, limited range"


def test_what_is_enlarged_as_i420_is_what_is_enlarged_and_then_converted():
    small = smooth(24, 32)
    expected = i420.from_bgr(cv2.resize(small, (320, 240)))
    assert np.abs(i420.enlarged(small, 320, 240).astype(int) - expected).mean() < 0.7


def test_a_picture_of_fine_stripes_has_the_colour_between_them():
    stripes = np.zeros((8, 8, 3), np.uint8)
    stripes[:, ::2] = (0, 0, 255)
    between = i420.from_bgr(np.full((8, 8, 3), (0, 0, 128), np.uint8))
    planes = i420.from_picture(stripes)
    assert np.abs(planes[8:].astype(int) - between[8:]).max() <= 1
    np.testing.assert_array_equal(planes[:8], i420.from_bgr(stripes)[:8])


def test_mirrored_is_mirrored():
    pixels = smooth(90, 160)
    there = i420.to_bgr(i420.mirrored(i420.from_bgr(pixels)))
    assert np.abs(there.astype(int) - pixels[:, ::-1]).mean() < 3


@pytest.mark.parametrize("size", [(90, 160), (300, 200), (130, 2)])
def test_a_composite_in_i420_is_the_composite(size):
    frame, backdrop, alpha = smooth(*size), smooth(*size, seed=1), disc(*size)
    expected = i420.from_bgr(composite(frame, backdrop, alpha))
    planes = composite(frame, i420.from_bgr(backdrop), alpha)
    assert np.abs(planes.astype(int) - expected).mean() < 1


def test_nothing_of_the_frame_is_in_an_i420_where_nobody_is():
    rng = np.random.default_rng(0)
    frame, backdrop = rng.integers(0, 256, (2, 180, 320, 3), dtype=np.uint8)
    behind, person = i420.from_bgr(backdrop), i420.from_bgr(frame)
    alpha = cv2.inRange(disc(180, 320), 128, 255)
    alpha[0, 319] = alpha[179, 0] = 255  # at the very edge, too
    kept = behind.copy()
    planes = composite(frame, behind, alpha)
    np.testing.assert_array_equal(behind, kept)
    per_four = alpha.reshape(90, 2, 160, 2)
    nobody, only = per_four.max(axis=(1, 3)) == 0, per_four.min(axis=(1, 3)) == 255
    for got, room, whole, where in zip(
        *map(i420.planes, (planes, behind, person)), (None, nobody, nobody), strict=True
    ):
        empty, full = (alpha == 0, alpha == 255) if where is None else (nobody, only)
        np.testing.assert_array_equal(got[empty], room[empty])
        np.testing.assert_array_equal(got[full], whole[full])


def test_the_backdrop_in_i420_can_take_the_composite_itself():
    frame, backdrop, alpha = smooth(180, 320), i420.from_bgr(smooth(180, 320, 1)), disc(180, 320)
    expected = composite(frame, backdrop, alpha)
    assert composite(frame, backdrop, alpha, into=backdrop) is backdrop
    np.testing.assert_array_equal(backdrop, expected)


@pytest.mark.parametrize("backdrop", ["blur", "picture", "colour"])
@pytest.mark.parametrize("mirror", [False, True])
def test_the_line_gives_the_same_picture_in_i420(backdrop, mirror):
    frame = Frame(smooth(180, 320), 7, 0.25)
    settings = Settings(backdrop=backdrop, mirror=mirror)
    plain = Pipeline(DiscFinder(), live=False).process(frame, settings)
    result = Pipeline(DiscFinder(), live=False).process(frame, settings, pixel_format=PixelFormat.I420)
    assert result.composite.ndim == 2
    assert result.size == plain.size == (320, 180)
    assert np.abs(result.pixels.astype(int) - plain.pixels).mean() < 3
    np.testing.assert_array_equal(result.alpha, plain.alpha)
    assert (result.is_raw, result.index, result.captured_at) == (False, 7, 0.25)


def test_an_i420_is_not_made_of_odd_sides_nor_of_a_card_nor_of_the_frame_itself():
    pipeline = Pipeline(DiscFinder(), live=False)
    for size in ((181, 320), (180, 321), (181, 321)):
        frame = Frame(smooth(*size), 0, 0.0)
        assert pipeline.process(frame, ON, pixel_format=PixelFormat.I420).composite.shape == (*size, 3)
    frame = Frame(smooth(180, 320), 0, 0.0)
    off = pipeline.process(frame, replace(ON, backdrop="none"), pixel_format=PixelFormat.I420)
    assert off.composite is frame.pixels
    placeholder = pipeline.process(
        frame, replace(ON, backdrop="picture", picture="nowhere.png"), pixel_format=PixelFormat.I420
    )
    assert placeholder.notice is not None
    assert placeholder.composite.shape == (180, 320, 3)


@pytest.mark.parametrize(("takes", "size"), [(True, (320, 180)), (False, (320, 180)), (True, (640, 360))])
def test_an_output_gets_i420_only_in_its_own_size_and_if_it_takes_it(takes, size):
    class Chooser(Recorder):
        pixel_format = PixelFormat.I420 if takes else PixelFormat.BGR

        def send(self, pixels: np.ndarray) -> None:
            self.sent.append(pixels)

    output = Chooser(*size, 30)
    outlet = OutputSink(lambda spec, width, height, fps: output)
    assert outlet.pixel_format is PixelFormat.BGR
    outlet.send(np.zeros((size[1], size[0], 3), np.uint8), ON, 30, lambda: True)
    assert outlet.pixel_format is output.pixel_format
    pixels = smooth(180, 320)
    outlet.send(i420.from_bgr(pixels), ON, 30, lambda: True)
    sent = output.sent[-1]
    assert sent.ndim == (2 if takes and size == (320, 180) else 3)
    assert i420.size_of(sent) == size
    got = sent if sent.ndim == 3 else i420.to_bgr(sent)
    assert np.abs(got.astype(int) - cv2.resize(pixels, size)).mean() < 4


def test_a_video_of_i420_is_the_video(tmp_path):
    pixels = smooth(96, 128)
    output = VideoWriter(tmp_path / "a.mp4", 128, 96, 25)
    for _ in range(5):
        output.send(i420.from_bgr(pixels))
    output.close()
    video = VideoFile(tmp_path / "a.mp4", paced=False)
    assert video.frames == 5
    assert np.abs(video.read().astype(int) - pixels).mean() < 6
    video.close()


def test_the_secret_room_stays_secret_in_i420():
    frame = Frame(secret_frame(), 0, 0.0)
    result = Pipeline(DiscFinder()).process(frame, Settings(backdrop="colour"), pixel_format=PixelFormat.I420)
    for got, room, whole in zip(
        *map(
            i420.planes,
            (result.composite, i420.from_bgr(_flat(frame)), i420.from_bgr(frame.pixels)),
        ),
        strict=True,
    ):
        assert result.alpha is not None
        alpha = cv2.resize(result.alpha, got.shape[::-1], interpolation=cv2.INTER_AREA)
        clear = cv2.dilate(alpha, np.ones((5, 5), np.uint8)) == 0
        np.testing.assert_array_equal(got[clear], room[clear])
        assert (got[clear] == whole[clear]).mean() < 0.1


def _flat(frame: Frame) -> np.ndarray:
    return np.full_like(frame.pixels, tuple(bytes.fromhex(Settings().colour[1:]))[::-1])


def test_the_pixel_format_of_an_array_is_known_and_i420_is_not_converted_again():
    pixels = smooth(91, 161)
    planes = i420.as_i420(pixels, 160, 90)
    assert PixelFormat.of(pixels) is PixelFormat.BGR
    assert PixelFormat.of(planes) is PixelFormat.I420
    np.testing.assert_array_equal(planes, i420.from_bgr(np.ascontiguousarray(pixels[:90, :160])))
    assert i420.as_i420(planes, 160, 90) is planes
