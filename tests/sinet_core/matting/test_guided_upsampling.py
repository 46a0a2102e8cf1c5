"""What is done to an alpha after the network, on shapes whose truth is known."""

import math
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.matting.guided_upsampling import TemporalFilter, guided_upsample

TICK = 1 / 30


def _disc(height: int, width: int, radius: float, x: float = 0.5) -> NDArray[np.float32]:
    """A disc with an edge one pixel soft, in the middle of the height. radius: in heights. Alpha (H, W) float32."""
    down, across = np.mgrid[:height, :width].astype(np.float32)
    distance = np.hypot(down - height / 2, across - x * width)
    return np.clip(radius * height - distance + 0.5, 0, 1).astype(np.float32)


def _scene(truth: NDArray[np.float32], person: tuple, room: tuple) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).normal(0, 3, (*truth.shape, 3))
    colours = truth[..., None] * np.array(person) + (1 - truth[..., None]) * np.array(room)
    return np.clip(colours + noise, 0, 255).astype(np.uint8)


def _run(alphas: list, steady: TemporalFilter | None = None) -> list:
    steady = steady or TemporalFilter()
    return [steady(alpha, index * TICK) for index, alpha in enumerate(alphas)]


def test_the_first_alpha_comes_back_as_it_is():
    alpha = np.random.default_rng(0).random((36, 64), np.float32)
    np.testing.assert_array_equal(TemporalFilter()(alpha, 5.0), alpha)


def test_a_still_picture_shimmers_less():
    rng = np.random.default_rng(0)
    edge = cv2.GaussianBlur(_disc(144, 256, 0.3), (0, 0), 3)
    wobble = 0.3 * edge * (1 - edge)  # a network is unsteady where it is unsure
    alphas = [
        np.clip(edge + wobble * rng.normal(size=edge.shape), 0, 1).astype(np.float32) for _ in range(20)
    ]

    steadied = _run(alphas)
    assert _flicker(steadied) < 0.4 * _flicker(alphas)
    assert np.abs(steadied[-1] - edge).mean() < np.abs(alphas[-1] - edge).mean()


def test_a_hand_that_moves_does_not_trail():
    alphas = [_disc(144, 256, 0.1, x=0.2 + 0.03 * index) for index in range(20)]
    for alpha, steadied in zip(alphas, _run(alphas), strict=True):
        assert steadied[alpha == 0].max() < 0.03
        assert steadied[alpha == 1].min() > 0.97
        assert np.abs(steadied - alpha).mean() < 0.001


def test_the_person_who_comes_and_goes_at_once_is_seen_at_once():
    nobody, person = np.zeros((36, 64), np.float32), np.ones((36, 64), np.float32)
    steadied = _run([nobody, person, nobody])
    assert steadied[1].min() == 1.0
    assert steadied[2].max() == 0.0


def _flicker(alphas: list) -> float:
    return float(np.mean([np.abs(after - before).mean() for before, after in pairwise(alphas[5:])]))


def _run_seen(alphas: list, frames: list) -> list:
    steady = TemporalFilter()
    return [
        steady(alpha, index * TICK, frame)
        for index, (alpha, frame) in enumerate(zip(alphas, frames, strict=True))
    ]


def _noisy(picture: NDArray, seed: int, deviation: float = 4) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("light", [1.0, 0.5, 0.25])
def test_where_the_frame_stands_still_the_alpha_is_held(light):
    rng = np.random.default_rng(0)
    edge = cv2.GaussianBlur(_disc(144, 256, 0.3), (0, 0), 3)
    alphas = [np.clip(edge + 0.2 * edge * rng.normal(), 0, 1).astype(np.float32) for _ in range(30)]
    picture = np.random.default_rng(1).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    frames = [_noisy(light * picture, index, 2 + 2 * light) for index in range(30)]  # noise is no movement
    assert _flicker(_run_seen(alphas, frames)) < 0.4 * _flicker(_run(alphas)) < 0.4 * _flicker(alphas)


@pytest.mark.parametrize("speed", [0.03, 0.003])
@pytest.mark.parametrize("contrast", [150, 30])
def test_what_moves_in_the_frame_is_followed_however_slowly(speed, contrast):
    alphas, frames = [], []
    for index in range(25):
        truth = _disc(360, 640, 0.2, x=0.15 + speed * index)
        alphas.append(cv2.resize(truth, (256, 144), interpolation=cv2.INTER_AREA))
        frames.append(_noisy(90 + contrast * truth[..., None].repeat(3, axis=2), index))
    behind = [
        np.abs(steadied - alpha).sum()
        for alpha, steadied in zip(alphas, _run_seen(alphas, frames), strict=True)
    ]
    outline = 2 * math.pi * 0.2 * 144  # pixels long
    assert max(behind) < outline  # never a pixel


