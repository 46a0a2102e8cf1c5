"""Nobody is shown as long as no part of the alpha is surely a person; who was there stays."""

import numpy as np
import pytest

from sinet_core.matting.presence import COME, PATIENCE, STAY, Presence, is_sure


def part(alpha: np.ndarray, sure: float, left: int = 20, wide: int = 40) -> np.ndarray:
    """Adds a part of which so much is sure, and the rest is more likely a person than not."""
    columns = np.arange(wide) < round(sure * wide)
    alpha[20:, left : left + wide] = np.where(columns, 0.97, 0.6)
    return alpha


def room() -> np.ndarray:
    return np.zeros((96, 160), np.float32)


def test_a_bed_that_is_half_a_person_is_not_shown():
    presence, bed = Presence(), part(room(), COME - 0.05)
    for moment in range(3):
        assert presence(bed, moment / 30).max() == 0
    assert bed.max() > 0.9  # it is not written to


def test_somebody_the_network_is_sure_of_is_shown_at_once_with_all_that_is_beside_them():
    alpha = part(part(room(), 0.8), 0.0, left=100)
    assert Presence()(alpha, 0.0) is alpha


def test_who_was_seen_clearly_stays_while_they_are_seen_less_clearly():
    presence, dim = Presence(), part(room(), (COME + STAY) / 2)
    presence(part(room(), 0.9), 0.0)
    for seconds in range(1, 20):
        assert presence(dim, float(seconds)) is dim
    presence.reset()
    assert presence(dim, 20.0).max() == 0


def test_when_somebody_has_left_the_bed_is_not_shown_in_their_place():
    presence, bed = Presence(), part(room(), STAY / 2)
    presence(part(room(), 0.9), 0.0)
    assert presence(bed, PATIENCE / 2) is bed  # a moment of doubt makes nobody flash away
    assert presence(bed, PATIENCE * 1.1).max() == 0
    assert presence(part(room(), (COME + STAY) / 2), PATIENCE * 1.2).max() == 0


def test_when_the_clock_goes_back_nobody_has_been_seen():
    presence = Presence()
    presence(part(room(), 0.9), 100.0)
    assert presence(part(room(), STAY / 2), 99.0).max() == 0


@pytest.mark.parametrize("share", [STAY, COME])
def test_a_small_person_beside_a_large_bed_is_somebody(share):
    alpha = part(part(room(), 0.0, left=10, wide=100), 1.0, left=130, wide=8)
    assert is_sure(alpha, share)


def test_a_speck_is_nobody():
    alpha = room()
    alpha[5, 5:7] = 1
    assert not is_sure(alpha, STAY)
    assert not is_sure(part(alpha, 0.0), STAY)
    assert not is_sure(room(), STAY)
