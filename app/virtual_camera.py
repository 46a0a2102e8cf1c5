"""A camera that call applications can select and that shows what Backdrop sends to it."""

import os
import re
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyvirtualcam
from numpy.typing import NDArray

from app import i420, v4l2
from app.camera import CameraInfo
from app.language import N_, _
from app.output import OutputError

if TYPE_CHECKING:
    from app.watched import Watchers

INSTALL = {
    "linux": N_("run `backdrop setup`, or choose the output pipewire, which needs no driver"),
    "win32": N_(
        "install OBS Studio from obsproject.com, which brings one (`winget install OBSProject.OBSStudio`)"
    ),
    "darwin": N_(
        "install OBS Studio (`brew install --cask obs`), then start its virtual camera once and stop it"
    ),
}


class VirtualCamera:
    """Sends to v4l2loopback on Linux and to OBS Studio's virtual camera on Windows and macOS."""

    takes_i420 = True

    def __init__(self, width: int, height: int, fps: float, device: str = "") -> None:
        """device: "/dev/video10" or, elsewhere than on Linux, a camera's name; "" is the first that works.

        An odd width or height loses its last column or row, because call applications refuse odd sizes.
        Raises OutputError, which says what to install or to close.
        """
        self._size = (width - width % 2, height - height % 2)
        self._claim: int | None = None
        self._watchers: Watchers | None = None
        self._camera = self._open(fps, device)
        self.name = _name(self._camera.device)

    def _open(self, fps: float, device: str) -> pyvirtualcam.Camera:
        reasons: list[tuple[str | None, Exception]] = []
        for choice in _choices(device):
            try:
                if choice is not None and choice.startswith("/dev/"):
                    v4l2.make_output_again(choice)
                # By BT.601 with limited range, which is what a webcam sends and what a call application expects of
                # one, whatever the size.
                camera = pyvirtualcam.Camera(
                    *self._size, fps, fmt=pyvirtualcam.PixelFormat.I420, device=choice, backend=None
                )
                if camera.device.startswith("/dev/"):
                    self._claim = v4l2.claim_output(camera.device)
                    from app.watched import watchers_of  # Linux only

                    self._watchers = watchers_of(camera.device)
                return camera
            except (RuntimeError, OSError) as error:
                reasons.append((choice, error))
        raise OutputError(_why_not(device, reasons)) from (reasons[-1][1] if reasons else None)

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Show one composite, (H, W, 3) uint8 BGR or I420 of the size given when opening. Raises OutputError."""
        width, height = self._size
        if self._camera is None:
            raise OutputError(_("{name} is closed.", name=self.name))
        planes = pixels if pixels.ndim == 2 else i420.from_bgr(pixels[:height, :width])
        try:
            self._camera.send(planes)
        except (RuntimeError, OSError) as error:
            raise OutputError(
                _("{name} takes no more frames: {reason}.", name=self.name, reason=_short(error))
            ) from error

    def watched(self) -> bool | None:
        """Whether a program streams from it; None where that cannot be told, as on Windows and macOS."""
        return None if self._watchers is None else self._watchers.watching()

    def close(self) -> None:
        """Give the device back."""
        if self._watchers is not None:
            self._watchers.close()
            self._watchers = None
        if self._camera is not None:
            self._camera.close()
            self._camera = None
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None


def list_virtual_cameras() -> list[CameraInfo]:
    """Devices that VirtualCamera can send to, those called Backdrop first. Only Linux tells; elsewhere none."""
    loopbacks = [each for each in v4l2.devices() if each.loopback]
    loopbacks.sort(key=lambda each: "backdrop" not in each.name.lower())
    return [CameraInfo(each.path, each.name) for each in loopbacks]


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
    """One sentence for a person: which device, why, and what to do next."""
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
        return _("{name} is no virtual camera: choose one that `backdrop devices` lists.", name=_name(path))
    if isinstance(error, PermissionError):
        group = _("run `sudo usermod -aG video $USER`, then sign out and in again")
        return _("{path} may not be opened by this user: {group}.", path=path, group=group)
    held_by = _(" and ").join(v4l2.holders(path or ""))
    if held_by or "in use" in str(error):
        return _(
            "{name} is in use by {held_by}: close that and try again.",
            name=_name(path or ""),
            held_by=held_by or _("another program"),
        )
    return _(
        "{name} takes no frames ({reason}): unload and load its driver again.",
        name=_name(path or ""),
        reason=_short(error),
    )
