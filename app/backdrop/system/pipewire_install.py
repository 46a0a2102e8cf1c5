"""The commands that install and start PipeWire on this Linux."""

from backdrop.language import _
from backdrop.system.distribution import family
from backdrop.system.probe import text_of

START = "systemctl --user enable --now pipewire wireplumber"


INSTALL = {
    "debian": "sudo apt install pipewire wireplumber",
    "fedora": "sudo dnf install pipewire wireplumber",
    "arch": "sudo pacman -S --needed pipewire wireplumber",
    "suse": "sudo zypper install pipewire wireplumber",
}


def install_command() -> str:
    """The command that installs PipeWire on this Linux, "" if unknown."""
    return INSTALL.get(family(text_of("/etc/os-release") or ""), "")


def how_to_install() -> str:
    """What to do if PipeWire is missing, as the end of a sentence."""
    if command := install_command():
        return _("run `{command}`, then sign out and in again", command=command)
    return _("install the packages pipewire and wireplumber, then sign out and in again")
