"""Choose and open an output."""

import sys
from pathlib import Path

from backdrop.language import _
from backdrop.outputs.base import NullOutput, Output, OutputError


def open_output(spec: str, width: int, height: int, fps: float, *, overwrite: bool = False) -> Output:
    """Open an output by its spec. overwrite: replace an existing video file, instead of writing to a new one beside it.

    spec: "" for the first virtual camera; "pipewire" for a PipeWire camera, which needs no driver; "null" for nowhere; a
    device such as "/dev/video10" or "10", or a virtual camera's name on systems where devices have no paths; or the path of a
    video file (.mp4, .mov, .mkv), in which each composite gets the time when it was sent. Raises OutputError.
    """
    # Imported here, so that only the chosen one is loaded.
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
    """Whether a spec names a video file, not a device."""
    return not spec.startswith("/dev/") and Path(spec).suffix != ""