@pytest.mark.parametrize("light", [1.0, 0.5, 0.25])
def test_a_hand_that_moves_leaves_no_trail_in_dim_light_either(light):
    filtered, frames, alphas = TemporalFilter(), [], []
    for index, x in enumerate([0.3, 0.3, 0.3, 0.5, 0.7]):
        truth = _disc(360, 640, 0.15, x=x)
        alphas.append(cv2.resize(truth, (256, 144), interpolation=cv2.INTER_AREA))
        frames.append(_noisy(light * (90 + 30 * truth[..., None].repeat(3, axis=2)), index, 3 * light))
    for index, (alpha, frame) in enumerate(zip(alphas, frames, strict=True)):
        answer = filtered(alpha, index * TICK, frame)
        assert answer[alpha == 0].max() < 0.03
        assert answer[alpha == 1].min() > 0.97


def test_an_alpha_that_was_wrong_is_put_right_although_nothing_moves():
    person, nobody = _disc(144, 256, 0.3), np.zeros((144, 256), np.float32)
    picture = _scene(_disc(360, 640, 0.3), (60, 90, 180), (200, 190, 150))
    for wrong, right in ((person, nobody), (nobody, person)):
        steadied = _run_seen([wrong] + [right] * 15, [picture] * 16)
        assert np.abs(steadied[-1] - right).max() < 0.25


def test_it_forgets_as_fast_at_fifteen_frames_a_second_as_at_sixty():
    before, after = np.full((36, 64), 0.5, np.float32), np.full((36, 64), 0.53, np.float32)
    reached = []
    for rate in (15, 60):
        steady = TemporalFilter()
        steady(before, 0.0)
        reached += [steady(after, (index + 1) / rate) for index in range(rate // 5)][-1:]
    assert 0.51 < reached[0].mean() < 0.525
    assert abs(reached[0].mean() - reached[1].mean()) < 0.006


PERSON = _disc(144, 256, 0.25, x=0.3)
ROOM = np.random.default_rng(1).integers(0, 256, (360, 640, 3), dtype=np.uint8)


def _with_another(x: float = 0.75, radius: float = 0.1) -> NDArray[np.float32]:
    return np.maximum(PERSON, _disc(144, 256, radius, x=x))


def _steadied(alphas: list, frames: list | None = None) -> tuple[list, NDArray[np.bool_]]:
    """The alphas steadied, before a still room where no frames are given, and where the other island is."""
    frames = frames or [_noisy(ROOM, index) for index in range(len(alphas))]
    return _run_seen(alphas, frames), (_with_another(radius=0.08) > 0.5) & (PERSON == 0)


@pytest.mark.parametrize("flash", [[0, 1, 1, 1, 0], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1] * 3])
def test_a_chair_that_flashes_up_while_nothing_moves_is_not_shown(flash):
    steadied, chair = _steadied([_with_another() if seen else PERSON for seen in [0, 0, *flash]])
    for alpha in steadied:
        assert alpha[chair].max() < 0.05
        assert np.abs(alpha - PERSON)[:, :128].max() < 0.05


def test_a_second_person_whom_the_network_found_late_is_shown_within_half_a_second():
    steadied, other = _steadied([PERSON] * 3 + [_with_another()] * 15)
    assert steadied[-1][other].min() > 0.8


@pytest.mark.parametrize("radius", [0.02, 0.1, 0.3])
def test_a_second_person_who_sits_still_stays_however_small(radius):
    steadied, _ = _steadied([_with_another(radius=radius)] * 30)
    np.testing.assert_allclose(steadied[-1], _with_another(radius=radius), atol=0.02)


def test_a_second_person_who_walks_in_is_shown_at_once():
    alphas, frames = [PERSON] * 3, [ROOM] * 3
    for x in (0.98, 0.94, 0.9, 0.86, 0.82, 0.78):
        alphas.append(_with_another(x=x))
        there = cv2.resize(alphas[-1], (640, 360))[..., None] - cv2.resize(PERSON, (640, 360))[..., None]
        frames.append((ROOM * (1 - there) + 20 * there).astype(np.uint8))
    steadied, _ = _steadied(alphas, frames)
    for alpha, said in zip(steadied, alphas, strict=True):
        assert alpha[said == 1].min() > 0.9


def test_a_hole_that_opens_while_nothing_moves_is_filled_and_one_that_stays_is_not():
    torn = PERSON * (1 - _disc(144, 256, 0.06, x=0.3))
    hole = _disc(144, 256, 0.04, x=0.3) > 0.5
    steadied, _ = _steadied([PERSON] * 3 + [torn, torn, PERSON] * 4)
    assert min(alpha[hole].min() for alpha in steadied) > 0.95
    steadied, _ = _steadied([PERSON] * 3 + [torn] * 16)
    assert steadied[-1][hole].max() < 0.2


@pytest.mark.parametrize("gap", [0.6, -0.1, float("nan")])
def test_it_starts_afresh_after_a_gap(gap):
    steady, before = TemporalFilter(), np.full((36, 64), 0.5, np.float32)
    after = np.full((36, 64), 0.6, np.float32)
    steady(before, 10.0)
    np.testing.assert_array_equal(steady(after, 10.0 + gap), after)
    steady(before, 20.0)
    assert not np.array_equal(steady(after, 20.0 + TICK), after)


def test_it_starts_afresh_at_another_size_and_after_a_reset():
    steady = TemporalFilter()
    steady(np.full((36, 64), 0.5, np.float32), 0.0)
    larger = np.full((64, 36), 0.6, np.float32)
    np.testing.assert_array_equal(steady(larger, TICK), larger)
    steady.reset()
    after = np.full((64, 36), 0.7, np.float32)
    np.testing.assert_array_equal(steady(after, 2 * TICK), after)


def test_an_array_that_the_network_fills_again_changes_nothing_that_was_given():
    steady, buffer = TemporalFilter(), np.zeros((36, 64), np.float32)
    given_out = steady(buffer, 0.0)
    buffer[:] = 1.0
    assert given_out.max() == 0.0
    assert steady(np.full((36, 64), 0.01, np.float32), TICK).max() < 0.01


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=6),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_alpha_stays_between_the_old_and_the_new(seeds, height, width):
    steady, before = TemporalFilter(), None
    for index, seed in enumerate(seeds):
        alpha = np.random.default_rng(seed).random((height, width), np.float32)
        after = steady(alpha, index * TICK)
        if before is not None:
            assert (np.minimum(before, alpha) - 1e-6 <= after).all()
            assert (after <= np.maximum(before, alpha) + 1e-6).all()
        before = after


