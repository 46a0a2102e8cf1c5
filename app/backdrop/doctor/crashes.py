"""Crash reports that are kept, for a person to read and perhaps to share."""

import shlex
import sys
from pathlib import Path

from backdrop.doctor import crash_report
from backdrop.doctor.finding import Finding
from backdrop.language import N_, _, ngettext

CRASHES = N_("Crashes")


def examine_crashes(folder: Path | None = None) -> list[Finding]:
    """What is to be said of the reports in the state folder, or in another one."""
    return [judge_crashes(crash_report.reports(folder))]


def judge_crashes(reports: list[Path]) -> Finding:
    """reports: their paths, the newest last."""
    details = {"reports": [str(path) for path in reports]}
    if not reports:
        return Finding(CRASHES, "ok", _("No crash has left a report."), "", details)
    said = ngettext(
        "A crash has left a report, without pictures: read it before you share it.",
        "{n} crashes have left reports, without pictures: read the last before you share it.",
        len(reports),
    )
    read = "more" if sys.platform == "win32" else "less"
    return Finding(CRASHES, "advice", said, f"{read} {shlex.quote(str(reports[-1]))}", details)
