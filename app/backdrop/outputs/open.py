"""Where composites go: the protocol every output keeps, and how one is chosen and opened."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a command that asks the running Backdrop for something need not load it
    pass


from backdrop.language import _
from backdrop.outputs.base import NullOutput, Output, OutputError


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
        from backdrop.outputs.pipewire import PipeWireCamera

        return PipeWireCamera(width, height, fps)
    if is_file(spec):
        from backdrop.outputs.video_writer import VideoWriter

        return VideoWriter(spec, width, height, fps, live=True, overwrite=overwrite)
    from backdrop.outputs.virtual_camera import VirtualCamera

    if sys.platform.startswith("linux") and spec and not spec.startswith("/dev/"):
        if not spec.isdecimal():
            raise OutputError(
                _("{spec} is neither a device nor a video file: a video file's name ends in .mp4.", spec=spec)
            )
        spec = f"/dev/video{spec}"
    return VirtualCamera(width, height, fps, spec)


def is_file(spec: str) -> bool:
    """True when a spec names a video file to write, and no device."""
    return not spec.startswith("/dev/") and Path(spec).suffix != ""
