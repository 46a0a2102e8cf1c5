"""CPU time, stage by stage."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# CPU time, which does not depend on other programs. Windows counts it in steps of 16 ms, longer than a frame, so there it
# is wall time, which is the same for one thread that never waits.
cpu_time = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


class Stopwatch:
    """Times the stages of a pipeline. laps: the CPU seconds of each call, by name of the stage."""

    def __init__(self) -> None:
        self.laps: dict[str, list[float]] = {}

    def watch(self, name: str, stage: Callable[P, R]) -> Callable[P, R]:
        """The stage, timed at each call that does not raise."""
        laps = self.laps.setdefault(name, [])

        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            begun = cpu_time()
            answer = stage(*args, **kwargs)
            laps.append(cpu_time() - begun)
            return answer

        return timed

    def forget(self) -> None:
        """Discard what was timed so far, which was a warm-up."""
        for laps in self.laps.values():
            laps.clear()