@pytest.mark.parametrize(
    ("person", "room"),
    [
        pytest.param((60, 90, 180), (200, 190, 150), id="brighter room"),
        pytest.param((40, 40, 200), (150, 140, 40), id="same brightness, other colour"),
    ],
)
def test_refining_is_nearer_the_truth_and_sharper_than_bilinear(person, room):
    truth = _disc(720, 1280, 0.3)
    frame = _scene(truth, person, room)
    small = cv2.resize(truth, (256, 144), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)  # a network's edge is soft
    bilinear = np.round(cv2.resize(small, (1280, 720), interpolation=cv2.INTER_LINEAR) * 255)
    refined = guided_upsample(small, frame)
    assert refined.shape == (720, 1280)
    assert refined.dtype == np.uint8

    def error(alpha: NDArray) -> float:
        return float(np.abs(alpha.astype(np.float32) - 255 * truth).mean())

    def soft(alpha: NDArray) -> int:
        return int(((alpha > 25) & (alpha < 230)).sum())

    assert error(refined) < 0.3 * error(bilinear)
    assert soft(refined) < 0.4 * soft(bilinear)


def test_refining_follows_an_edge_that_the_network_missed_by_half_its_pixel():
    truth = _disc(720, 1280, 0.3)
    frame = _scene(truth, (60, 90, 180), (200, 190, 150))
    small = cv2.resize(_disc(720, 1280, 0.3, x=0.502), (256, 144), interpolation=cv2.INTER_AREA)
    bilinear = cv2.resize(small, (1280, 720), interpolation=cv2.INTER_LINEAR)
    refined = guided_upsample(small, frame) / 255
    assert np.abs(refined - truth).mean() < 0.6 * np.abs(bilinear - truth).mean()


