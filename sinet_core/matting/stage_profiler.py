"""A hook round each stage of the line, for whoever wants to time them."""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class StageProfiler(Protocol):
    """Wraps each stage. Called once with the stage's name and the stage; returns what is called in its place."""

    def __call__(self, name: str, stage: Callable[P, R], /) -> Callable[P, R]: ...


def not_profiled(name: str, stage: Callable[P, R]) -> Callable[P, R]:
    """The profiler that does nothing."""
    return stage
