"""List, choose and open cameras."""

import sys
from pathlib import Path

from backdrop.cameras.base import Camera, CameraError, CameraInfo, NoCameraError
from backdrop.language import _


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer, and then the demo camera, always last.

    Virtual cameras called Backdrop, and devices that this program sends to, are omitted: they show Backdrop's own output.
    Only Linux reports names. Elsewhere the first three numbers are offered without a check, which would switch on each
    camera's light.
    """
    from backdrop.system import v4l2

    if sys.platform == "linux":
        found = [
            CameraInfo(each.path, f"{each.name} ({each.path})")
            for each in v4l2.devices()
            if each.captures
            and not (each.loopback and each.is_named_backdrop)
            and not v4l2.is_fed_here(each.path)
        ]
    else:
        found = [CameraInfo(str(index), _("Camera {index}", index=index)) for index in range(3)]
    return [*found, CameraInfo("demo", _("Demo camera"))]


def open_camera(spec: str, width: int, height: int, fps: int) -> Camera:
    """Open a camera by its spec.

    spec: "" for the first camera that works (NoCameraError if none does); "demo"; an index such as "0"; a device such as
    "/dev/video2"; or the path of a video file. width, height and fps are requests; Camera.size and Camera.fps are the result.
    Raises CameraError.
    """
    # Imported here, so that only the chosen one is loaded.
    from backdrop.cameras.demo import DemoCamera
    from backdrop.cameras.video_file import VideoFile
    from backdrop.cameras.webcam import Webcam

    if spec == "":
        return _first_that_works(width, height, fps)
    if spec == "demo":
        return DemoCamera(width, height, fps)
    if spec.isdecimal() or spec.startswith("/dev/"):
        return Webcam(int(spec) if spec.isdecimal() else spec, width, height, fps)
    if Path(spec).is_file():
        return VideoFile(spec)
    raise CameraError(
        _(
            "There is no camera or video file {spec}: use a number, a device, a file or demo. `backdrop"
            " devices` lists the cameras.",
            spec=spec,
        )
    )


def _first_that_works(width: int, height: int, fps: int) -> Camera:
    from backdrop.cameras.webcam import Webcam
    from backdrop.system import v4l2

    # A loopback may show this program's own output, so it is used only if a person asks for it by name.
    loopbacks = {each.path for each in v4l2.devices() if each.loopback}
    reasons: list[str] = []
    for info in list_cameras():
        if info.spec == "demo" or info.spec in loopbacks:
            continue
        try:
            return Webcam(info.spec, width, height, fps)
        except CameraError as error:
            reasons.append(str(error))
    if len(reasons) == 1:
        raise NoCameraError(reasons[0])
    raise NoCameraError(
        _("No camera works: connect one, close the app that is using it, or choose the demo (--camera demo).")
    )
