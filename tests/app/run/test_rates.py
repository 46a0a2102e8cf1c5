"""Rates over a sliding second."""

from backdrop.run.rates import Rate


def test_thirty_in_a_second_are_thirty_and_a_second_later_none():
    rate = Rate()
    for index in range(90):
        rate.count(0.004, now=index / 30)
    assert rate.per_second(now=89 / 30) == 30
    assert abs(rate.milliseconds(now=89 / 30) - 4) < 1e-9
    assert rate.per_second(now=89 / 30 + 0.5) == 15
    assert rate.per_second(now=89 / 30 + 1) == 0
    assert rate.milliseconds(now=89 / 30 + 1) == 0


def test_one_slow_frame_does_not_move_the_median():
    rate = Rate()
    for index in range(9):
        rate.count(0.5 if index == 4 else 0.01, now=index / 30)
    assert abs(rate.milliseconds(now=0.3) - 10) < 1e-9


def test_it_keeps_no_more_than_a_second():
    rate = Rate()
    for index in range(10_000):
        rate.count(now=index / 100)
    assert len(rate._events) == 100
