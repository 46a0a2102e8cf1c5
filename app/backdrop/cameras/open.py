"""Where frames come from: the protocol every camera keeps, and how one is chosen and opened."""

import sys
from pathlib import Path

from backdrop.cameras.base import Camera, CameraError, CameraInfo, NoCameraError
from backdrop.language import _


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer that can give frames, then the demo camera, always last.

    Left out are virtual cameras called Backdrop, and whatever this program sends to: they show what it sends itself.
    Only Linux tells names; elsewhere the first three numbers are offered without looking, which would light each camera's lamp.
    """
    from backdrop.system import v4l2

    if sys.platform == "linux":
        found = [
            CameraInfo(each.path, f"{each.name} ({each.path})")
            for each in v4l2.devices()
            if each.captures
            and not (each.loopback and "backdrop" in each.name.lower())
            and not v4l2.is_fed_here(each.path)
        ]
    else:
        found = [CameraInfo(str(index), _("Camera {index}", index=index)) for index in range(3)]
    return [*found, CameraInfo("demo", _("Demo camera"))]


def open_camera(spec: str, width: int, height: int, fps: int) -> Camera:
    """Open a camera by its spec.

    spec: "" the first camera that works (NoCameraError where none does); "demo"; an index as "0"; a device as "/dev/video2";
    the path of a video file. width, height and fps are asked for; Camera.size and Camera.fps tell what came.
    Raises CameraError.
    """
    # Imported here: each of them imports the protocol above, and only the one that is wanted need load.
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

    # A loopback may be fed by this very program, so one is taken only when a person asks for it by name.
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
