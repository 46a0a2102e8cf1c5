"""People are told the same with the compiled part and without."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinet_core.native import finding
from sinet_core.people import people_in
from tests.native_build import both_ways, needs_native


def _spots(height: int, width: int, seed: int, density: float) -> np.ndarray:
    """(height, width) float32 of sure, clear and faint pixels, in spots of several sizes that touch at sides and corners."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((-(-height // 4), -(-width // 4))) < density
    spots = np.kron(coarse, np.ones((4, 4), bool))[:height, :width] != (rng.random((height, width)) < 0.05)
    return np.where(spots, rng.choice([0.6, 0.95], (height, width)), 0.3).astype(np.float32)


def _told(alpha: np.ndarray) -> list[tuple]:
    return sorted((person.box, person.within, person.mask().tobytes()) for person in people_in(alpha))


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 999), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
def test_any_alpha_has_the_same_people_with_and_without(height, width, seed, density):
    ours, reference = both_ways(_told, _spots(height, width, seed, density))
    assert ours == reference


def test_two_people_are_two_and_what_is_not_sure_is_nobody():
    alpha = np.zeros((40, 60), np.float32)
    alpha[5:20, 3:12] = alpha[8:30, 40:60] = 1
    alpha[30:40, 10:30] = 0.7
    for people in both_ways(people_in, alpha):
        assert sorted(person.box for person in people) == [
            (3 / 60, 5 / 40, 12 / 60, 20 / 40),
            (40 / 60, 8 / 40, 1.0, 30 / 40),
        ]


@needs_native
@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4)), np.zeros((0, 4), np.float32), np.zeros((8, 8), np.float32)[:, ::2]]
)
def test_what_is_no_alpha_is_an_error_and_no_crash(wrong):
    with pytest.raises(ValueError, match="array"):
        finding.people(wrong)
