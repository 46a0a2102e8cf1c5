"""A hook round each stage of the pipeline, to time it."""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class StageProfiler(Protocol):
    """Wraps a stage. It is called once with the name and the function of a stage, and returns the function to call instead."""

    def __call__(self, name: str, stage: Callable[P, R], /) -> Callable[P, R]: ...


def not_profiled(name: str, stage: Callable[P, R]) -> Callable[P, R]:
    """No-op profiler."""
    return stage
