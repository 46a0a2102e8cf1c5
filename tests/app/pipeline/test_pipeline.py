"""The line fails closed: whatever goes wrong, the room is not seen."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.backdrops import picture_file
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.frames.placeholder import GROUND, HIDDEN, placeholder
from backdrop.pipeline.pipeline import Pipeline, Result
from backdrop.settings.settings import Settings
from sinet_core import Segmenter
from tests.secret_room import DiscFinder, leaked, person_disc, round_the_person, secret_frame
from tests.small_person import WhiteFinder, people_in_secret_room
from tests.toy_network import write_toy_network

BLUR = Settings(backdrop="blur")
COLOUR = Settings(backdrop="colour", colour="#203040")
LONG = 300.0  # seconds, for what happens at once


def _frame(width: int = 320, height: int = 180, index: int = 0) -> Frame:
    return Frame(secret_frame(width, height, seed=index), index, index / 30)


def _assert_card(result: Result, width: int = 320, height: int = 180) -> None:
    np.testing.assert_array_equal(result.pixels, placeholder(width, height, HIDDEN))
    assert leaked(result.pixels) == 0
    assert result.alpha is None
    assert not result.is_raw
    assert result.notice
    assert "\n" not in result.notice


def _assert_composite(result: Result, frame: Frame) -> None:
    height, width = frame.pixels.shape[:2]
    assert result.pixels.shape == frame.pixels.shape
    assert result.alpha is not None
    assert result.alpha.shape == (height, width)
    assert leaked(result.pixels, round_the_person(width, height)) == 0
    sure = cv2.erode(person_disc(width, height), np.ones((15, 15), np.uint8)) > 0
    np.testing.assert_array_equal(result.pixels[sure], frame.pixels[sure])
    assert not result.is_raw
    assert result.notice is None
    assert (result.index, result.captured_at) == (frame.index, frame.captured_at)


def _with_hole(good: np.ndarray) -> np.ndarray:
    good[good.shape[0] // 2, good.shape[1] // 2] = np.nan
    return good


def _raise(error: Exception) -> np.ndarray:
    raise error


ANSWERS: dict[str, Callable[[np.ndarray], object]] = {
    "right": lambda good: good,
    "raises": lambda good: _raise(RuntimeError("out of luck")),
    "runs out of memory": lambda good: _raise(MemoryError()),
    "not a number": lambda good: np.full_like(good, np.nan),
    "one pixel not a number": _with_hole,
    "infinite": lambda good: np.full_like(good, np.inf),
    "above one": lambda good: good * 255,
    "below nought": lambda good: good - 1,
    "float64": lambda good: good.astype(np.float64),
    "bytes": lambda good: (good * 255).astype(np.uint8),
    "a batch": lambda good: good[None],
    "a channel": lambda good: good[..., None],
    "transposed": lambda good: good.T.copy(),
    "empty": lambda good: np.zeros((0, 0), np.float32),
    "a list": lambda good: good.tolist(),
    "nothing": lambda good: None,
}
WRONG = [name for name in ANSWERS if name != "right"]


class Broken:
    """A network that may answer something else than an alpha."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
        return ANSWERS[self.answer](DiscFinder().predict_lowres(frame))  # type: ignore[return-value]


@pytest.mark.parametrize("backdrop", [BLUR, COLOUR])
def test_the_person_is_kept_and_the_room_is_gone(backdrop):
    pipeline = Pipeline(DiscFinder())
    for index in range(3):
        frame = _frame(index=index)
        _assert_composite(pipeline.process(frame, backdrop), frame)


@pytest.mark.parametrize(
    ("kind", "shown"), [("nan", "placeholder"), ("nobody", "backdrop"), ("everyone", "frame")]
)
def test_a_network_file_is_believed_only_if_it_answers_numbers(tmp_path, kind, shown):
    frame = _frame()
    pipeline = Pipeline(Segmenter.load(write_toy_network(tmp_path / "toy.onnx", kind)))
    for index in range(2):
        result = pipeline.process(replace(frame, index=index), COLOUR)
        if shown == "placeholder":
            _assert_card(result)
        else:
            expected = frame.pixels if shown == "frame" else (0x40, 0x30, 0x20)
            assert (result.pixels == expected).all()


