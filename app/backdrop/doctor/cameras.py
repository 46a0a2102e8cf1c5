"""The cameras on Linux, checked without starting them: present, permitted, free, and fast enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backdrop.cameras.formats import MJPG, CameraFormat, is_streaming, read_formats
from backdrop.doctor.finding import Finding, State
from backdrop.doctor.system import Access, access_to, fix_access, is_backdrop
from backdrop.language import N_, _
from backdrop.settings.settings import Settings
from backdrop.system import v4l2
from backdrop.system.probe import text_of

CAMERA = N_("Camera")
SMALLER = ((1280, 720), (960, 540), (848, 480), (640, 480), (640, 360), (320, 240))
SLOW = 0.8  # of the requested rate; less is slow


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One camera. streaming: a program is taking frames from it. ours: Backdrop has it open.

    formats: with their rates at the size in the settings. smaller: smaller sizes (width, height), each with the highest
    rate that the camera has there, or 0.
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
    """The cameras of this computer, without virtual cameras."""
    return [_describe(each, settings) for each in v4l2.devices() if each.captures and not each.loopback]


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
    except OSError:  # just unplugged, or not permitted: access has that
        return FoundCamera(device.path, device.name, access, holders=holders)


def usb_cameras_without_driver() -> int:
    """How many USB devices are cameras (class 0e), if the driver for them is not loaded; else 0."""
    if Path("/sys/module/uvcvideo").exists():
        return 0
    classes = Path("/sys/bus/usb/devices").glob("*/bInterfaceClass")
    return [text_of(each) for each in classes].count("0e")


def judge_cameras(
    cameras: Sequence[FoundCamera], settings: Settings, without_driver: int = 0
) -> list[Finding]:
    """One finding for each camera, or one saying there is none. A problem with one is only advice if another one works."""
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
        _("No camera found. Connect one, or try Backdrop with the demo."),
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
    found = partial(Finding, CAMERA, details=details)
    if not camera.access.allowed:
        what, command = fix_access(camera.path, camera.access)
        return found(bad, _("You are not allowed to open {named}: {what}.", named=named, what=what), command)
    if _taken(camera):
        who = _(" and ").join(camera.holders)
        return found(
            bad,
            _(
                "{named} is in use by {who}. Close that program, or choose another camera.",
                named=named,
                who=who or _("another user's program"),
            ),
            "" if who else f"sudo fuser --verbose {camera.path}",
        )
    return _judge_rate(camera, settings, found)


def _best(formats: Sequence[CameraFormat]) -> float:
    return max((rate for each in formats for rate in each.rates), default=0.0)


def _judge_rate(camera: FoundCamera, settings: Settings, found: Callable[..., Finding]) -> Finding:
    """About the rate at the size in the settings."""
    named, asked = f"{camera.name} ({camera.path})", f"{settings.width} × {settings.height}"
    best, enough = _best(camera.formats), SLOW * settings.fps
    state = _("in use by Backdrop") if camera.streaming else _("free")
    if not best:
        return found(
            "ok",
            _(
                "{named} is {state}. It doesn't support {asked}, so the nearest size is used.",
                named=named,
                state=state,
                asked=asked,
            ),
        )
    if best >= enough:
        return found(
            "ok",
            _(
                "{named} is {state}: up to {best} fps at {asked}.",
                named=named,
                state=state,
                best=f"{best:.3g}",
                asked=asked,
            ),
        )
    mjpg = any(each.fourcc in MJPG for each in camera.formats)
    why = "" if mjpg else _(" because it doesn't offer MJPG")
    slow = _(
        "{named} reaches only {best} fps at {asked}{why}",
        named=named,
        best=f"{best:.3g}",
        asked=asked,
        why=why,
    )
    for (width, height), rate in camera.smaller:
        if rate >= enough:
            return found(
                "advice",
                _(
                    "{slow}. At {width} × {height} it reaches {rate} fps.",
                    slow=slow,
                    width=width,
                    height=height,
                    rate=f"{rate:.3g}",
                ),
                f"backdrop --camera {camera.path} --width {width} --height {height}",
            )
    return found("advice", _("{slow}, and is no faster at smaller sizes.", slow=slow))
