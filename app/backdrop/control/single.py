"""One window for each user: a second start brings the first window to the front."""

import os
import time
from dataclasses import dataclass

from backdrop.control.client import NotRunningError, ask
from backdrop.control.instance import Instance, claim
from backdrop.control.place import ControlError
from backdrop.control.request import Request
from backdrop.language import _

PATIENCE = 30.0  # seconds for the other Backdrop to show its window, or to finish ending
RETRY = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Beginning:
    """shown: another Backdrop has shown its window; nothing is left to do. Otherwise open a window: commands reach it
    through instance, or do not reach it, and notice says why.
    """

    shown: bool
    instance: Instance | None = None
    notice: str = ""


def begin(instance: str = "") -> Beginning:
    """Claim the name, or make the Backdrop that has it show its window.

    Raises ControlError if the name is not allowed, and if that Backdrop does not answer: a second one would only compete
    with it for the camera.
    """
    until = time.monotonic() + PATIENCE
    token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    while True:
        try:
            claimed = claim(instance)
        except ControlError as error:
            if error.status == 2:
                raise
            return Beginning(shown=False, notice=str(error))
        if claimed is not None:
            return Beginning(shown=False, instance=claimed)
        try:
            if ask(Request("show", token=token), instance, PATIENCE).get("shown"):
                return Beginning(shown=True)
        except NotRunningError:  # it is ending, or its socket is not there yet
            if time.monotonic() >= until:
                raise
            time.sleep(RETRY)
        else:
            return Beginning(
                shown=False,
                notice=_(
                    "Backdrop is already running without a window and may be using the camera. `backdrop quit` ends it."
                ),
            )
