"""Rates over a sliding second."""

import pytest

from backdrop.run.rates import Rate


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def rate(clock):
    return Rate(lambda: clock[0])


def test_thirty_in_a_second_are_thirty_and_a_second_later_none(rate, clock):
    for index in range(90):
        clock[0] = index / 30
        rate.count(0.004)
    assert rate.per_second() == 30
    assert rate.milliseconds() == pytest.approx(4)
    clock[0] += 0.5
    assert rate.per_second() == 15
    clock[0] += 0.5
    assert rate.per_second() == rate.milliseconds() == 0


def test_one_slow_frame_does_not_move_the_median(rate):
    for index in range(9):
        rate.count(0.5 if index == 4 else 0.01)
    assert rate.milliseconds() == pytest.approx(10)


def test_it_keeps_no_more_than_a_second(rate):
    for index in range(10_000):
        rate.count(now=index / 100)
    assert len(rate._events) == 100
