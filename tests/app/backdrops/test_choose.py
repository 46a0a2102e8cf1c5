"""What is put behind the person."""

import os
import threading
import zlib
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.backdrops import picture as picture_module
from backdrop.backdrops import picture_file
from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.blur import Blur
from backdrop.backdrops.choose import chosen_backdrop
from backdrop.backdrops.colour import Colour
from backdrop.backdrops.picture import LOOPS, Picture, built_in_pictures, find_picture
from backdrop.backdrops.video import Video
from backdrop.frames.fit import cover
from backdrop.pipeline.composite import composite
from backdrop.settings.settings import Settings
from tests.app.backdrops.test_picture import png
from tests.line_ends import LONG

FRAME = np.random.default_rng(0).integers(0, 256, (180, 320, 3), dtype=np.uint8)
RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def _room(height: int = 720, width: int = 1280) -> np.ndarray:
    """Stripes as fine as print: what must not be legible."""
    room = np.zeros((height, width, 3), np.uint8)
    room[:, (np.arange(width) // 6) % 2 == 0] = 255
    return room


def _person(height: int = 720, width: int = 1280) -> np.ndarray:
    return cv2.ellipse(
        np.zeros((height, width), np.uint8),
        (width // 2, height),
        (width // 5, height * 3 // 4),
        0,
        0,
        360,
        255,
        -1,
    )


def _corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colours of the four quarters, rounded: left top, right top, left bottom, right bottom."""
    height, width = pixels.shape[:2]
    spots = [(y, x) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [tuple(255 if value > 127 else 0 for value in pixels[spot]) for spot in spots]


def _quarters(height: int = 60, width: int = 80) -> np.ndarray:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, WHITE
    return pixels


@pytest.mark.parametrize("bokeh", [False, True])
@pytest.mark.parametrize("strength", [0, 50, 100])
@pytest.mark.parametrize("size", [(720, 1280), (479, 641), (32, 32), (1080, 608)])
def test_a_blur_of_any_strength_leaves_nothing_legible(strength, size, bokeh):
    room = _room(*size)
    for alpha in (None, np.zeros(size, np.uint8), _person(*size)):
        soft = Blur(strength, bokeh).render(room, alpha)
        assert soft.shape == room.shape
        assert soft.dtype == np.uint8
        nobody = slice(None) if alpha is None else alpha == 0
        if min(size) > 100:
            assert soft[nobody].std() < (13 if strength == 0 else 6)  # of 127 before


@pytest.mark.parametrize("bokeh", [False, True])
def test_a_stronger_blur_is_stronger(bokeh):
    step = np.full((720, 1280, 3), 60, np.uint8)
    step[:, 640:] = 160
    widths = []
    for strength in (0, 25, 50, 75, 100):
        row = Blur(strength, bokeh).render(step, None)[360, :, 0]
        widths.append(int(((row > 70) & (row < 150)).sum()))
    assert all(after > 1.1 * before for before, after in pairwise(widths))


@pytest.mark.parametrize("bokeh", [False, True])
def test_the_person_does_not_shine_into_the_blur(bokeh):
    alpha = _person()
    frame = np.full((720, 1280, 3), 40, np.uint8)
    frame[alpha > 0] = 255
    plain, without = (Blur(60, bokeh).render(frame, known) for known in (None, alpha))
    ring = (cv2.dilate(alpha, np.ones((31, 31), np.uint8)) > 0) & (alpha == 0)
    assert plain[ring].mean() > 80
    assert abs(without[ring].astype(int) - 40).max() <= 4


def test_through_a_lens_a_lamp_becomes_a_disc_and_through_frosted_glass_it_is_lost():
    room = np.full((720, 1280, 3), 30, np.uint8)
    cv2.circle(room, (640, 360), 14, WHITE, -1)
    soft, lens = (Blur(60, bokeh).render(room, None)[360, 640:, 0].astype(int) for bokeh in (False, True))
    assert soft[0] < 80
    assert lens[0] > 140
    within = int((lens > 100).sum())
    assert 30 < within < 90
    assert np.ptp(lens[: within - 16]) < 40  # as bright at its rim as in its middle
    assert lens[within + 24 :].max() < 36


def test_a_lens_leaves_what_has_one_brightness_as_it_is():
    for value in (0, 1, 30, 128, 254, 255):
        soft = Blur(50, True).render(np.full((360, 640, 3), value, np.uint8), None)
        assert np.abs(soft.astype(int) - value).max() <= 1


def test_a_blur_behind_a_person_who_fills_the_frame_is_a_picture_still():
    soft = Blur(50).render(_room(), np.full((720, 1280), 255, np.uint8))
    assert 100 < soft[100:-100, 100:-100].mean() < 155


def test_nothing_is_written_to_by_a_blur():
    frame, alpha = _room(), _person()
    kept = frame.copy(), alpha.copy()
    composite(frame, Blur(50).render(frame, alpha), alpha)
    np.testing.assert_array_equal(frame, kept[0])
    np.testing.assert_array_equal(alpha, kept[1])


def test_a_colour_is_red_green_blue_in_the_setting_and_blue_green_red_in_the_frame():
    pixels = Colour("#ff8001").render(FRAME, None)
    assert pixels.shape == FRAME.shape
    assert (pixels == (1, 128, 255)).all()


@pytest.mark.parametrize("text", ["", "#12", "#gggggg", "blue"])
def test_a_colour_that_is_none_is_an_error(text):
    with pytest.raises(BackdropError, match="#3b5b7a"):
        Colour(text).render(FRAME, None)


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 200), st.integers(1, 200))
def test_a_picture_of_any_shape_covers_a_frame_of_any_shape(height, width, tall, wide):
    fitted = cover(np.full((tall, wide, 3), 200, np.uint8), width, height)
    assert fitted.shape == (height, width, 3)
    assert (fitted == 200).all()


@pytest.mark.parametrize("shape", [(400, 400), (300, 900), (900, 300), (2000, 3000)])
def test_a_circle_in_a_picture_stays_a_circle_in_the_middle(shape):
    picture = np.zeros((*shape, 3), np.uint8)
    radius = min(shape) // 6
    cv2.circle(picture, (shape[1] // 2, shape[0] // 2), radius, WHITE, -1)
    fitted = cover(picture, 640, 360)
    rows, columns = np.nonzero(fitted[..., 0] > 127)
    scale = max(640 / shape[1], 360 / shape[0])
    for values, centre in ((rows, 180), (columns, 320)):
        assert abs(np.ptp(values) + 1 - 2 * radius * scale) <= 0.02 * 2 * radius * scale + 2
        assert abs(values.mean() - centre) < 2


@pytest.mark.parametrize("kind", ["transparent", "grey", "16 bits", "grey 16 bits", "grey tiff of floats"])
def test_a_picture_of_an_unusual_depth_is_shown(tmp_path, kind):
    colours = _quarters()
    grey = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    pixels, suffix = {
        "transparent": (np.dstack([colours, np.full(colours.shape[:2], 128, np.uint8)]), ".png"),
        "grey": (grey, ".png"),
        "16 bits": (colours.astype(np.uint16) * 257, ".png"),
        "grey 16 bits": (grey.astype(np.uint16) * 257, ".png"),
        "grey tiff of floats": (grey.astype(np.float32), ".tiff"),
    }[kind]
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(cv2.imencode(suffix, pixels)[1].tobytes())
    shown = Picture(path).render(FRAME, None)
    assert shown.shape == FRAME.shape
    assert shown.dtype == np.uint8
    if "grey" not in kind:
        assert _corners(shown) == [RED, GREEN, BLUE, WHITE]


def test_a_picture_is_fitted_once_for_each_size(tmp_path):
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), _quarters())
    picture = Picture(path)
    first = picture.render(FRAME, None)
    assert picture.render(FRAME, None) is first
    assert picture.render(FRAME[:100, :100], None).shape == (100, 100, 3)
    path.unlink()
    np.testing.assert_array_equal(picture.render(FRAME, None), first)


def _bad_pictures(folder: Path) -> dict[str, Path]:
    whole = cv2.imencode(".png", _quarters())[1].tobytes()
    contents = {
        "empty.png": b"",
        "text.jpg": b"This is no picture.",
        "cut.png": whole[:30],
        "bomb.png": png(60_000, 60_000, zlib.compress(b"\0" * 100)),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.png").mkdir()
    with (folder / "long.png").open("wb") as file:
        file.truncate(picture_file.LARGEST_FILE + 1)
    names = [*contents, "folder.png", "long.png", "nowhere.png"]
    return {name: folder / name for name in names} | {"nothing at all": Path("a\0b.png")}


@pytest.mark.parametrize(
    "name",
    [
        "empty.png",
        "text.jpg",
        "cut.png",
        "bomb.png",
        "folder.png",
        "long.png",
        "nowhere.png",
        "nothing at all",
    ],
)
def test_a_picture_that_is_none_is_one_sentence_with_what_to_do(tmp_path, name):
    picture = Picture(_bad_pictures(tmp_path)[name])
    for _ in range(2):
        with pytest.raises(BackdropError) as refused:
            picture.render(FRAME, None)
        assert "choose" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_picture_is_read_on_a_thread_of_its_own(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs a named pipe")
    path = tmp_path / "picture.png"
    path.write_bytes(cv2.imencode(".png", _quarters())[1].tobytes())
    picture = Picture(path)
    may_read = threading.Event()
    reading = picture_file.read_picture

    def slowly(path: Path) -> np.ndarray:
        assert threading.current_thread().name == "picture"
        assert may_read.wait(LONG)
        return reading(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture_file, "read_picture", slowly)
        picture.begin()
        picture.begin()
        assert not picture.ready
        may_read.set()
        assert _corners(picture.render(FRAME, None)) == [RED, GREEN, BLUE, WHITE]
    assert picture.ready


def test_a_picture_that_comes_later_is_found_later(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_module, "AGAIN", 0.0)
    path = tmp_path / "picture.png"
    picture = Picture(path)
    with pytest.raises(BackdropError, match=r"picture\.png"):
        picture.render(FRAME, None)
    path.write_bytes(cv2.imencode(".png", _quarters())[1].tobytes())
    picture.begin()
    picture.wait(LONG)
    assert _corners(picture.render(FRAME, None)) == [RED, GREEN, BLUE, WHITE]


def test_every_picture_that_ships_is_one_and_is_found_by_its_name():
    names = [path.stem for path in built_in_pictures()]
    assert names
    for name in set(names) - set(LOOPS):
        assert Picture(find_picture(name)).render(FRAME, None).std() > 1
    for name in LOOPS:
        assert isinstance(chosen_backdrop(Settings(backdrop="picture", picture=name)), Video)
    assert find_picture("").stem == names[0]
    assert find_picture("my.png") == Path("my.png")


def test_the_settings_choose_the_backdrop(tmp_path):
    assert chosen_backdrop(Settings(backdrop="blur", blur_strength=7)) == Blur(7)
    assert chosen_backdrop(Settings(backdrop="blur", blur_style="bokeh")) == Blur(50, bokeh=True)
    assert chosen_backdrop(Settings(backdrop="transparent", key_colour="#010203")) == Colour("#010203")
    assert chosen_backdrop(Settings(backdrop="colour", colour="#010203")) == Colour("#010203")
    assert isinstance(chosen_backdrop(Settings(backdrop="picture")), Picture)
    with pytest.raises(BackdropError):
        chosen_backdrop(Settings(backdrop="none"))
