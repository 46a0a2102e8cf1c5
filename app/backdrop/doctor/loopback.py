"""The virtual cameras on Linux: the devices of v4l2loopback, and whether calls can list and show them."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backdrop.doctor.driver import LOAD
from backdrop.doctor.finding import Finding, State
from backdrop.doctor.system import Access, access_to, fix_access, is_backdrop
from backdrop.language import N_, _
from backdrop.system import v4l2
from backdrop.system.probe import text_of

DEVICE = N_("Virtual camera")


@dataclass(frozen=True, slots=True)
class Loopback:
    """One device of v4l2loopback. captures, outputs: what it can do now, both False if it cannot be opened.

    format: its "format" in sysfs, such as "YU12:1280x720@30"; "" before a program has sent to it. holders: programs
    that have it open, as far as this user may know. ours: Backdrop is one of them, or this process.
    """

    path: str
    name: str
    captures: bool
    outputs: bool
    access: Access
    format: str = ""
    holders: tuple[str, ...] = ()
    ours: bool = False

    @property
    def exclusive(self) -> bool:
        """With exclusive_caps=1 a device is either an output or a camera, never both at once. False if unknown."""
        return self.captures != self.outputs

    @property
    def fed(self) -> bool:
        """A program is sending to it. Only known with exclusive_caps=1."""
        return self.exclusive and self.captures


def read_loopbacks() -> list[Loopback]:
    """The virtual cameras of this computer, Backdrop's choice first."""
    return [_describe(each) for each in v4l2.virtual_cameras()]


def _describe(device: v4l2.V4l2Device) -> Loopback:
    access, holders = access_to(device.path), tuple(v4l2.holders(device.path))
    return Loopback(
        device.path,
        device.name,
        device.captures and device.loopback,
        device.outputs,
        access,
        text_of(f"/sys/class/video4linux/{Path(device.path).name}/format") or "",
        holders,
        is_backdrop(device.path, holders),
    )


def judge_loopbacks(devices: Sequence[Loopback], nodes: Sequence[str] = ()) -> list[Finding]:
    """One finding for each device, or one saying there is none. A problem with one is only advice if another one works.

    nodes: names of video devices in sysfs, such as "video10", that have no device in /dev.
    """
    if not devices and nodes:
        given = " ".join(f"--device /dev/{each}" for each in nodes)
        return [
            Finding(
                DEVICE,
                "fault",
                _(
                    "The computer has video devices, but this container has no access to them. Start it with "
                    "access:"
                ),
                f"docker run {given} IMAGE",
            )
        ]
    if not devices:
        return [Finding(DEVICE, "fault", _("The driver is loaded, but has no device."), reload([]))]
    serves = any(each.exclusive and each.access.allowed and not _odd_size(each.format) for each in devices)
    return [_judge(each, devices, "advice" if serves else "fault") for each in devices]


def _judge(device: Loopback, devices: Sequence[Loopback], bad: State) -> Finding:
    named = f"{device.name} ({device.path})"
    holders = _(" and ").join(device.holders)
    details = {
        "device": device.path,
        "captures": device.captures,
        "outputs": device.outputs,
        "exclusive_caps": device.exclusive,
        "format": device.format,
        "held by": list(device.holders),
    }
    found = partial(Finding, DEVICE, details=details)
    if not device.access.allowed:
        what, command = fix_access(device.path, device.access)
        return found(bad, _("You are not allowed to open {named}: {what}.", named=named, what=what), command)
    if not (device.captures or device.outputs):
        who = holders or _("other programs")
        return found(
            bad, _("{named} does not answer. Close {who}, then run the doctor again.", named=named, who=who)
        )
    if not device.exclusive:
        first = (
            _("Close {holders}, then reload the driver", holders=holders)
            if holders
            else _("Reload the driver")
        )
        return found(
            bad,
            _(
                "{named} was created without exclusive_caps=1, so Chrome, Zoom and Teams do not list it. "
                "{first}.",
                named=named,
                first=first,
            ),
            reload(devices),
        )
    if size := _odd_size(device.format):
        return found(
            bad,
            _(
                "{named} has an odd size, {size}, which call applications reject. Stop the program that "
                "sends to it and reload the driver.",
                named=named,
                size=size,
            ),
            reload(devices),
        )
    if device.fed and holders and not device.ours:
        return found(
            "advice",
            _(
                "Another program is sending to {named}, and {holders} has it open. Close that before you "
                "turn on the virtual camera.",
                named=named,
                holders=holders,
            ),
        )
    doing = _("Backdrop is sending to it") if device.fed and device.ours else _("it is waiting for Backdrop")
    return found(
        "ok",
        _(
            "{named} can be chosen as a camera in calls (exclusive_caps=1); {doing}.",
            named=named,
            doing=doing,
        ),
    )


def _odd_size(format: str) -> str:
    """The size in a format such as "YU12:641x480@30" if it is odd, else ""."""
    size = re.search(r":(\d+)x(\d+)@", format)
    if size is None or int(size[1]) % 2 == int(size[2]) % 2 == 0:
        return ""
    return f"{size[1]} × {size[2]}"


def reload(devices: Sequence[Loopback]) -> str:
    """The command that reloads the driver with the same devices, each with exclusive_caps=1."""
    away = "sudo modprobe -r v4l2loopback && "
    if not devices:
        return away + LOAD
    numbered = sorted(devices, key=lambda each: int(re.sub(r"\D", "", each.path) or 0))
    labels = ",".join(re.sub(r"[^\w .+:()/-]", "", each.name)[:31] for each in numbered)
    options = [
        "sudo",
        "modprobe",
        "v4l2loopback",
        f"devices={len(numbered)}",
        "video_nr=" + ",".join(re.sub(r"\D", "", each.path) for each in numbered),
        "exclusive_caps=" + ",".join("1" for _ in numbered),
        f"card_label={labels}",
    ]
    return away + shlex.join(options)
