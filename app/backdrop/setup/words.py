"""Instructions around the setup: enrolling a key for Secure Boot, PipeWire instead, choosing the camera in a call."""

from backdrop.doctor.secure_boot import SecureBoot
from backdrop.language import _


def pipewire_instead() -> str:
    return _("Backdrop can be a PipeWire camera without a driver: choose the output pipewire.")


def enrolment(secure: SecureBoot) -> str:
    """Why the kernel rejects the driver, and how to fix that, step by step."""
    if not secure.refuses:
        return _("The kernel rejects the driver. `sudo dmesg | tail` shows why.")
    if not secure.key:
        return _(
            "Secure Boot rejects the driver because it is not signed. Rebuild it with `sudo dkms "
            "autoinstall`, which creates a key, then run `backdrop setup` again.\n{instead}",
            instead=pipewire_instead(),
        )
    return "\n".join(
        [
            _("Secure Boot rejects the driver until you enroll its key. You need to do this only once:"),
            _(
                "1. Run `sudo mokutil --import {key}` and choose a password for step 3.",
                key=secure.key,
            ),
            _("2. Restart the computer. A blue screen, MOK management, appears."),
            _("3. Select Enroll MOK, Continue and Yes, enter the password, and select Reboot."),
            _("4. Run `backdrop setup` again."),
            pipewire_instead(),
        ]
    )


def how_to_choose(name: str) -> tuple[str, ...]:
    """How to choose the camera in call applications, line by line. name: of the virtual camera."""
    return (
        _("Turn on the virtual camera in Backdrop, then choose {name} as the camera:", name=name),
        _("  Zoom: the arrow next to Start Video"),
        _("  Google Meet: ⋮ › Settings › Video › Camera"),
        _("  Microsoft Teams: ⋯ › Settings › Devices › Camera"),
        _("If a call or browser is already open, you may have to restart it to see the camera."),
    )
