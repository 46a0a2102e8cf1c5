"""The protocol of all cameras, and their errors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a command that talks to the running Backdrop must not load NumPy
    import numpy as np
    from numpy.typing import NDArray


class CameraError(Exception):
    """A camera cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class EndOfVideo(CameraError):  # noqa: N818 - the normal end of a file is not an error
    """A video file has no more frames."""


class Camera(Protocol):
    """Delivers frames, one after another, at its own rate.

    An attribute is optional. makes_new_arrays: True if frames are never reused, so callers need not copy them.
    """

    name: str  # for people
    size: tuple[int, int]  # (width, height) in pixels of the real frames
    fps: float  # as the driver or file says

    def read(self) -> "NDArray[np.uint8]":
        """Return the next frame, (H, W, 3) uint8 BGR. Blocks until there is one.

        Raises CameraError if the camera is gone, EndOfVideo at the end of a file.
        """
        ...

    def close(self) -> None:
        """Release the device. Harmless the second time."""
        ...


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that a person can choose. spec: for Settings.camera and open_camera()."""

    spec: str
    name: str


SLOWEST, FASTEST = 0.1, 240.0  # the range of credible fps


class NoCameraError(CameraError):
    """Any camera would do, but none works."""


def believable(fps: float, asked: float) -> float:
    """The fps that a driver or file reports, or the fps asked for if that is not credible: -1, 0, 90000 or nan."""
    return fps if SLOWEST <= fps <= FASTEST else asked
