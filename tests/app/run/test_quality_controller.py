"""The governor on simulated machines, whose speed changes while it looks."""

import math
import random
from collections.abc import Callable
from itertools import groupby, pairwise

import pytest

from backdrop.pipeline.quality import FULL, QUALITY_LEVELS, QualityLevel
from backdrop.run.quality_controller import QualityController

FPS = 30.0
COSTS = {quality_level: quality_level.cost for quality_level in QUALITY_LEVELS}
DEAR_NETWORK = dict(
    zip(QUALITY_LEVELS, (1.0, 0.6, 0.45, 0.44, 0.35), strict=True)
)  # a machine of another kind
DEAR_REST = dict(zip(QUALITY_LEVELS, (1.0, 0.95, 0.92, 0.8, 0.78), strict=True))


class Machine:
    """A computer that takes some time for a frame at full effort, less for less, and drops what it has no time for."""

    def __init__(self, costs: dict[QualityLevel, float] = COSTS, budget: int = 0, seed: int = 0) -> None:
        self.quality_controller = QualityController()
        self.now = 100.0
        self.steps: list[tuple[float, int]] = []  # when, and which
        self._costs, self.budget = costs, budget
        self._random = random.Random(seed)
        self._dropped, self._owed, self._cpu = 0, 0.0, 0.0

    def run(self, seconds: float, full: Callable[[float], float] | float) -> None:
        """Run for so long. full: seconds that a frame takes at full effort, perhaps depending on how long it has run."""
        begun = self.now
        while self.now < begun + seconds:
            quality_level = self.quality_controller.quality_level
            self.steps.append((self.now, QUALITY_LEVELS.index(quality_level)))
            at_full = full(self.now - begun) if callable(full) else full
            took = at_full * self._costs[quality_level] * self._random.lognormvariate(0, 0.15)
            if (
                quality_level.network_every > 1
            ):  # frames that the network looks at take longer, and the others less
                took *= (
                    1.4
                    if len(self.steps) % quality_level.network_every == 0
                    else 1 - 0.4 / (quality_level.network_every - 1)
                )
            self._cpu += took
            self._owed += max(took * FPS, 1.0)
            frames, self._owed = int(self._owed), self._owed % 1
            self._dropped += frames - 1
            self.now += frames / FPS
            self.quality_controller.note(self.now, took, 1 / FPS, self._dropped, self._cpu, self.budget)

    @property
    def step(self) -> int:
        return QUALITY_LEVELS.index(self.quality_controller.quality_level)

    def raised(self, since: float = 0.0, until: float = math.inf) -> int:
        """How often a better step was tried, between so many seconds after the beginning."""
        times = [when - 100.0 for (_, before), (when, step) in pairwise(self.steps) if step < before]
        return sum(since <= when < until for when in times)

    def changes(self, since: float = 0.0) -> list[int]:
        """The steps taken, one after another."""
        return [step for step, _ in groupby(step for when, step in self.steps if when >= since)]


def test_a_machine_that_keeps_up_is_left_alone():
    machine = Machine()
    machine.run(120, 0.015)
    assert machine.changes() == [0]
    assert not machine.quality_controller.too_slow


def test_a_machine_that_becomes_busy_takes_a_step_within_two_seconds():
    machine = Machine()
    machine.run(10, 0.015)
    machine.run(2.2, 0.030)
    assert machine.step > 0
    machine.run(20, 0.030)
    assert machine.quality_controller.quality_level.cost * 0.030 <= 0.8 / FPS * 1.1


def test_far_too_busy_goes_down_at_once_and_says_so_at_the_end():
    machine = Machine()
    machine.run(5, 0.010)
    machine.run(4, 0.100)
    assert machine.step == len(QUALITY_LEVELS) - 1
    assert machine.quality_controller.too_slow
    machine.run(4, 0.010)
    assert not machine.quality_controller.too_slow


def test_when_the_load_goes_it_comes_back_step_by_step():
    machine = Machine()
    machine.run(5, 0.012)
    machine.run(30, 0.045)
    freed = machine.now
    machine.run(40, 0.012)
    assert machine.step == 0
    assert machine.changes(freed) == list(range(len(QUALITY_LEVELS) - 1, -1, -1))
    machine.run(60, 0.012)
    assert machine.step == 0


@pytest.mark.parametrize("costs", [COSTS, DEAR_NETWORK, DEAR_REST])
@pytest.mark.parametrize("milliseconds", [16, 24, 28, 34])
def test_under_a_steady_load_it_settles(costs, milliseconds):
    machine = Machine(costs, seed=milliseconds)
    machine.run(500, milliseconds / 1000)
    assert machine.raised(until=300) <= 8
    assert machine.raised(since=300) <= 2  # for what a noisy load may look like


def test_a_load_that_comes_and_goes_every_few_seconds_is_not_followed_up_and_down():
    machine = Machine()
    machine.run(300, lambda seconds: 0.034 if seconds % 7 < 3 else 0.012)
    assert machine.raised() <= 12


def test_after_many_failures_an_eased_load_is_answered_soon():
    machine = Machine(DEAR_REST)
    machine.run(300, lambda seconds: 0.029 + 0.003 * math.sin(seconds / 9))
    assert machine.step > 0
    machine.run(45, 0.010)
    assert machine.step == 0


def test_a_budget_is_kept_and_full_effort_comes_back_with_a_larger_one():
    machine = Machine(budget=20)
    machine.run(60, 0.009)  # 27 % of a core at full effort
    assert machine.quality_controller.quality_level.cost * 27 <= 20 * 1.05
    assert not machine.quality_controller.over_budget
    machine.budget = 60
    machine.run(60, 0.009)
    assert machine.quality_controller.quality_level == FULL


def test_a_budget_that_cannot_be_kept_is_told_from_a_computer_that_is_too_slow():
    machine = Machine(budget=10)
    machine.run(20, 0.009)
    assert machine.quality_controller.over_budget
    machine.run(5, 0.120)
    assert machine.quality_controller.too_slow
    assert not machine.quality_controller.over_budget


def test_even_seconds_a_frame_are_noticed():
    machine = Machine()
    machine.run(20, 2.0)
    assert machine.quality_controller.too_slow


def test_a_rest_of_the_line_is_no_slow_frame():
    machine = Machine()
    machine.run(5, 0.010)
    machine.now += 60
    machine.run(5, 0.010)
    assert machine.changes() == [0]


def test_every_step_below_full_says_what_is_left_out_and_costs_less():
    assert FULL.savings == []
    said = [quality_level.savings for quality_level in QUALITY_LEVELS]
    assert len({tuple(words) for words in said}) == len(QUALITY_LEVELS)
    assert said[1] == ["analysing every 2nd frame"]
    assert said[-1] == ["analysing every 3rd frame", "simpler blur", "analysing less detail"]
    assert all(above.cost > below.cost for above, below in pairwise(QUALITY_LEVELS))
