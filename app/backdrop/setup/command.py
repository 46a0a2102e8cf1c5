"""`backdrop setup`: shows what will be done, asks, does it, checks it, and says what is left to do."""

import sys
from argparse import Namespace

from backdrop.doctor.driver import Driver
from backdrop.language import _
from backdrop.setup import SetupError, Way, carry_out, check, how_to_choose, plan, way_of_this_computer
from backdrop.system.say import say


def setup(arguments: Namespace, way: Way | None = None, driver: Driver | None = None) -> int:
    """Run the command. Returns the exit status. arguments: undo, yes. Raises SetupError or OutputError."""
    if not sys.platform.startswith("linux"):
        raise SetupError(
            _("Only Linux needs this. On Windows and macOS, OBS Studio provides the virtual camera.")
        )
    way = way or way_of_this_computer()
    planned = plan(way, undo=arguments.undo, driver=driver)
    if planned.steps:
        print(_("These steps need administrator rights:"))
        print(*(f"  {step}" for step in planned.steps), sep="\n")
        if planned.note:
            print(planned.note)
        if not (arguments.yes or _agreed()):
            print(_("Nothing has changed."))
            return 1
        carry_out(planned, way, aloud=True, driver=driver)
    if arguments.undo:
        say(_("The virtual camera has been removed.") if planned.steps else _("There is nothing to undo."))
        return 0
    camera = check()
    say(_("{name} works: a test picture was sent and read back.", name=f"{camera.name} ({camera.spec})"))
    say("\n".join(how_to_choose(camera.name)))
    return 0


def _agreed() -> bool:
    """Ask on the terminal. Raises SetupError if there is none."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise SetupError(_("Confirmation is not possible here. Use --yes to continue without it."))
    try:
        answer = input(_("Continue? [y/N] "))
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes", _("y"), _("yes"))