@pytest.mark.parametrize("size", [(1280, 720), (641, 479), (33, 32), (480, 640), (1001, 37)])
def test_any_size_goes_through(size):
    result = Pipeline(DiscFinder()).process(_frame(*size), COLOUR)
    assert result.pixels.shape == (size[1], size[0], 3)
    assert leaked(result.pixels, round_the_person(*size)) == 0


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("moment", ["first", "later"])
def test_a_network_that_answers_anything_but_an_alpha_gives_the_card_and_then_recovers(name, moment):
    network = Broken("right" if moment == "later" else name)
    pipeline = Pipeline(network)
    if moment == "later":
        _assert_composite(pipeline.process(_frame(), BLUR), _frame())
        network.answer = name
    for index in (1, 2):
        _assert_card(pipeline.process(_frame(index=index), BLUR))
    network.answer = "right"
    _assert_composite(pipeline.process(_frame(index=3), BLUR), _frame(index=3))


@pytest.mark.parametrize(
    "pixels",
    [
        secret_frame()[..., 0],
        secret_frame()[..., :2],
        cv2.cvtColor(secret_frame(), cv2.COLOR_BGR2BGRA),
        secret_frame().astype(np.float32),
        secret_frame(31, 200),
        np.zeros((0, 0, 3), np.uint8),
        np.array(None),
        None,
    ],
)
@pytest.mark.parametrize("backdrop", ["blur", "none"])
def test_a_frame_that_is_none_gives_the_card_even_with_the_effect_off(pixels, backdrop):
    result = Pipeline(DiscFinder()).process(Frame(pixels, 7, 0.0), Settings(backdrop=backdrop))
    assert leaked(result.pixels) == 0
    assert result.pixels.ndim == 3
    assert result.pixels.dtype == np.uint8
    assert result.alpha is None
    assert not result.is_raw
    assert result.notice
    assert result.index == 7


def test_on_a_resize_there_is_no_leak_and_no_old_alpha():
    pipeline = Pipeline(DiscFinder())
    for index, size in enumerate([(320, 180), (640, 360), (640, 480), (180, 320), (320, 180)]):
        frame = _frame(*size, index=index)
        result = pipeline.process(frame, BLUR)
        assert result.pixels.shape == frame.pixels.shape
        assert leaked(result.pixels, round_the_person(*size)) == 0


@pytest.mark.parametrize("kind", ["missing", "text", "folder"])
def test_a_picture_that_does_not_load_gives_the_card(tmp_path, kind):
    path = tmp_path / "private name.jpg"
    if kind == "text":
        path.write_text("no picture")
    elif kind == "folder":
        path.mkdir()
    wanted = Settings(backdrop="picture", picture=str(path))
    for live in (True, False):
        pipeline = Pipeline(DiscFinder(), live=live)
        notices = set()
        for index in range(200):
            result = pipeline.process(_frame(index=index), wanted)
            _assert_card(result)
            notices.add(result.notice)
            if any(path.name in (notice or "") for notice in notices):
                break
            threading.Event().wait(0.01)
        assert any(path.name in (notice or "") for notice in notices)
        # The card is for everybody in the call; what the file is called is for the person alone.
        np.testing.assert_array_equal(result.pixels, placeholder(320, 180, HIDDEN))
        _assert_composite(pipeline.process(_frame(), COLOUR), _frame())


@pytest.fixture
def slow_reading(monkeypatch):
    """Reading a picture waits until this event is set."""
    may_read, reading = threading.Event(), picture_file.read_picture

    def slowly(path: Path) -> np.ndarray:
        assert may_read.wait(LONG)
        return reading(path)

    monkeypatch.setattr(picture_file, "read_picture", slowly)
    yield may_read
    may_read.set()


def _picture(folder: Path) -> Settings:
    path = folder / "picture.png"
    path.write_bytes(cv2.imencode(".png", np.full((50, 50, 3), 77, np.uint8))[1].tobytes())
    return Settings(backdrop="picture", picture=str(path))


def _wait_for_picture(pipeline: Pipeline, wanted: Settings) -> Result:
    for index in range(2000):
        result = pipeline.process(_frame(index=index), wanted)
        if result.notice is None and result.pixels[0, 0, 0] == 77:
            return result
        assert leaked(result.pixels, round_the_person(320, 180)) == 0
        threading.Event().wait(0.01)
    raise AssertionError("the picture never came")


