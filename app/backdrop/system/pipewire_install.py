"""The commands that install and start PipeWire on this Linux."""

from backdrop.language import _
from backdrop.system.distribution import install, this_family

START = "systemctl --user enable --now pipewire wireplumber"


def install_command() -> str:
    """The command that installs PipeWire on this Linux, "" if unknown."""
    return install(this_family(), "pipewire wireplumber")


def how_to_install() -> str:
    """What to do if PipeWire is missing, as the end of a sentence."""
    if command := install_command():
        return _("run `{command}`, then sign out and in again", command=command)
    return _("install the packages pipewire and wireplumber, then sign out and in again")
