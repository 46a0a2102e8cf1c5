"""An alpha goes where the picture goes, and nowhere at a cut."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.backdrops.picture import LOOPS, built_in_pictures
from backdrop.cameras.demo import DemoCamera
from backdrop.frames.fit import cover
from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.quality import QualityLevel
from backdrop.settings.settings import Settings
from sinet_core import Segmenter, metrics
from sinet_core.matting.flow import is_cut, warp_by_flow
from sinet_core.matting.resize import halved

HEIGHT, WIDTH, RADIUS = 192, 320, 45  # of the alpha; the small frames have half of it


def _texture(seed: int) -> np.ndarray:
    """Cloth, or a wall: (HEIGHT, WIDTH, 3) uint8 with detail of all sizes."""
    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(
            rng.integers(0, 256, (HEIGHT // cell, WIDTH // cell, 3)).astype(np.float32), (WIDTH, HEIGHT)
        )
        for cell in (4, 8, 16, 32)
    ]
    return np.mean(layers, axis=0).astype(np.uint8)


SHIRT, WALL = _texture(1), _texture(2) // 3 + 80


def _disc(x: float, y: float) -> np.ndarray:
    """An alpha of 1 within RADIUS of (x, y), soft at the edge: (HEIGHT, WIDTH) float32."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.clip(RADIUS + 0.5 - np.hypot(columns - x, rows - y), 0, 1).astype(np.float32)


