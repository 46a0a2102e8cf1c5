"""Writes the result column of the fault table in docs/faults.md from a run of the tests that it names.

make fault-table                                all, those with real devices in the camera VM
python -m tests.fault_table --without-devices   what needs no devices; the others keep what they said
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import ROOT

TABLE = ROOT / "docs" / "faults.md"
TEST = re.compile(r"`((?:\w+/)*test_\w+\.py)::(test_\w+)`")
SUM = re.compile(r"(?<=<!-- sum -->).*?(?=<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test, its variants together. raw: frames, of those that it looked at, that showed the room."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    frames: int = 0
    raw: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.frames + other.frames,
            self.raw + other.raw,
        )

    def __str__(self) -> str:
        if self.failed:
            return f"**failed**, {self.frames} frames, {self.raw} raw"
        if not self.passed:
            return "not run here"
        looked = f", {self.frames} frames, {self.raw} raw" if self.frames else ""
        return f"held{looked}"


def rows(text: str) -> list[list[str]]:
    """The cells of the table's rows: those lines that name a test."""
    lines = [line for line in text.splitlines() if line.startswith("|") and TEST.search(line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named_by(row: list[str]) -> list[tuple[str, str]]:
    """(file under tests/, name) of the tests that a row names."""
    return TEST.findall(row[4])


def outcomes(report: Path) -> dict[tuple[str, str], Outcome]:
    """What a JUnit report of pytest tells, by file and name."""
    found: dict[tuple[str, str], Outcome] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = "/".join(case.get("classname", "").split(".")[1:]) + ".py"
        name = case.get("name", "").partition("[")[0]
        told = Counter({each.get("name"): int(each.get("value", 0)) for each in case.iter("property")})
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None
        outcome = Outcome(int(not bad and not skipped), int(bad), int(skipped), told["frames"], told["raw"])
        found[file, name] = found.get((file, name), Outcome()) + outcome
    return found


def run(tests: set[tuple[str, str]], with_devices: bool) -> dict[tuple[str, str], Outcome]:
    """Run the tests, and tell what became of them."""
    found: dict[tuple[str, str], Outcome] = {}
    with tempfile.TemporaryDirectory() as folder:
        for devices in (False, True):
            names = sorted(
                f"tests/{file}::{name}" for file, name in tests if file.startswith("system/") is devices
            )
            if not names or (devices and not with_devices):
                continue
            report = Path(folder, f"{devices}.xml")
            told = ["-o", "junit_family=xunit1"]  # the kind that holds what a test tells besides
            pytest = [".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *told, *names]
            if devices:
                within = " ".join([*pytest, "--junitxml=$CAM_VM_OUT/True.xml"])
                kept = {"CAM_VM_KEEP": folder, "CAM_VM_TIMEOUT": os.environ.get("CAM_VM_TIMEOUT", "900")}
                subprocess.run(["tests/system/run.sh", "bash", "-c", within], cwd=ROOT, env=os.environ | kept)
            else:
                subprocess.run([sys.executable, *pytest[1:], f"--junitxml={report}"], cwd=ROOT)
            if report.exists():
                found |= outcomes(report)
    return found


def written(text: str, found: dict[tuple[str, str], Outcome]) -> str:
    """The document with new results; a row none of whose tests was run keeps what it said."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not (line.startswith("|") and TEST.search(line)):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        ran = [found[test] for test in named_by(cells) if test in found]
        if ran:
            cells[5] = str(sum(ran[1:], ran[0]))
            lines[number] = f"| {' | '.join(cells)} |"
    results = [row[5] for row in rows("\n".join(lines))]
    frames, raw = (sum(int(number) for result in results for number in re.findall(rf"(\d+) {what}", result))
                   for what in ("frames", "raw"))  # fmt: skip
    told = (
        f"Of {len(results)} faults, {sum(result.startswith('held') for result in results)} held. The tests looked at "
        f"{frames:,} frames that left the line: **{raw} raw frames escaped**."
    )
    return SUM.sub(f"\n{told}\n", "\n".join(lines) + "\n")


def main() -> int:
    """Run what the table names, write the results, and return 1 where something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--without-devices", action="store_true")
    parser.add_argument("--only", metavar="WORD", default="")
    arguments = parser.parse_args()
    text = TABLE.read_text("utf-8")
    wanted = [row for row in rows(text) if arguments.only in row[0]]
    found = run({test for row in wanted for test in named_by(row)}, not arguments.without_devices)
    TABLE.write_text(written(text, found), "utf-8")
    print(SUM.search(TABLE.read_text("utf-8")).group().strip())  # type: ignore[union-attr]
    return int(any(outcome.failed for outcome in found.values()))


if __name__ == "__main__":
    sys.exit(main())
