"""What may be put round the stages of the line, to time them."""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Watch(Protocol):
    """Put round each stage, to time it. Called once with its name and the stage; answers the stage to call."""

    def __call__(self, name: str, stage: Callable[P, R], /) -> Callable[P, R]: ...


def unwatched(name: str, stage: Callable[P, R]) -> Callable[P, R]:
    """The watch that does not look."""
    return stage
