"""The findings as text for the user and as JSON for support. Neither names the user."""

import json
import os
import platform
import re
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backdrop import __version__
from backdrop.doctor.finding import Finding
from backdrop.doctor.software import read_versions
from backdrop.language import N_, _, ngettext
from backdrop.system.distribution import fields
from backdrop.system.home import home as _home
from backdrop.system.probe import text_of

MARKS = {"ok": "✓", "advice": "!", "fault": "✗"}
WORDS = {"ok": N_("ok"), "advice": N_("suggestion"), "fault": N_("PROBLEM")}
WIDTH = 100


def machine() -> dict[str, Any]:
    """Versions, and the kind of computer. Names neither host nor user."""
    names = ("numpy", "onnxruntime", "opencv-python-headless", "pyvirtualcam", "av", "PySide6-Essentials")
    return {
        "backdrop": __version__,
        "system": _system(),
        "kernel": f"{platform.system()} {platform.release()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "desktop": os.environ.get("XDG_CURRENT_DESKTOP", ""),
        "session": os.environ.get("XDG_SESSION_TYPE", ""),
        "python": platform.python_version(),
        "packages": read_versions(names),
    }


def _system() -> str:
    named = fields(text_of("/etc/os-release") or "").get("PRETTY_NAME")
    mac = platform.mac_ver()[0]
    return named or (f"macOS {mac}" if mac else platform.platform(terse=True))


def processor() -> str:
    """The processor's product name, if the system knows it."""
    named = re.search(r"^model name\s*:\s*(.+)$", text_of("/proc/cpuinfo") or "", re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def as_json(findings: Sequence[Finding], home: Path | None = None) -> str:
    """One object: "ok" (there is no fault), "machine", "findings". The home folder is written ~."""
    report = {
        "ok": not faults(findings),
        "machine": machine(),
        "findings": [asdict(each) for each in findings],
    }
    return json.dumps(_without_home(report, home or _home()), indent=2, ensure_ascii=False)


def as_text(findings: Sequence[Finding], home: Path | None = None, *, marks: bool = True) -> str:
    """Lines for a terminal. marks: whether the terminal can show ✓ and ✗; else words are used."""
    about = machine()
    lines = [
        _(
            "Backdrop {version} on {system}, {kernel}",
            version=about["backdrop"],
            system=about["system"],
            kernel=about["kernel"],
        ),
        "",
    ]
    column = max((len(_(each.examined)) for each in findings), default=0)
    for each in findings:
        mark = MARKS[each.state] if marks else f"{_(WORDS[each.state]):10}"
        start = f"{mark} {_(each.examined):{column}}  "
        lines += textwrap.wrap(
            each.sentence,
            WIDTH,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
        if each.command:
            lines.append(
                f"{' ' * len(start)}→ {each.command}" if marks else f"{' ' * len(start)}{each.command}"
            )
    lines += ["", summary(findings)]
    return without_home("\n".join(lines), home or _home())


def summary(findings: Sequence[Finding]) -> str:
    """The closing line."""
    advice = sum(each.state == "advice" for each in findings)
    count = len(faults(findings))
    wrong = ngettext("{n} problem", "{n} problems", count) if count else _("No problems")
    more = ngettext(", {n} suggestion", ", {n} suggestions", advice) if advice else ""
    return f"{wrong}{more}."


def faults(findings: Sequence[Finding]) -> list[Finding]:
    """The faults among the findings."""
    return [each for each in findings if each.state == "fault"]


def _without_home(value: Any, home: Path) -> Any:
    if isinstance(value, dict):
        return {key: _without_home(each, home) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_home(each, home) for each in value]
    return without_home(value, home) if isinstance(value, str) else value


def without_home(text: str, home: Path) -> str:
    """The text with this and any other user's home folder written ~, as its name may be a person's."""
    if len(home.parts) > 1:  # in some containers it is "/", which names nobody
        text = re.sub(rf"{re.escape(str(home))}(?![\w.-])", "~", text)
    return re.sub(r"(?:/home|/Users|[A-Za-z]:\\Users)[/\\][^/\\\s:'\"]+", "~", text)