def test_while_a_picture_is_read_there_is_the_card_and_the_line_goes_on(tmp_path, slow_reading):
    pipeline, wanted = Pipeline(DiscFinder()), _picture(tmp_path)
    for index in range(5):
        _assert_card(pipeline.process(_frame(index=index), wanted))
    slow_reading.set()
    _wait_for_picture(pipeline, wanted)


def test_while_another_picture_is_read_the_backdrop_before_it_stays(tmp_path, slow_reading):
    pipeline, wanted = Pipeline(DiscFinder()), _picture(tmp_path)
    before = pipeline.process(_frame(), COLOUR)
    for index in range(3):
        result = pipeline.process(_frame(index=index), wanted)
        np.testing.assert_array_equal(result.pixels[0], before.pixels[0])
    slow_reading.set()
    _wait_for_picture(pipeline, wanted)


def test_after_the_effect_was_off_a_picture_that_is_read_does_not_show_the_room(tmp_path, slow_reading):
    pipeline, wanted = Pipeline(DiscFinder()), _picture(tmp_path)
    pipeline.process(_frame(), COLOUR)
    pipeline.process(_frame(), Settings(backdrop="none"))
    _assert_card(pipeline.process(_frame(), wanted))


def test_a_line_that_is_not_live_waits_for_its_picture(tmp_path):
    result = Pipeline(DiscFinder(), live=False).process(_frame(), _picture(tmp_path))
    assert (result.pixels[0, 0] == 77).all()


def test_the_frame_itself_leaves_only_with_the_effect_off():
    frame = _frame()
    result = Pipeline(Broken("raises")).process(frame, Settings(backdrop="none"))
    np.testing.assert_array_equal(result.pixels, frame.pixels)
    assert result.is_raw
    assert result.alpha is None


def test_the_mirror_flips_everything_but_the_card():
    frame = _frame()
    frame.pixels[:, :160] = 0
    for backdrop in ("none", "colour", "blur"):
        wanted = replace(COLOUR, backdrop=backdrop)
        unpremultiplied = Pipeline(DiscFinder()).process(frame, wanted)
        mirrored = Pipeline(DiscFinder()).process(frame, replace(wanted, mirror=True))
        np.testing.assert_array_equal(mirrored.pixels, unpremultiplied.pixels[:, ::-1])
        if unpremultiplied.alpha is not None:
            np.testing.assert_array_equal(mirrored.alpha, unpremultiplied.alpha[:, ::-1])
    _assert_card(Pipeline(Broken("raises")).process(_frame(), replace(BLUR, mirror=True)))


def test_a_frame_is_not_written_to():
    frame = _frame()
    frame.pixels.setflags(write=False)
    for wanted in (BLUR, COLOUR, Settings(backdrop="none", mirror=True)):
        assert Pipeline(DiscFinder()).process(frame, wanted).notice is None


def test_another_strength_and_another_colour_count_from_the_next_frame():
    pipeline = Pipeline(DiscFinder())
    assert tuple(pipeline.process(_frame(), COLOUR).pixels[0, 0]) == (0x40, 0x30, 0x20)
    assert tuple(pipeline.process(_frame(), replace(COLOUR, colour="#010203")).pixels[0, 0]) == (3, 2, 1)


def test_a_picture_is_read_once_while_other_sliders_move(tmp_path):
    pipeline, wanted = Pipeline(DiscFinder(), live=False), _picture(tmp_path)
    pipeline.process(_frame(), wanted)
    Path(wanted.picture).unlink()
    result = pipeline.process(_frame(), replace(wanted, blur_strength=3, colour="#010203", mirror=True))
    assert (result.pixels[0, 0] == 77).all()


def test_steadying_starts_afresh_after_an_error_and_a_reset():
    class Ramp:
        value = 0.0

        def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
            alpha = np.full((144, 256), self.value, np.float32)
            alpha[:, :100] += 1 - self.value  # somebody is there; NaN stays NaN
            return alpha

    network = Ramp()
    pipeline = Pipeline(network)

    def shown(value: float) -> int:
        network.value = value
        result = pipeline.process(_frame(), COLOUR)
        assert result.alpha is not None
        return int(result.alpha[90, 160])

    fresh = shown(0.5)
    assert shown(0.55) < shown(1.0)
    pipeline.reset()
    assert shown(0.5) == fresh
    shown(0.6)
    network.value = np.nan
    assert pipeline.process(_frame(), COLOUR).notice
    assert shown(0.5) == fresh


