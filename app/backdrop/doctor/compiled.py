"""Whether the compiled C code is in use, and if not, the command that compiles it."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from backdrop.doctor.finding import Finding
from backdrop.language import N_, _
from backdrop.system.distribution import install, this_family

COMPILED = N_("Optimised code")


def examine_compiled() -> list[Finding]:
    """One finding about this installation. Raises ImportError if ONNX Runtime, which sinet_core needs, is missing."""
    from sinet_core import native
    from sinet_core.native import build

    why_not = "" if native.library is not None else native.why_not
    details = {"why not": why_not, "library": str(build.BUILT)}
    by_hand = [sys.executable, str(Path(build.__file__))] if build.sources() else []
    compiler: str | None = ""
    if by_hand and build.compiler() is None:
        kind = this_family()
        compiler = install(kind, "gcc libc6-dev" if kind == "debian" else "gcc") or None
    return [judge_compiled(why_not, by_hand, compiler, details)]


def judge_compiled(
    why_not: str, by_hand: Sequence[str], install: str | None, details: Mapping[str, str]
) -> Finding:
    """why_not: of sinet_core.native. by_hand: the command that compiles it, empty if its sources are missing.

    install: the command that installs a compiler, "" if there is one, None if the command is unknown.
    """
    found = partial(Finding, COMPILED, details=dict(details))
    if not why_not:
        said = _("Optimised code is active.")
        return found("ok", said)
    if why_not == "off":
        said = _("Optimised code is turned off by the variable BACKDROP_NATIVE, so each frame takes longer.")
        return found("advice", said, "unset BACKDROP_NATIVE")
    said = _(
        "Optimised code is not compiled on this computer. Backdrop works without it, but each frame "
        "takes longer."
    )
    if why_not == "old":
        said = _(
            "Optimised code was compiled for another version and is not used, so each frame takes longer."
        )
    steps = [step for step in (install, shlex.join(by_hand)) if step]
    return found("advice", said, " && ".join(steps) if by_hand and install is not None else "")
