"""Who has a device open, and who may open it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backdrop.language import _
from backdrop.system import v4l2


def is_backdrop(path: str, holders: Sequence[str]) -> bool:
    """Whether Backdrop has a device open: this process, or one of the programs that hold it."""
    return bool(v4l2.held_by("self", {path})) or any("backdrop" in each.lower() for each in holders)


@dataclass(frozen=True, slots=True)
class Access:
    """Whether this process may use a device. group: the device's. waits: the user joins it at the next sign-in."""

    allowed: bool
    group: str = "video"
    waits: bool = False


def access_to(path: str) -> Access:
    """Whether this process may read and write a device, checked without opening it. The device must exist."""
    import grp
    import pwd

    allowed = os.access(path, os.R_OK | os.W_OK)
    try:
        group = grp.getgrgid(Path(path).stat().st_gid)
        user = pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, OSError):
        return Access(allowed)
    return Access(allowed, group.gr_name, waits=user in group.gr_mem and group.gr_gid not in os.getgroups())


def fix_access(path: str, access: Access) -> tuple[str, str]:
    """What to say and what to run if access is not allowed."""
    if access.waits:
        return (
            _(
                "you have joined the group {group}, which takes effect at the next sign-in. Sign out and in "
                "again, or continue in this terminal",
                group=access.group,
            ),
            f"newgrp {access.group}",
        )
    if access.group == "root":
        return (
            _("only root can use it. Give it to the group video"),
            f"sudo chgrp video {path} && sudo chmod g+rw {path}",
        )
    return (
        _("join the group {group}, then sign out and in again", group=access.group),
        f"sudo usermod -aG {access.group} $USER",
    )
