"""One window a user: a second start brings the first one's window to the front."""

import os
import time
from dataclasses import dataclass

from backdrop.control.client import NotRunningError, ask
from backdrop.control.instance import Instance, claim
from backdrop.control.place import ControlError
from backdrop.control.request import Request
from backdrop.language import _

PATIENCE = 30.0  # seconds for one that is just starting to show its window, or for one that is ending to end
AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Beginning:
    """shown: another Backdrop has shown its window, and there is nothing left to do. Otherwise a window is to be opened,
    reached by commands through instance, or, where notice says why, not reached by them.
    """

    shown: bool
    instance: Instance | None = None
    notice: str = ""


def begin(instance: str = "") -> Beginning:
    """Claim the name, or have the Backdrop that has it show its window.

    Raises ControlError where the name cannot be one, and where that Backdrop does not answer: a second one would only
    take turns with it at the camera.
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
        except NotRunningError:  # it is ending, or has not got as far as its socket
            if time.monotonic() >= until:
                raise
            time.sleep(AGAIN)
        else:
            return Beginning(
                shown=False,
                notice=_(
                    "Backdrop runs without a window already, and may hold the camera: end it with `backdrop quit`."
                ),
            )
