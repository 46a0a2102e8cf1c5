"""A virtual camera that call applications can select."""

import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyvirtualcam
from numpy.typing import NDArray

from backdrop.cameras.base import CameraInfo
from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.language import N_, _
from backdrop.outputs.base import OutputError
from backdrop.system import v4l2

if TYPE_CHECKING:
    from backdrop.outputs.consumers import ConsumerMonitor, DeviceReaders

INSTALL = {
    "linux": N_("run `backdrop setup`, or choose the output pipewire, which needs no driver"),
    "win32": N_(
        "install OBS Studio from obsproject.com, which includes one (`winget install OBSProject.OBSStudio`)"
    ),
    "darwin": N_(
        "install OBS Studio (`brew install --cask obs`), then start and stop its virtual camera once"
    ),
}


class VirtualCamera:
    """Sends to v4l2loopback on Linux and to OBS Studio's virtual camera on Windows and macOS.

    size: the device's own, which may differ from the size asked for. A loopback keeps its size while a call holds it open, and
    if its driver was loaded with a maximum size or with keep_format.
    """

    pixel_format = PixelFormat.I420

    def __init__(self, width: int, height: int, fps: float, device: str = "") -> None:
        """device: "/dev/video10" or, on other systems than Linux, a camera's name; "" for the first that works.

        An odd width or height loses its last column or row, because call applications reject odd sizes.
        Raises OutputError, which says what to install or close.
        """
        self.size = (width - width % 2, height - height % 2)
        self._claim: int | None = None
        self._consumers: ConsumerMonitor | None = None
        self._readers: DeviceReaders | None = None
        self._held = ExitStack()
        self._convert: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = _unchanged
        self._camera: pyvirtualcam.Camera | None = None
        self.name = _name(self._open(fps, device))

    def _open(self, fps: float, device: str) -> str:
        """Returns the device. Raises OutputError; then nothing is left open."""
        device = v4l2.node_of(device) if device.startswith("/dev/") else device
        reasons: list[tuple[str | None, Exception]] = []
        for choice in _choices(device):
            try:
                if choice is not None and choice.startswith("/dev/"):
                    _check(choice)
                    v4l2.make_output_again(choice)
                camera = self._camera = self._opened(choice, fps)
                if camera.device.startswith("/dev/"):
                    self._held.enter_context(v4l2.feeding(camera.device))
                    self._claim = v4l2.claim_output(camera.device)
                    from backdrop.outputs.consumers import DeviceReaders, consumer_monitor_of  # Linux only

                    self._consumers = consumer_monitor_of(camera.device)
                    self._readers = DeviceReaders(camera.device)
                return camera.device
            except (RuntimeError, OSError, OutputError) as error:
                self.close()
                reasons.append((choice, error))
        raise OutputError(_why_not(device, reasons)) from (reasons[-1][1] if reasons else None)

    def _opened(self, choice: str | None, fps: float) -> pyvirtualcam.Camera:
        """Open a device with its real size and pixel format. Raises OutputError, RuntimeError, OSError."""
        # BT.601 with limited range, at any size: webcams send that, and call applications expect it.
        asked = (*self.size, "YU12")
        for _attempt in range(2):
            pixels, self._convert = FORMATS[asked[2]]
            camera = pyvirtualcam.Camera(*asked[:2], fps, fmt=pixels, device=choice, backend=None)
            has = v4l2.format_of_output(camera.device) if camera.device.startswith("/dev/") else None
            if has is None or has == asked:
                self.size = asked[:2]
                return camera
            camera.close()
            if has[2] not in FORMATS or has[0] % 2 or has[1] % 2:
                break
            asked = has
        assert has is not None
        raise OutputError(
            _(
                "{name} is fixed at {width} × {height} {format}, which Backdrop cannot send: close the "
                "programs that use it, then reload its driver.",
                name=_name(camera.device),
                width=has[0],
                height=has[1],
                format=has[2],
            )
        )

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send one composite, (H, W, 3) uint8 BGR or I420, of its size. Raises OutputError."""
        width, height = self.size
        if self._camera is None:
            raise OutputError(_("{name} is closed.", name=self.name))
        planes = i420.as_i420(pixels, width, height)
        try:
            self._camera.send(self._convert(planes))
        except (RuntimeError, OSError) as error:
            raise OutputError(
                _("{name} no longer accepts frames: {reason}.", name=self.name, reason=_short(error))
            ) from error

    def has_consumers(self) -> bool | None:
        """Whether a program streams from it; None if that is not known, as on Windows and macOS."""
        return None if self._consumers is None else self._consumers.watching()

    def readers(self) -> list[str]:
        """The names of the programs that read it, as far as this user may know. Takes 30 ms. Any one thread may call this."""
        return [] if self._readers is None else self._readers.names()

    def close(self) -> None:
        """Release the device."""
        self._held.close()
        if self._consumers is not None:
            self._consumers.close()
            self._consumers = None
        if self._camera is not None:
            self._camera.close()
            self._camera = None
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None


def list_virtual_cameras() -> list[CameraInfo]:
    """The devices that VirtualCamera can send to, those called Backdrop first. Empty on other systems than Linux."""
    found = [each for each in v4l2.virtual_cameras() if not v4l2.is_read_here(each.path)]
    return [CameraInfo(each.path, each.name) for each in found]


def _check(path: str) -> None:
    """Raise OutputError or RuntimeError for a device that could be opened but is in use: two senders would get mixed up."""
    if v4l2.is_read_here(path):
        raise OutputError(
            _(
                "{name} is also the input camera: choose another virtual camera.",
                name=_name(path),
            )
        )
    if v4l2.is_loopback(path) and v4l2.is_fed(path):
        raise RuntimeError("in use")


def _unchanged(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return planes


def _nv12(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    brightness, blue, red = i420.planes(planes)
    return np.vstack([brightness, np.dstack([blue, red]).reshape(-1, brightness.shape[1])])


def _yuyv(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    brightness, blue, red = i420.planes(planes)
    colours = np.dstack([blue, red]).reshape(-1, brightness.shape[1])
    return np.dstack([brightness, colours.repeat(2, axis=0)])


def _uyvy(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _yuyv(planes)[..., ::-1]


def _brightness(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return planes[: planes.shape[0] * 2 // 3]


# The formats that a device may keep, by FOURCC: pyvirtualcam's format, and the conversion from I420.
FORMATS: dict[str, tuple[pyvirtualcam.PixelFormat, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]] = {
    "YU12": (pyvirtualcam.PixelFormat.I420, _unchanged),
    "NV12": (pyvirtualcam.PixelFormat.NV12, _nv12),
    "YUYV": (pyvirtualcam.PixelFormat.YUYV, _yuyv),
    "UYVY": (pyvirtualcam.PixelFormat.UYVY, _uyvy),
    "GREY": (pyvirtualcam.PixelFormat.GRAY, _brightness),
}


def _choices(device: str) -> list[str | None]:
    if device:
        return [device]
    return [each.spec for each in list_virtual_cameras()] if sys.platform.startswith("linux") else [None]


def _name(device: str) -> str:
    return next((f"{each.name} ({device})" for each in v4l2.devices() if each.path == device), device)


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^'\w+' backend: ", "", lines[0]).rstrip(".")


def _why_not(device: str, reasons: list[tuple[str | None, Exception]]) -> str:
    """One sentence for a person: the device, the reason, and what to do next."""
    if reasons and isinstance(reasons[0][1], OutputError):
        return str(reasons[0][1])
    install = _(INSTALL.get(sys.platform, INSTALL["linux"]))
    if not sys.platform.startswith("linux"):
        return _(
            "{device} could not be opened ({reason}): {install}.",
            device=device or _("A virtual camera"),
            reason=_short(reasons[-1][1]),
            install=install,
        )
    known = {each.path: each for each in v4l2.devices()}
    if not reasons or device not in ("", *known):
        if device:
            return _("There is no virtual camera {device}: {install}.", device=device, install=install)
        return _("There is no virtual camera: {install}.", install=install)
    path, error = reasons[0]
    if path in known and not known[path].loopback and not isinstance(error, PermissionError):
        return _(
            "{name} is not a virtual camera: choose one that `backdrop devices` lists.", name=_name(path)
        )
    if isinstance(error, PermissionError):
        group = _("run `sudo usermod -aG video $USER`, then sign out and back in")
        return _("You don't have permission to open {path}: {group}.", path=path, group=group)
    held_by = _(" and ").join(v4l2.holders(path or ""))
    if held_by or "in use" in str(error):
        return _(
            "{name} is in use by {held_by}: close that program and try again.",
            name=_name(path or ""),
            held_by=held_by or _("another program"),
        )
    return _(
        "{name} doesn't accept frames ({reason}): reload its driver.",
        name=_name(path or ""),
        reason=_short(error),
    )