def _small_of(truth: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(cv2.resize(truth, (288, 160), interpolation=cv2.INTER_AREA), (0, 0), 1.5)


def test_an_outline_that_is_several_pixels_off_is_moved_to_where_the_colours_part():
    truth = _disc(720, 1280, 0.3)
    frame = _scene(truth, (60, 90, 180), (200, 190, 150))
    for radius in (0.28, 0.32):  # the network sees the person 14 pixels of the frame too small, too large
        small = _small_of(_disc(720, 1280, radius))
        wrong = (cv2.resize(small, (1280, 720)) > 0.5) != (truth > 0.5)
        assert ((guided_upsample(small, frame) > 127) != (truth > 0.5)).sum() < 0.35 * wrong.sum()


def test_a_person_in_two_colours_before_a_room_in_two_others_is_told_apart():
    """One plane through the space of colours does not do it: the person is black and white, the room grey and blue."""
    truth = _disc(720, 1280, 0.3)
    checks = (np.indices(truth.shape) // 24).sum(axis=0)[..., None] % 2 == 0
    person = np.where(checks, (235, 235, 235), (20, 20, 20))
    room = np.where(checks, (120, 120, 120), (190, 110, 60))
    frame = np.where(truth[..., None] > 0.5, person, room).astype(np.uint8)
    small = _small_of(_disc(720, 1280, 0.31))
    wrong = (cv2.resize(small, (1280, 720)) > 0.5) != (truth > 0.5)
    assert ((guided_upsample(small, frame) > 127) != (truth > 0.5)).sum() < 0.8 * wrong.sum()


def test_a_person_in_the_colours_of_the_room_stays_where_the_network_saw_them():
    small = _small_of(_disc(720, 1280, 0.3))
    frame = np.random.default_rng(0).normal(128, 12, (720, 1280, 3)).clip(0, 255).astype(np.uint8)
    frame = cv2.GaussianBlur(frame, (0, 0), 5)
    said = cv2.resize(small, (1280, 720))
    refined = guided_upsample(small, frame)
    assert refined[said > 0.9].min() > 180
    assert refined[said < 0.1].max() < 75
    assert metrics.iou(refined, said) > 0.97


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_sure_alpha_stays_what_it_is_whatever_the_frame_shows(value):
    frame = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    refined = guided_upsample(np.full((144, 256), value, np.float32), frame)
    assert (refined == round(255 * value)).all()


def test_where_nobody_is_near_nothing_of_the_frame_is_let_through():
    frame = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    small = cv2.resize(_disc(720, 1280, 0.25), (256, 144), interpolation=cv2.INTER_AREA)
    near = cv2.dilate((small > 0).astype(np.uint8), np.ones((17, 17), np.uint8))
    near = cv2.resize(near, (1280, 720), interpolation=cv2.INTER_NEAREST)
    assert guided_upsample(small, frame)[near == 0].max() == 0


def test_a_frame_of_one_colour_gives_a_clean_edge():
    truth = _disc(720, 1280, 0.3)
    small = cv2.resize(truth, (256, 144), interpolation=cv2.INTER_AREA)
    refined = guided_upsample(small, np.full((720, 1280, 3), 128, np.uint8))
    assert np.abs(refined - 255 * truth).mean() < 2


@pytest.mark.parametrize("small", [(160, 288), (144, 256), (192, 256)])
@pytest.mark.parametrize("large", [(720, 1280), (480, 640), (1080, 1920), (721, 1279)])
def test_leaving_out_where_nobody_is_changes_nothing(small, large):
    """What is fitted is only the part with the person in it; that must not show, least of all as the person moves."""
    frame = cv2.resize(np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8), large[::-1])
    frame = np.ascontiguousarray(frame)
    for x in (0.2, 0.43, 0.8):
        alpha = cv2.resize(_disc(*large, 0.2, x), small[::-1], interpolation=cv2.INTER_AREA)
        somebody_everywhere = np.clip(alpha, 1e-4, 1)
        somebody_everywhere[0, 0] = somebody_everywhere[-1, -1] = 0.16  # so that the part is the whole
        corners = np.ones(large, bool)
        margin = [6 * math.ceil(size / part) for size, part in zip(large, small, strict=True)]
        corners[: margin[0], : margin[1]] = corners[-margin[0] :, -margin[1] :] = False
        difference = guided_upsample(alpha, frame).astype(int) - guided_upsample(somebody_everywhere, frame)
        assert np.abs(difference[corners]).max() <= 1


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.tuples(st.integers(1, 150), st.integers(1, 150)),
    st.integers(0, 9),
)
def test_any_two_sizes_go_together(small, large, seed):
    rng = np.random.default_rng(seed)
    alpha, frame = rng.random(small, np.float32), rng.integers(0, 256, (*large, 3), dtype=np.uint8)
    kept = alpha.copy(), frame.copy()
    refined = guided_upsample(alpha, frame)
    assert refined.shape == large
    assert refined.dtype == np.uint8
    np.testing.assert_array_equal(alpha, kept[0])
    np.testing.assert_array_equal(frame, kept[1])
