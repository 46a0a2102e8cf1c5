"""What every camera keeps to, and how one fails."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a command that asks the running Backdrop for something need not load it
    import numpy as np
    from numpy.typing import NDArray


class CameraError(Exception):
    """A camera cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class EndOfVideo(CameraError):  # noqa: N818 - an end, and no error when a file is meant to end
    """A video file has no more frames."""


class Camera(Protocol):
    """Something that gives frames, one after another, at its own rate.

    One whose makes_new_arrays is true never writes to a frame that it gave; what others give is copied. Nothing else need
    have it.
    """

    name: str  # for people
    size: tuple[int, int]  # (width, height) in pixels, what it really gives
    fps: float  # frames a second, what it says it gives

    def read(self) -> "NDArray[np.uint8]":
        """The next frame, (H, W, 3) uint8 BGR, the caller's to keep. Blocks until there is one.

        Raises CameraError when the camera is gone, EndOfVideo when a file has ended.
        """
        ...

    def close(self) -> None:
        """Give the device back. Harmless the second time."""
        ...


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One camera a person may choose: spec is what Settings.camera and open_camera take."""

    spec: str
    name: str


SLOWEST, FASTEST = 0.1, 240.0  # frames a second that can be believed


class NoCameraError(CameraError):
    """Any camera would do, and none gives frames."""


def believable(fps: float, asked: float) -> float:
    """The frames a second that a driver or a file says, or those asked for where it says -1, 0, 90000 or nan."""
    return fps if SLOWEST <= fps <= FASTEST else asked
