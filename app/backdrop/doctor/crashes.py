"""Whether there are crash reports to read, and perhaps to share."""

import shlex
import sys
from pathlib import Path

from backdrop.doctor import crash_report
from backdrop.doctor.finding import Finding
from backdrop.language import N_, _, ngettext

CRASHES = N_("Crashes")


def examine_crashes(folder: Path | None = None) -> list[Finding]:
    """One finding about the reports in the state folder, or in another one."""
    return [judge_crashes(crash_report.reports(folder))]


def judge_crashes(reports: list[Path]) -> Finding:
    """reports: their paths, the newest last."""
    details = {"reports": [str(path) for path in reports]}
    if not reports:
        return Finding(CRASHES, "ok", _("No crash reports."), "", details)
    said = ngettext(
        "There is a crash report. It contains no pictures. Read it before you share it.",
        "There are {n} crash reports. They contain no pictures. Read the last one before you share it.",
        len(reports),
    )
    read = "more" if sys.platform == "win32" else "less"
    return Finding(CRASHES, "advice", said, f"{read} {shlex.quote(str(reports[-1]))}", details)
