"""PipeWire, with which Backdrop can be a camera without a driver."""

import os

from backdrop.doctor.finding import Finding, State
from backdrop.language import N_, _
from backdrop.settings.settings import Settings
from backdrop.system.pipewire_install import START, install_command

PIPEWIRE = N_("PipeWire camera")


def examine_pipewire(settings: Settings) -> list[Finding]:
    """One finding about this computer."""
    from backdrop.system.pipewire import is_installed, is_running, socket_of

    wanted, path = settings.output == "pipewire", str(socket_of(os.environ))
    return [judge_pipewire(is_installed(), is_running(), install_command(), wanted=wanted, socket=path)]


def judge_pipewire(installed: bool, running: bool, install: str, *, wanted: bool, socket: str) -> Finding:
    """install: the command that installs it, "" if unknown. wanted: PipeWire is the output in the settings."""
    details = {"installed": installed, "running": running, "socket": socket}
    bad: State = "fault" if wanted else "advice"
    if not installed:
        said = _("PipeWire is not installed. With it, Backdrop can be a camera without a driver.")
        return Finding(PIPEWIRE, bad, said, install, details)
    if not running:
        said = _("PipeWire is not running for this user. With it, Backdrop can be a camera without a driver.")
        return Finding(PIPEWIRE, bad, said, START, details)
    said = _(
        "PipeWire is running. With the output pipewire, Firefox, OBS and the desktop's own "
        "applications can use Backdrop without a driver."
    )
    return Finding(PIPEWIRE, "ok", said, "", details)
