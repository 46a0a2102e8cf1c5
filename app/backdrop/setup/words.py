"""What a person is told before and after: enrolling a key under Secure Boot, PipeWire in its place, choosing the camera."""

from backdrop.doctor.secure_boot import SecureBoot
from backdrop.language import _


def pipewire_instead() -> str:
    return _("Without a driver, Backdrop can be a PipeWire camera: choose the output pipewire.")


def enrolment(secure: SecureBoot) -> str:
    """Why the kernel refuses the driver, and the way out, step by step."""
    if not secure.refuses:
        return _("The kernel refuses the driver: `sudo dmesg | tail` says why.")
    if not secure.key:
        return _(
            "Secure Boot refuses the driver, and there is no key that it was signed with. Build it again, which makes one, "
            "with `sudo dkms autoinstall`, then run `backdrop setup` again.\n{instead}",
            instead=pipewire_instead(),
        )
    return "\n".join(
        [
            _("Secure Boot refuses the driver until its key is enrolled, once:"),
            _(
                "1. Run `sudo mokutil --import {key}`, and think of a password for the next step.",
                key=secure.key,
            ),
            _("2. Restart the computer. A blue screen, MOK management, comes up by itself."),
            _("3. Choose Enroll MOK, Continue and Yes, type that password, and choose Reboot."),
            _("4. Run `backdrop setup` again."),
            pipewire_instead(),
        ]
    )


def how_to_choose(name: str) -> tuple[str, ...]:
    """One line each: where call applications have their choice of cameras. name: the virtual camera's."""
    return (
        _("Turn on the virtual camera in Backdrop, then choose {name} as the camera:", name=name),
        _("  Zoom: the arrow beside Start Video"),
        _("  Google Meet: ⋮ › Settings › Video › Camera"),
        _("  Microsoft Teams: ⋯ › Settings › Devices › Camera"),
        _("A call or a browser that is open already may have to be started again to see it."),
    )
