"""What every output keeps to, and how one fails."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a command that asks the running Backdrop for something need not load it
    import numpy as np
    from numpy.typing import NDArray


class OutputError(Exception):
    """An output cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class Output(Protocol):
    """Something that takes composites of one size, one after another.

    One whose takes_i420 is true also takes them in I420, and rather so. One that nobody may be watching has a method
    has_consumers(), which answers whether somebody is, None where that cannot be told; it does not wait, and never raises.
    One that can tell which programs read it has a method readers(), which takes its time and may be called on a thread
    of its own: names for people.
    One that takes another size than it was opened with has an attribute size. Nothing else need have these four.
    """

    name: str  # for people

    def send(self, pixels: "NDArray[np.uint8]") -> None:
        """Hand over one composite, (H, W, 3) uint8 BGR of its size or the one given when opening. Raises OutputError."""
        ...

    def close(self) -> None:
        """Finish and give the device or file back. Harmless the second time."""
        ...


class NullOutput:
    """Goes nowhere: for measuring, and for a run that is only looked at."""

    name = "nowhere"
    takes_i420 = True  # so that a run that measures does what one with a virtual camera does

    def send(self, pixels: "NDArray[np.uint8]") -> None:
        """Take one composite and forget it."""

    def close(self) -> None:
        """There is nothing to give back."""
