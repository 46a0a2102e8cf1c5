"""Where frames come from: the protocol every camera keeps, and how one is chosen and opened."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class CameraError(Exception):
    """A camera cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class EndOfVideo(CameraError):  # noqa: N818 - an end, and no error when a file is meant to end
    """A video file has no more frames."""


class Camera(Protocol):
    """Something that gives frames, one after another, at its own rate."""

    name: str  # for people
    size: tuple[int, int]  # (width, height) in pixels, what it really gives
    fps: float  # frames a second, what it says it gives

    def read(self) -> NDArray[np.uint8]:
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


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer that can give frames, then the demo camera, always last."""
    raise NotImplementedError


def open_camera(spec: str, width: int, height: int, fps: int) -> Camera:
    """Open a camera by its spec.

    spec: "" the first camera that works, else the demo; "demo"; an index as "0"; a device as "/dev/video2";
    the path of a video file. width, height and fps are asked for; Camera.size and Camera.fps tell what came.
    Raises CameraError.
    """
    raise NotImplementedError
