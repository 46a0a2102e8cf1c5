"""The cameras on Linux, looked at without starting them: there, allowed, free, and fast enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backdrop.cameras.formats import MJPG, CameraFormat, is_streaming, read_formats
from backdrop.doctor.finding import Finding, State
from backdrop.doctor.loopback import is_loopback
from backdrop.doctor.system import Access, access_to, is_backdrop, mend_access
from backdrop.language import N_, _
from backdrop.settings.settings import Settings
from backdrop.system import v4l2
from backdrop.system.probe import text_of

CAMERA = N_("Camera")
SMALLER = ((1280, 720), (960, 540), (848, 480), (640, 480), (640, 360), (320, 240))
SLOW = 0.8  # of the rate that is asked for


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One camera. streaming: a program takes frames from it. ours: Backdrop has it open.

    formats: with the rates at the size in the settings. smaller: the highest rate at each (width, height) that could
    be asked for in its place, 0 where it has none.
    """

    path: str
    name: str
    access: Access
    streaming: bool = False
    holders: tuple[str, ...] = ()
    ours: bool = False
    formats: tuple[CameraFormat, ...] = ()
    smaller: tuple[tuple[tuple[int, int], float], ...] = ()


def read_cameras(settings: Settings) -> list[FoundCamera]:
    """What this computer has, without virtual cameras."""
    return [
        _describe(each, settings)
        for each in v4l2.devices()
        if each.captures and not each.loopback and not is_loopback(each.path)
    ]


def _describe(device: v4l2.V4l2Device, settings: Settings) -> FoundCamera:
    access, holders = access_to(device.path), tuple(v4l2.holders(device.path))
    try:
        return FoundCamera(
            device.path,
            device.name,
            access,
            is_streaming(device.path),
            holders,
            is_backdrop(device.path, holders),
            tuple(read_formats(device.path, settings.width, settings.height)),
            tuple(
                (size, _best(read_formats(device.path, *size)))
                for size in SMALLER
                if size[0] < settings.width
            ),
        )
    except OSError:  # pulled out this moment, or not allowed, which access says
        return FoundCamera(device.path, device.name, access, holders=holders)


def usb_cameras_without_driver() -> int:
    """How many USB devices say that they give video (class 0e) while the driver for them is not loaded."""
    if Path("/sys/module/uvcvideo").exists():
        return 0
    classes = Path("/sys/bus/usb/devices").glob("*/bInterfaceClass")
    return [text_of(each) for each in classes].count("0e")


def judge_cameras(
    cameras: Sequence[FoundCamera], settings: Settings, without_driver: int = 0
) -> list[Finding]:
    """One finding a camera, or one that there is none. What is wrong with one is advice where another one works."""
    if not cameras:
        return [_none(without_driver)]
    free = any(each.access.allowed and not _taken(each) for each in cameras)
    return [_judge(each, settings, "advice" if free else "fault") for each in cameras]


def _none(without_driver: int) -> Finding:
    if without_driver:
        return Finding(
            CAMERA,
            "fault",
            _("A USB camera is plugged in, but its driver is not loaded."),
            "sudo modprobe uvcvideo",
        )
    return Finding(
        CAMERA,
        "fault",
        _("There is no camera: plug one in, or see how Backdrop works with the demo."),
        "backdrop run --camera demo --output null --seconds 10",
    )


def _taken(camera: FoundCamera) -> bool:
    return camera.streaming and not camera.ours


def _judge(camera: FoundCamera, settings: Settings, bad: State) -> Finding:
    named = f"{camera.name} ({camera.path})"
    details = {
        "device": camera.path,
        "streaming": camera.streaming,
        "held by": list(camera.holders),
        "asked": f"{settings.width} × {settings.height} at {settings.fps}",
        "formats": {each.fourcc: max(each.rates, default=0) for each in camera.formats},
    }
    if not camera.access.allowed:
        what, command = mend_access(camera.path, camera.access)
        return Finding(
            CAMERA,
            bad,
            _("{named} may not be opened by this user: {what}.", named=named, what=what),
            command,
            details,
        )
    if _taken(camera):
        who = _(" and ").join(camera.holders)
        return Finding(
            CAMERA,
            bad,
            _(
                "{named} is in use by {who}: close that, or choose another camera.",
                named=named,
                who=who or _("a program of another user"),
            ),
            "" if who else f"sudo fuser --verbose {camera.path}",
            details,
        )
    state, sentence, command = _speed(camera, settings)
    return Finding(CAMERA, state, sentence, command, details)


def _best(formats: Sequence[CameraFormat]) -> float:
    return max((rate for each in formats for rate in each.rates), default=0.0)


def _speed(camera: FoundCamera, settings: Settings) -> tuple[State, str, str]:
    """What a camera gives at the size in the settings."""
    named, asked = f"{camera.name} ({camera.path})", f"{settings.width} × {settings.height}"
    best, enough = _best(camera.formats), SLOW * settings.fps
    state = _("in use by Backdrop") if camera.streaming else _("free")
    if not best:
        return (
            "ok",
            _(
                "{named} is {state}; it does not give {asked}, so its nearest size is taken.",
                named=named,
                state=state,
                asked=asked,
            ),
            "",
        )
    if best >= enough:
        return (
            "ok",
            _(
                "{named} is {state} and gives up to {best} frames a second at {asked}.",
                named=named,
                state=state,
                best=f"{best:.3g}",
                asked=asked,
            ),
            "",
        )
    mjpg = any(each.fourcc in MJPG for each in camera.formats)
    why = "" if mjpg else _(", for it does not compress them as MJPG")
    slow = _(
        "{named} gives no more than {best} frames a second at {asked}{why}",
        named=named,
        best=f"{best:.3g}",
        asked=asked,
        why=why,
    )
    for (width, height), rate in camera.smaller:
        if rate >= enough:
            command = f"backdrop --camera {camera.path} --width {width} --height {height}"
            return (
                "advice",
                _(
                    "{slow}; at {width} × {height} it gives {rate}.",
                    slow=slow,
                    width=width,
                    height=height,
                    rate=f"{rate:.3g}",
                ),
                command,
            )
    return "advice", _("{slow}, nor at a smaller size.", slow=slow), ""
