"""Whether the part that is compiled is in use, and where it is not, the command that compiles it."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.system.distribution import family
from backdrop.system.probe import text_of

COMPILED = N_("Compiled part")
COMPILER = {
    "debian": "sudo apt install gcc libc6-dev",
    "fedora": "sudo dnf install gcc",
    "arch": "sudo pacman -S --needed gcc",
    "suse": "sudo zypper install gcc",
}


def examine_compiled() -> list[Finding]:
    """One finding about this installation. Raises ImportError where ONNX Runtime is missing, for that comes with it."""
    from sinet_core import native
    from sinet_core.native import build

    why_not = "" if native.library is not None else native.why_not
    details = {"why not": why_not, "library": str(build.BUILT)}
    by_hand = [sys.executable, str(Path(build.__file__))] if build.sources() else []
    if by_hand and build.compiler() is None:
        system = family(text_of(Path("/etc/os-release")) or "")
        return [judge_compiled(why_not, by_hand, COMPILER.get(system), details)]
    return [judge_compiled(why_not, by_hand, "", details)]


def judge_compiled(
    why_not: str, by_hand: Sequence[str], install: str | None, details: Mapping[str, str]
) -> Finding:
    """why_not: as sinet_core.native says it. by_hand: the command that compiles it, empty where its sources are missing.

    install: what gets a compiler, "" where there is one, None where nobody knows.
    """
    if not why_not:
        said = _("It is in use, and spares the processor.")
        return Finding(COMPILED, "ok", said, "", dict(details))
    if why_not == "off":
        said = _("It is switched off: the variable BACKDROP_NATIVE is set, and each frame takes longer.")
        return Finding(COMPILED, "advice", said, "unset BACKDROP_NATIVE", dict(details))
    said = _("It was not compiled here: Backdrop does the same without it, but each frame takes longer.")
    if why_not == "old":
        said = _("It was compiled for another version, so it is not used, and each frame takes longer.")
    steps = [step for step in (install, shlex.join(by_hand)) if step]
    return Finding(
        COMPILED, "advice", said, " && ".join(steps) if by_hand and install is not None else "", dict(details)
    )