events = st.tuples(
    st.sampled_from(sorted(ANSWERS)),
    st.sampled_from(["blur", "colour", "picture"]),
    st.sampled_from([(320, 180), (64, 48), (181, 321)]),
    st.integers(0, 100),
    st.booleans(),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(events, min_size=1, max_size=6))
def test_nothing_leaks_in_any_order_of_troubles(sequence):
    network = Broken("right")
    pipeline = Pipeline(network, live=False)
    for index, (trouble, backdrop, size, strength, mirror) in enumerate(sequence):
        network.answer = trouble
        wanted = Settings(backdrop=backdrop, blur_strength=strength, mirror=mirror, picture="nowhere.png")
        result = pipeline.process(_frame(*size, index=index), wanted)
        person = round_the_person(*size)
        assert leaked(result.pixels, person[:, ::-1] if mirror else person) == 0
        assert result.pixels.shape == (size[1], size[0], 3)
        if trouble != "right" or backdrop == "picture":
            assert result.notice
            assert (result.pixels[0, 0] == GROUND).all()


SMALL_PERSON, SECOND_PERSON = (200.0, 210.0, 22.0, 50.0), (500.0, 200.0, 22.0, 50.0)


def _near(alpha: np.ndarray) -> np.ndarray:
    return cv2.dilate(alpha, np.ones((13, 13), np.uint8))


@pytest.mark.parametrize("backdrop", [BLUR, COLOUR])
def test_around_small_people_who_come_and_go_nothing_of_the_room_is_seen(backdrop):
    pipeline = Pipeline(WhiteFinder())
    scenes = [
        [],
        [SMALL_PERSON],
        [SMALL_PERSON, SECOND_PERSON],
        [SECOND_PERSON],
        [],
        [(0.0, 360.0, 30.0, 70.0)],
    ]
    shown = 0
    for index in range(len(scenes) * 35):
        frame, alpha = people_in_secret_room(640, 360, scenes[index // 35], seed=index % 4)
        result = pipeline.process(Frame(frame, index, index / 30), backdrop)
        assert result.notice is None
        assert leaked(result.pixels, _near(alpha)) == 0
        if index % 35 == 34 and alpha.any():  # long enough to have been found
            sure = cv2.erode(alpha, np.ones((15, 15), np.uint8)) > 0
            np.testing.assert_array_equal(result.pixels[sure], frame[sure])
            shown += 1
    assert shown == 4


def test_centring_keeps_the_size_and_shows_no_room_and_puts_the_person_in_the_middle():
    finder = WhiteFinder()
    pipeline, wanted = Pipeline(finder), replace(COLOUR, auto_framing=True)
    frame, _ = people_in_secret_room(640, 360, [SMALL_PERSON])
    for index in range(240):
        result = pipeline.process(
            Frame(frame, index, index / 30),
            wanted,
            pixel_format=PixelFormat.I420 if index % 2 == 0 else PixelFormat.BGR,
        )
        assert result.notice is None
        assert result.size == (640, 360)
        assert result.alpha is not None
        assert result.alpha.shape == (360, 640)
        if index % 20 == 0:
            assert leaked(result.pixels, _near(result.alpha)) == 0
    x, _, width, _ = cv2.boundingRect(result.alpha)
    assert abs(x + width / 2 - 320) < 40
    assert width > 1.6 * 2 * SMALL_PERSON[2]
    assert pipeline.process(Frame(frame, 240, 8.0), replace(wanted, backdrop="none")).is_raw


def test_after_a_reset_a_new_scene_is_looked_at_whole_and_shown_at_once():
    pipeline = Pipeline(WhiteFinder())
    for index in range(40):
        frame, _ = people_in_secret_room(640, 360, [SMALL_PERSON])
        pipeline.process(Frame(frame, index, index / 30), COLOUR)
    dark, alpha = people_in_secret_room(640, 360, [SECOND_PERSON], seed=1)
    dark[:, :330] = 0
    pipeline.reset()
    result = pipeline.process(Frame(dark, 40, 40 / 30), COLOUR)
    sure = cv2.erode(alpha, np.ones((15, 15), np.uint8)) > 0
    np.testing.assert_array_equal(result.pixels[sure], dark[sure])
    assert leaked(result.pixels, _near(alpha)) == 0
