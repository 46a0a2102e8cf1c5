"""Where composites go: the protocol every output keeps, and how one is chosen and opened."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a command that asks the running Backdrop for something need not load it
    import numpy as np
    from numpy.typing import NDArray


from app.language import _


class OutputError(Exception):
    """An output cannot be opened or is gone. str() is one sentence for a person, with what to do next."""


class Output(Protocol):
    """Something that takes composites of one size, one after another.

    One whose takes_i420 is true also takes them in I420, and rather so. One that nobody may be watching has a method
    watched(), which answers whether somebody is, None where that cannot be told; it does not wait, and never raises.
    One that takes another size than it was opened with has an attribute size. Nothing else need have these three.
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


def open_output(spec: str, width: int, height: int, fps: float, *, overwrite: bool = False) -> Output:
    """Open an output by its spec. overwrite: replace a video file that is there, in place of writing to a new one beside it.

    spec: "" the first virtual camera; "pipewire" a camera of PipeWire, without a driver; "null" nowhere; a device as
    "/dev/video10" or "10", or a virtual camera's name where devices have no paths; the path of a video file to write
    (.mp4, .mov, .mkv), in which each composite is shown when it was sent. Raises OutputError.
    """
    # Imported here: each of them imports OutputError from above, and only the one that is wanted need load.
    if spec == "null":
        return NullOutput()
    if spec == "pipewire":
        from app.pipewire_camera import PipeWireCamera

        return PipeWireCamera(width, height, fps)
    if is_file(spec):
        from app.video_writer import VideoWriter

        return VideoWriter(spec, width, height, fps, live=True, overwrite=overwrite)
    from app.virtual_camera import VirtualCamera

    if sys.platform.startswith("linux") and spec and not spec.startswith("/dev/"):
        if not spec.isdecimal():
            raise OutputError(
                _("{spec} is neither a device nor a name for a video: end a video's in .mp4.", spec=spec)
            )
        spec = f"/dev/video{spec}"
    return VirtualCamera(width, height, fps, spec)


def is_file(spec: str) -> bool:
    """True when a spec names a video file to write, and no device."""
    return not spec.startswith("/dev/") and Path(spec).suffix != ""
