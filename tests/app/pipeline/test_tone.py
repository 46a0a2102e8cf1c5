"""A frame's tone: the curve, the saturation, the steadying and the glow, compiled and not."""

from typing import Any

import numpy as np
import pytest

from backdrop.pipeline.tone import Tone, toned
from tests.native_build import both_ways

RAMP = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)


def _noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    "tone",
    [
        Tone(),
        Tone((1.2, 1, 0.8), 0.6),
        Tone((1, 1, 1), -0.6, -0.9, 1.4),
        Tone((1, 1, 1.9), 1, 1, 0),
        Tone((0, 1, 2), -1, -1, 2),
    ],
)
@pytest.mark.parametrize("more", ["nothing", "glow", "steadied", "both"])
def test_compiled_and_not_it_gives_the_same_pixels(tone, more):
    frame, before, glow = _noise(0, 37, 301, 3)[:, :-1], _noise(1, 37, 300, 3), _noise(2, 19, 150)
    alpha = np.zeros((37, 300), np.uint8)
    alpha[5:30, 20:290] = 1

    def made(covered: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        steadied = before.copy()
        options: dict[str, Any] = {"glow": glow if more in ("glow", "both") else None, "alpha": covered}
        if more in ("steadied", "both"):
            options |= {"steadied": steadied, "follow": 0.25, "noise": 6}
        return toned(frame, tone, **options), steadied

    for covered in (None, alpha):
        (compiled, kept), (plain, kept_too) = both_ways(made, covered)
        seen = np.s_[:] if covered is None else covered > 0
        np.testing.assert_array_equal(compiled[seen], plain[seen])
        np.testing.assert_array_equal(kept[seen], kept_too[seen])
    np.testing.assert_array_equal(compiled[:5], frame[:5])


def test_a_tone_that_changes_nothing_keeps_every_value():
    np.testing.assert_array_equal(toned(RAMP, Tone()), RAMP)
    np.testing.assert_array_equal(toned(RAMP, Tone(), glow=np.zeros((1, 128), np.uint8)), RAMP)


@pytest.mark.parametrize("lift", [-1.0, -0.4, 0.3, 1.0])
@pytest.mark.parametrize("contrast", [-1.0, 0.0, 0.5, 1.0])
def test_a_brighter_value_never_becomes_darker_than_a_darker_one_and_black_and_white_stay(lift, contrast):
    curve = toned(RAMP, Tone(lift=lift, contrast=contrast))[0, :, 0].astype(int)
    assert (np.diff(curve) >= 0).all()
    assert (curve[0], curve[255]) == (0, 255)
    if contrast == 0:
        x = np.arange(256) / 255
        once = x + lift * x * (1 - x)
        wanted = 255 * (once + lift * once * (1 - once))
        assert np.abs(curve - wanted).max() <= 1.5


def test_more_contrast_darkens_the_dark_and_brightens_the_bright():
    curve = toned(RAMP, Tone(contrast=0.5))[0, :, 0]
    assert curve[64] < 64
    assert curve[192] > 192
    assert abs(int(curve[128]) - 128) <= 1


def test_without_saturation_all_is_grey_and_with_more_of_it_colours_are_stronger_but_as_bright():
    colour = np.full((2, 2, 3), (90, 120, 160), np.uint8)
    grey = toned(colour, Tone(saturation=0))[0, 0]
    assert grey.min() == grey.max() == round(0.114 * 90 + 0.587 * 120 + 0.299 * 160)
    strong = toned(colour, Tone(saturation=1.5))[0, 0].astype(float)
    assert strong @ [0.114, 0.587, 0.299] == pytest.approx(grey[0], abs=1)
    assert strong[2] - strong[0] == pytest.approx(1.5 * 70, abs=2)


def test_noise_is_calmed_where_nothing_moves():
    rng = np.random.default_rng(0)
    steadied = np.full((60, 60, 3), 40, np.uint8)
    frames = [np.rint(rng.normal(40, 4, steadied.shape)).astype(np.uint8) for _ in range(30)]
    for frame in frames:
        toned(frame, Tone(), steadied=steadied, follow=0.25, noise=12)
    assert steadied.std() < 0.5 * frames[-1].std()
    assert steadied.mean() == pytest.approx(40, abs=0.5)


@pytest.mark.parametrize("to", [10, 200])
def test_what_moves_is_seen_at_once_and_what_fades_arrives(to):
    steadied = np.full((4, 4, 3), 60, np.uint8)
    toned(np.full_like(steadied, to), Tone(), steadied=steadied, follow=0.25, noise=12)
    assert (steadied == to).all()
    slightly = np.full_like(steadied, to + 5)
    for _ in range(6):
        toned(slightly, Tone(), steadied=steadied, follow=0.25, noise=12)
    assert (steadied == to + 5).all(), "no rest of the old value stays"


def test_the_frame_is_not_written_to_and_an_alpha_of_nobody_copies_it():
    frame = _noise(3, 8, 8, 3)
    kept = frame.copy()
    toned(frame, Tone(lift=0.5))
    np.testing.assert_array_equal(frame, kept)
    compiled, plain = both_ways(toned, frame, Tone(lift=0.5), alpha=np.zeros((8, 8), np.uint8))
    np.testing.assert_array_equal(compiled, kept)
    np.testing.assert_array_equal(plain, kept)
