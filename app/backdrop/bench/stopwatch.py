"""CPU time, stage by stage."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# CPU time, which other programs do not lengthen. Windows counts it in steps of 16 ms, more than a frame takes; there
# it is the time that passes, which is the same for one thread that never waits.
cpu_time = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


class Stopwatch:
    """Times the stages of a line. laps: the seconds of CPU of each call, by the stage's name."""

    def __init__(self) -> None:
        self.laps: dict[str, list[float]] = {}

    def watch(self, name: str, stage: Callable[P, R]) -> Callable[P, R]:
        """The stage, timed whenever it is called and does not raise."""
        laps = self.laps.setdefault(name, [])

        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            begun = cpu_time()
            answer = stage(*args, **kwargs)
            laps.append(cpu_time() - begun)
            return answer

        return timed

    def forget(self) -> None:
        """Start again: what was timed so far was for warming up."""
        for laps in self.laps.values():
            laps.clear()