def _seen(x: float, y: float) -> np.ndarray:
    """The small frame of that disc, in a shirt that moves with it, before a wall that does not."""
    shift = np.array([[1, 0, x - WIDTH / 2], [0, 1, y - HEIGHT / 2]], np.float32)
    shirt = cv2.warpAffine(SHIRT, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    alpha = _disc(x, y)[..., None]
    return halved(np.rint(shirt * alpha + WALL * (1 - alpha)).astype(np.uint8))


def _centre(alpha: np.ndarray) -> tuple[float, float]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return float((columns * alpha).sum() / alpha.sum()), float((rows * alpha).sum() / alpha.sum())


@settings(deadline=None, max_examples=25)
@given(st.floats(-8, 8), st.floats(-8, 8))
def test_a_disc_that_moves_is_followed_within_a_pixel(right, down):
    alpha = warp_by_flow(_disc(150, 95), _seen(150, 95), _seen(150 + right, 95 + down))
    x, y = _centre(alpha)
    assert abs(x - 150 - right) < 1
    assert abs(y - 95 - down) < 1
    assert metrics.iou(alpha, _disc(150 + right, 95 + down)) > 0.95
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1 + 1e-6


def test_an_alpha_as_small_as_the_frames_is_followed_as_well():
    small = [
        cv2.resize(_disc(x, 95), (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for x in (150, 157)
    ]
    alpha = warp_by_flow(small[0], _seen(150, 95), _seen(157, 95))
    assert alpha.shape == small[0].shape
    assert metrics.iou(alpha, small[1]) > 0.95
    assert metrics.iou(alpha, small[1]) > metrics.iou(small[0], small[1])


def test_what_stands_still_stays_where_it_is():
    alpha = _disc(150, 95)
    np.testing.assert_allclose(warp_by_flow(alpha, _seen(150, 95), _seen(150, 95)), alpha, atol=0.02)


def test_a_wall_alone_carries_nobody_in():
    nobody = np.zeros((HEIGHT, WIDTH), np.float32)
    assert not warp_by_flow(nobody, _seen(150, 95), _seen(170, 95)).any()


@pytest.mark.parametrize("size", [(192, 320), (288, 224), (32, 256), (128, 96), (32, 32)])
@pytest.mark.parametrize("place", ["everywhere", "a corner", "one pixel"])
def test_any_size_and_place_gives_an_alpha_of_that_size(size, place):
    height, width = size
    alpha = np.zeros(size, np.float32)
    alpha[{"everywhere": np.s_[:], "a corner": np.s_[:9, -9:], "one pixel": np.s_[-1:, :1]}[place]] = 1
    frames = [
        np.random.default_rng(seed).integers(0, 256, (height // 2, width // 2, 3)).astype(np.uint8)
        for seed in (1, 2)
    ]
    before = alpha.copy()
    moved = warp_by_flow(alpha, *frames)
    assert moved.shape == size
    assert np.isfinite(moved).all()
    assert 0 <= moved.min() <= moved.max() <= 1 + 1e-6
    np.testing.assert_array_equal(alpha, before)
    np.testing.assert_array_equal(warp_by_flow(alpha, frames[0], frames[0].copy()) > 0.5, alpha > 0.5)


def test_another_size_is_refused_and_is_a_cut():
    small = _seen(150, 95)
    with pytest.raises(ValueError, match="sizes differ"):
        warp_by_flow(_disc(150, 95), small, small[:-1])
    assert is_cut(small, small[:-1])


def test_another_scene_is_a_cut():
    checks = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((24, 40)))[..., None].repeat(3, axis=2)
    checks = (200 * checks).astype(np.uint8)
    assert is_cut(checks, 200 - checks)
    assert is_cut(_seen(150, 95), cv2.addWeighted(checks, 0.6, _seen(150, 95), 0.4, 0))


LIGHTS = (1.0, 0.5, 0.25, 0.15)


def _in_light(frame: np.ndarray, light: float, seed: int) -> np.ndarray:
    """A (720, 1280, 3) frame as a webcam gives it in less light: darker, with noise and flickering 8 × 8 blocks; small."""
    rng = np.random.default_rng(seed)
    noise = 2 / light**0.9  # levels; a webcam turns its gain up
    grain = rng.normal(0, noise, (720, 1280)).astype(np.float32)
    blocks = rng.normal(0, 0.4 * noise, (90, 160)).astype(np.float32)
    grain += cv2.resize(blocks, (1280, 720), interpolation=cv2.INTER_NEAREST)
    dim = np.clip(frame * np.float32(light) + grain[..., None], 0, 255).astype(np.uint8)
    return halved(halved(halved(dim)))


def _rooms() -> list[np.ndarray]:
    paths = [
        path for path in built_in_pictures() if path.stem not in ("dawn", "ocean", *LOOPS)
    ]  # those show nearly nothing
    return [cover(np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), 1)), 1280, 720) for path in paths]


@pytest.mark.parametrize("light", LIGHTS)
def test_another_room_is_a_cut_in_any_light(light):
    rooms = _rooms()
    assert len(rooms) >= 5
    for index, before in enumerate(rooms):
        for number, after in enumerate(rooms):
            if number != index:
                assert is_cut(_in_light(before, light, 1), _in_light(after, light, 2)), (index, number)


@pytest.mark.parametrize("light", LIGHTS)
def test_noise_and_somebody_who_moves_are_no_cut_in_any_light(light):
    camera = DemoCamera(1280, 720, fps=10, paced=False)
    frames = [_in_light(camera.read(), light, seed) for seed in range(9)]
    for before, after in zip(frames, frames[3:], strict=False):  # 0.3 s, the oldest that is carried along
        assert not is_cut(before, after)
    for seed, room in enumerate(_rooms()):
        assert not is_cut(_in_light(room, light, 2 * seed), _in_light(room, light, 2 * seed + 1))


@pytest.mark.parametrize("level", [0, 3, 10])
def test_noise_in_the_dark_is_no_cut(level):
    """The lens is covered, or the light is off: there is nothing but noise."""
    black = np.full((720, 1280, 3), level, np.uint8)
    for seed in range(0, 20, 2):
        assert not is_cut(_in_light(black, 0.15, seed), _in_light(black, 0.15, seed + 1))


def test_somebody_who_moves_and_a_light_that_goes_on_are_no_cuts():
    assert not is_cut(_seen(130, 95), _seen(190, 95))
    assert not is_cut(_seen(150, 95), cv2.add(_seen(150, 95), (60, 60, 60, 0)))


def test_the_demos_person_is_carried_better_than_held():
    camera = DemoCamera(640, 384, 30, paced=False)
    frames = [camera.read().copy() for _ in range(40)]
    small = [halved(halved(frame)) for frame in frames]
    held, moved = [], []
    for index in range(0, 36, 6):
        # What has the colour of skin serves as the person: both frames say of themselves where that is.
        alpha = _skin(frames[index])
        truth = _skin(frames[index + 3])
        held.append(metrics.iou(alpha, truth))
        moved.append(metrics.iou(warp_by_flow(alpha, small[index], small[index + 3]), truth))
    assert np.mean(moved) > np.mean(held)


def _skin(frame: np.ndarray) -> np.ndarray:
    """Where a frame has the colour of skin, at the alpha's size: (192, 320) float32, 0 or 1."""
    ycrcb = cv2.cvtColor(halved(frame), cv2.COLOR_BGR2YCrCb)
    return (cv2.inRange(ycrcb, (60, 140, 90), (255, 180, 127)) > 0).astype(np.float32)


@pytest.mark.parametrize("light", LIGHTS)
def test_nobody_of_the_scene_before_is_cut_out_of_a_dim_empty_room(light):
    """Where the network looks at every fourth frame only, a person-shaped hole would show what is in the new scene."""
    pipeline = Pipeline(Segmenter.load(), live=False)
    person = DemoCamera(640, 360, fps=30, paced=False)
    for index in range(2):
        dim = cv2.convertScaleAbs(person.read(), alpha=light)
        before = pipeline.process(
            Frame(dim, index, index / 30), Settings(), quality_level=QualityLevel(network_every=4)
        )
    assert before.alpha is not None
    assert np.mean(before.alpha > 127) > 0.1, "the person is there"
    study = cv2.resize(_rooms()[-1], (640, 360), interpolation=cv2.INTER_AREA)
    empty = Frame(cv2.convertScaleAbs(study, alpha=light), 2, 2 / 30)
    after = pipeline.process(empty, Settings(), quality_level=QualityLevel(network_every=4))
    assert after.alpha is not None
    assert np.mean(after.alpha > 127) < 0.01
