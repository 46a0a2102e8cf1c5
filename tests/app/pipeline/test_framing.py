"""The virtual camera keeps the person in the middle, moves gently, and rests while they sit."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.pipeline.framing import LARGEST, Framing, Window
from sinet_core.matting.person_segmenter import SegmentationResult
from sinet_core.matting.roi import Region

FPS = 30
WIDTH, HEIGHT = 1280, 720
SMALL = np.zeros((48, 80, 3), np.uint8)


class Shoot:
    """Framing with what it is told of, frame after frame."""

    def __init__(self, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.framing, self.size, self.frames = Framing(), size, 0

    def see(self, x: float | None, top: float = 0.35, wide: float = 0.11) -> Window:
        """Show somebody whose head is at x and top, in shares of the frame, down to its lower edge; None for nobody."""
        width, height = self.size
        alpha = np.zeros((96, 160), np.float32)
        if x is not None:
            place = (round(x * 160 * 16), round((top + 0.15) * 96 * 16))
            cv2.circle(alpha, place, round(0.15 * 96 * 16), 1, -1, shift=4)
            left, right = round((x - wide) * 160), round((x + wide) * 160)
            alpha[round((top + 0.3) * 96) :, max(0, left) : max(0, right)] = 1
        at = self.frames / FPS
        self.frames += 1
        sighting = SegmentationResult(Region.whole(width, height), alpha, SMALL, (height, width, 3), at)
        return self.framing(sighting) or Window(0, 0, width, height)

    def settle(self, x: float | None, top: float = 0.35, seconds: float = 8) -> Window:
        for _ in range(round(seconds * FPS)):
            window = self.see(x, top)
        return window


def _is_inside(window: Window, width: int, height: int) -> bool:
    across = window.left >= 0 and window.left + window.width <= width
    return across and window.top >= 0 and window.top + window.height <= height


@pytest.mark.parametrize("x", [0.3, 0.45, 0.5, 0.62])
def test_the_person_comes_into_the_middle(x):
    window = Shoot().settle(x)
    assert abs(window.left + window.width / 2 - x * WIDTH) < 0.09 * window.height
    assert window.top < 0.35 * HEIGHT < window.top + 0.25 * window.height  # a little room above the head
    assert window.width < 0.8 * WIDTH


def test_a_seated_person_who_sways_does_not_move_the_window_at_all():
    shoot = Shoot()
    shoot.settle(0.4)
    rng = np.random.default_rng(1)
    windows = {shoot.see(0.4 + rng.normal(0, 0.006), 0.35 + rng.normal(0, 0.006)) for _ in range(20 * FPS)}
    assert len(windows) == 1


def test_it_begins_with_the_whole_frame_and_moves_without_a_jerk_and_not_too_far():
    shoot = Shoot()
    windows = [shoot.see(0.3) for _ in range(8 * FPS)]
    assert windows[0] == Window(0, 0, WIDTH, HEIGHT)
    lefts = np.array([window.left + window.width / 2 for window in windows])
    steps = np.diff(lefts)
    assert steps.max() <= 1  # never back, beyond rounding
    assert np.abs(steps).max() < 0.012 * WIDTH
    assert np.abs(np.diff(steps)).max() <= 4
    assert len(set(windows[-FPS:])) == 1


def test_somebody_who_walks_is_followed():
    shoot = Shoot()
    shoot.settle(0.3)
    for step in range(3 * FPS):
        shoot.see(0.3 + 0.4 * step / (3 * FPS))
    window = shoot.settle(0.7, seconds=5)
    assert abs(window.left + window.width / 2 - 0.7 * WIDTH) < 0.09 * window.height


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.none() | st.floats(0, 1), st.floats(0, 0.6)), min_size=1, max_size=6),
    st.sampled_from([(1280, 720), (641, 479), (480, 640), (35, 33)]),
)
def test_the_window_never_leaves_the_frame_nor_enlarges_too_much(places, size):
    shoot = Shoot(size)
    for x, top in places:
        for _ in range(15):
            window = shoot.see(x, top)
            assert _is_inside(window, *size)
            assert window.width >= size[0] / LARGEST - 1
            assert window.height >= size[1] / LARGEST - 1


def test_with_nobody_there_it_stays_and_then_shows_everything():
    shoot = Shoot()
    window = shoot.settle(0.35)
    assert shoot.settle(None, seconds=2) == window
    assert shoot.settle(None, seconds=10) == Window(0, 0, WIDTH, HEIGHT)


def test_a_glance_to_the_side_does_not_zoom():
    shoot = Shoot()
    window = shoot.settle(0.4, 0.4)
    for _ in range(FPS // 3):
        assert shoot.see(0.4, 0.3).height == window.height
    assert shoot.settle(0.4, 0.4, seconds=3).height == window.height


def test_a_reset_another_size_and_a_long_gap_begin_with_everything():
    shoot = Shoot()
    whole = Window(0, 0, WIDTH, HEIGHT)
    shoot.settle(0.3)
    shoot.framing.reset()
    assert shoot.see(0.3) == whole
    shoot.settle(0.3)
    shoot.frames += 10 * FPS
    assert shoot.see(0.3) == whole
    shoot.settle(0.3)
    shoot.size = (640, 480)
    assert shoot.see(0.3) == Window(0, 0, 640, 480)


@pytest.mark.parametrize(
    "window", [Window(160, 90, 960, 540), Window(301, 77, 853, 480), Window(640, 360, 640, 360)]
)
def test_enlarging_what_the_person_is_in_gives_what_enlarging_all_gives_there(window):
    pixels = np.random.default_rng(2).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    person = np.zeros((720, 1280), np.uint8)
    cv2.ellipse(person, (900, 600), (60, 100), 0, 0, 360, 255, -1)
    whole, part = window.enlarged(pixels), window.enlarged(pixels, person)
    alpha = window.enlarged(person, person)
    np.testing.assert_array_equal(alpha, window.enlarged(person))
    assert alpha.any()
    np.testing.assert_array_equal(part[alpha > 0], whole[alpha > 0])
    nobody = np.zeros_like(person)
    assert not window.enlarged(pixels, nobody).any()
