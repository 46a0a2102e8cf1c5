"""The protocol of all outputs, and their error."""

from typing import TYPE_CHECKING, Protocol

from backdrop.frames.pixel_format import PixelFormat

if TYPE_CHECKING:  # a command that talks to the running Backdrop must not load NumPy
    import numpy as np
    from numpy.typing import NDArray


class OutputError(Exception):
    """An output cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class Output(Protocol):
    """Something that takes composites of one size, one after another.

    Every output takes BGR. Four more attributes are optional. pixel_format: PixelFormat.I420 if it accepts I420, too, and
    prefers it. has_consumers(): whether a program reads the output, None if the output does not know; it does not wait and
    never raises. An output without it counts as read. readers(): the names of the programs that read it, for people; slow,
    and any one thread may call it. size: (width, height), if it is not the size it was opened with.
    """

    name: str  # for people

    def send(self, pixels: "NDArray[np.uint8]") -> None:
        """Send one composite, (H, W, 3) uint8 BGR, of size or the size given when opening. Raises OutputError."""
        ...

    def close(self) -> None:
        """Finish, and release the device or file. Harmless the second time."""
        ...


class NullOutput:
    """Sends nowhere: for measurements, and for runs with a preview only."""

    name = "nowhere"
    pixel_format = PixelFormat.I420  # as a virtual camera has it, so that a measurement does the same work

    def send(self, pixels: "NDArray[np.uint8]") -> None:
        """Discard one composite."""

    def close(self) -> None:
        """Nothing to release."""
