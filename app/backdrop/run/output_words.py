"""The state of the output in words: the same in the window, the tray and `backdrop status`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backdrop.language import _
from backdrop.outputs.open import is_file
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.system import v4l2

Condition = Literal["off", "starting", "ready", "in use", "recording", "failed"]


@dataclass(frozen=True, slots=True)
class OutputWords:
    """headline: a few words, such as "In use by Zoom". hint: what that means, or what to do now; "" if there is none."""

    condition: Condition
    headline: str
    hint: str = ""


def condition_of(settings: Settings, stats: Stats) -> Condition:
    """The condition of the output that the settings want."""
    if stats.output_state != "ready":
        return stats.output_state
    if is_file(settings.output):
        return "recording"
    read = stats.has_consumers or stats.consumers  # the names may be there a moment before
    return "in use" if read and settings.output != "null" else "ready"


def output_words(settings: Settings, stats: Stats) -> OutputWords:
    """If the output is a file, the words mention neither a call nor a camera."""
    condition = condition_of(settings, stats)
    return OutputWords(
        condition, *(_of_a_file if is_file(settings.output) else _of_a_camera)(condition, settings, stats)
    )


def _of_a_file(condition: Condition, settings: Settings, stats: Stats) -> tuple[str, str]:
    name = Path(stats.output or settings.output).name
    if condition == "failed":
        return _("Can't record"), stats.output_reason
    if condition == "recording":
        return _("Recording to {file}", file=name), ""
    if condition == "starting":
        return _("Starting…"), ""
    return _("Off"), _("Turn it on to start recording.")


def _of_a_camera(condition: Condition, settings: Settings, stats: Stats) -> tuple[str, str]:
    if condition == "failed":
        return _("Can't start"), stats.output_reason
    if condition == "in use":
        return _in_use_by(stats.consumers), ""
    if condition == "starting":
        return _("Starting…"), ""
    if condition == "off":
        return _("Off"), _("Turn it on to use Backdrop in calls.")
    if settings.output == "null":
        return _("On"), _("The output goes nowhere.")
    if settings.output == "pipewire":
        hint = _("Choose Backdrop as the camera in Firefox, Chromium, OBS or a GNOME or KDE app.")
    else:
        hint = _("In your call, choose {name} as the camera.", name=stats.output)
    return _("Ready"), hint


def _in_use_by(names: tuple[str, ...]) -> str:
    if not names:
        return _("In use")
    if len(names) == 1:
        return _("In use by {name}", name=names[0])
    return _("In use by {names} and {last}", names=", ".join(names[:-1]), last=names[-1])


def uncapitalised(headline: str) -> str:
    """A headline for the middle of a line, with a small first letter."""
    return headline[:1].lower() + headline[1:]


def lacks_driver(settings: Settings) -> bool:
    """Whether the settings want a virtual camera and this computer has none, so that setup would help."""
    wants_one = not settings.output or settings.output.startswith("/dev/")
    return sys.platform.startswith("linux") and wants_one and not v4l2.loopbacks()
