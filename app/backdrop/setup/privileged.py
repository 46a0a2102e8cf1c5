"""Runs the small script that needs root, with polkit's pkexec, which asks for the password."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backdrop.language import _
from backdrop.outputs.base import OutputError
from backdrop.resources import resource

NAME = "set-up-virtual-camera"
INSTALLED = Path("/usr/libexec/backdrop", NAME)  # the path in polkit's policy; only root can change the file
DISMISSED, NOT_AUTHORISED = 126, 127  # pkexec's own


class SetupError(OutputError):
    """The virtual camera could not be set up or removed. str() is for the user, with what to do next."""


@dataclass(frozen=True, slots=True)
class Way:
    """The command line of the script without its argument: as this user, to show what it would do, and as root."""

    as_user: Sequence[str]
    as_root: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """status: see the head of the script, or pkexec's own. said: lines of standard output. error: standard error."""

    status: int
    said: tuple[str, ...]
    error: str


def way_of_this_computer() -> Way:
    """pkexec or, in a terminal without it, sudo. Raises SetupError if there is neither."""
    script = str(INSTALLED if INSTALLED.exists() else resource(f"desktop/{NAME}"))
    shell = ["/bin/sh", script]
    if os.geteuid() == 0:
        return Way(shell, shell)
    if shutil.which("pkexec"):
        # By its installed path, the policy recognises it, and the dialog says what it is for.
        return Way(shell, ["pkexec", script] if script == str(INSTALLED) else ["pkexec", *shell])
    if shutil.which("sudo") and sys.stdin is not None and sys.stdin.isatty():
        return Way(shell, ["sudo", *shell])
    raise SetupError(
        _(
            "pkexec, which asks for the administrator's password, is not installed. Run `sh {script} "
            "install` as root.",
            script=script,
        )
    )


def ask(words: Sequence[str], verb: str, *, aloud: bool = False) -> Answer:
    """Run the script. aloud: its output goes directly to the terminal, and not into the answer."""
    try:
        done = subprocess.run(
            [*words, verb],
            stdin=None if aloud else subprocess.DEVNULL,
            stdout=None if aloud else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise SetupError(
            _("{program} could not be started: {reason}.", program=words[0], reason=error.strerror)
        ) from error
    return Answer(done.returncode, tuple((done.stdout or "").splitlines()), done.stderr.strip())
