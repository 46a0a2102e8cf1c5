"""Where composites go: the protocol every output keeps, and how one is chosen and opened."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class OutputError(Exception):
    """An output cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class Output(Protocol):
    """Something that takes composites of one size, one after another."""

    name: str  # for people

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Hand over one composite, (H, W, 3) uint8 BGR of the size given when opening. Raises OutputError."""
        ...

    def close(self) -> None:
        """Finish and give the device or file back. Harmless the second time."""
        ...


def open_output(spec: str, width: int, height: int, fps: float) -> Output:
    """Open an output by its spec.

    spec: "" the first virtual camera; "null" nowhere; a device as "/dev/video10" or a virtual camera's name;
    the path of a video file to write (.mp4, .mkv, .mov). Raises OutputError.
    """
    raise NotImplementedError
