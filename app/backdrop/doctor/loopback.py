"""The virtual cameras on Linux: v4l2loopback's devices, and whether calls will list and show them."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backdrop.doctor.driver import LOAD
from backdrop.doctor.finding import Finding, State
from backdrop.doctor.system import Access, access_to, is_backdrop, mend_access
from backdrop.language import N_, _
from backdrop.system import v4l2
from backdrop.system.probe import text_of

DEVICE = N_("Virtual camera")


@dataclass(frozen=True, slots=True)
class Loopback:
    """One device of v4l2loopback. captures, outputs: what it can do now, both False where it may not be asked.

    format: its "format" in sysfs, such as "YU12:1280x720@30"; "" before anybody has sent to it. holders: programs
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
        """With exclusive_caps=1 it is, at any moment, either what one sends to or a camera. False where not known."""
        return self.captures != self.outputs

    @property
    def fed(self) -> bool:
        """A program sends to it; only one with exclusive_caps=1 tells."""
        return self.exclusive and self.captures


def read_loopbacks() -> list[Loopback]:
    """What this computer has, the one that Backdrop would choose first."""
    found = [_describe(each) for each in v4l2.devices() if each.loopback]
    return sorted(found, key=lambda each: "backdrop" not in each.name.lower())


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
    """One finding a device, or one that there is none. What is wrong with one is advice where another one serves.

    nodes: names of sysfs's video devices, such as "video10", that have no device in /dev.
    """
    if not devices and nodes:
        given = " ".join(f"--device /dev/{each}" for each in nodes)
        return [
            Finding(
                DEVICE,
                "fault",
                _("The computer has video devices, but this container was given none: start it with them."),
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
    if not device.access.allowed:
        what, command = mend_access(device.path, device.access)
        return Finding(
            DEVICE,
            bad,
            _("{named} may not be opened by this user: {what}.", named=named, what=what),
            command,
            details,
        )
    if not (device.captures or device.outputs):
        who = holders or _("other programs")
        return Finding(
            DEVICE,
            bad,
            _("{named} does not answer: close {who}, then ask the doctor again.", named=named, who=who),
            "",
            details,
        )
    if not device.exclusive:
        first = _("close {holders}, then load it anew", holders=holders) if holders else _("load it anew")
        return Finding(
            DEVICE,
            bad,
            _(
                "{named} was made without exclusive_caps=1, so Chrome, Zoom and Teams do not list it: "
                "{first}.",
                named=named,
                first=first,
            ),
            reload(devices),
            details,
        )
    if size := _odd_size(device.format):
        return Finding(
            DEVICE,
            bad,
            _(
                "{named} has an odd size, {size}, which call applications refuse: stop what sends to it "
                "and load the driver anew.",
                named=named,
                size=size,
            ),
            reload(devices),
            details,
        )
    if device.fed and holders and not device.ours:
        return Finding(
            DEVICE,
            "advice",
            _(
                "{named} already shows what a program sends to it, and {holders} has it open: end that "
                "before Backdrop is to send.",
                named=named,
                holders=holders,
            ),
            "",
            details,
        )
    doing = _("Backdrop sends to it") if device.fed and device.ours else _("it waits for Backdrop")
    return Finding(
        DEVICE,
        "ok",
        _(
            "{named} can be chosen as a camera in calls (exclusive_caps=1); {doing}.",
            named=named,
            doing=doing,
        ),
        "",
        details,
    )


def _odd_size(format: str) -> str:
    """The size in a format such as "YU12:641x480@30", if it is odd; otherwise "" """
    size = re.search(r":(\d+)x(\d+)@", format)
    if size is None or int(size[1]) % 2 == int(size[2]) % 2 == 0:
        return ""
    return f"{size[1]} × {size[2]}"


def reload(devices: Sequence[Loopback]) -> str:
    """The command that loads the driver anew with the same devices, each with exclusive_caps=1."""
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
