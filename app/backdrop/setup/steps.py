"""The steps of the setup on this computer, and carrying them out."""

from dataclasses import dataclass

from backdrop.doctor.driver import LOAD, LOAD_AT_START, Driver, judge_driver, read_driver
from backdrop.language import _
from backdrop.setup.privileged import DISMISSED, NOT_AUTHORISED, Answer, SetupError, Way, ask
from backdrop.setup.words import enrolment, pipewire_instead
from backdrop.system.distribution import FROM_SOURCE


@dataclass(frozen=True, slots=True)
class Plan:
    """steps: the exact commands and files, in order; none if there is nothing to do. note: what else to know in advance,
    or ""."""

    undo: bool
    steps: tuple[str, ...]
    note: str = ""


def plan(way: Way, *, undo: bool = False, driver: Driver | None = None) -> Plan:
    """What would be done. Needs no rights and changes nothing. Raises SetupError if setup is not possible here."""
    driver = driver or read_driver()
    if not undo and not driver.loaded:
        missing = judge_driver(driver)[0]
        if not missing.command:  # this kernel cannot load drivers
            raise SetupError(f"{missing.sentence} {pipewire_instead()}")
    answer = ask(way.as_user, "show-undo" if undo else "show-install")
    _raise_unless_done(answer, driver)
    secure = driver.secure_boot
    note = ""
    if not undo and not driver.loaded and secure.refuses and secure.trusted is not True:
        note = _(
            "Secure Boot is on, so the driver's key must be enrolled once. The steps for that follow "
            "afterwards. {instead}",
            instead=pipewire_instead(),
        )
    return Plan(undo, answer.said, note)


def carry_out(plan: Plan, way: Way, *, aloud: bool = False, driver: Driver | None = None) -> None:
    """Do it. The system asks for the password. aloud: show the output of the commands on the terminal.

    Raises SetupError if it was refused, and then nothing has changed, or if it failed.
    """
    if plan.steps:
        answer = ask(way.as_root, "undo" if plan.undo else "install", aloud=aloud)
        _raise_unless_done(answer, driver or read_driver())


def _raise_unless_done(answer: Answer, driver: Driver) -> None:
    if answer.status != 0:
        raise SetupError(_why_not(answer, driver))


def _why_not(answer: Answer, driver: Driver) -> str:
    last = answer.error.splitlines()[-1] if answer.error else str(answer.status)
    if answer.status == DISMISSED:
        return _("No password was entered, so nothing has changed.")
    if answer.status == NOT_AUTHORISED:
        return _("You are not allowed to do that ({reason}). Nothing has changed.", reason=last)
    if answer.status == 10:
        commands = "\n".join(f"  {each}" for each in (FROM_SOURCE, LOAD, LOAD_AT_START))
        return _(
            "Backdrop does not know how to install drivers on this Linux. These commands do it by hand:\n"
            "{commands}\n{instead}",
            commands=commands,
            instead=pipewire_instead(),
        )
    if answer.status == 11:
        return _(
            "{path} was not created by Backdrop, so nothing has changed. Move it away, or make sure that "
            "it contains `options v4l2loopback exclusive_caps=1 card_label=Backdrop`.",
            path=last,
        )
    if answer.status == 12:
        return _(
            "The packages could not be installed or removed ({reason}). Fix that, then try again.",
            reason=last,
        )
    if answer.status == 13:
        return _(
            "The driver is installed, but not built for the running kernel {kernel}. Restart the "
            "computer, which may have a newer kernel waiting, and run `backdrop setup` again.",
            kernel=driver.kernel,
        )
    if answer.status == 14:
        return _("A program is using the virtual camera. Close it, and Backdrop too, then try again.")
    if answer.status == 15:
        return enrolment(driver.secure_boot)
    if answer.status == 16:
        return _("The packages of this system cannot be changed. {instead}", instead=pipewire_instead())
    return _("Setup failed: {reason}", reason=last)
