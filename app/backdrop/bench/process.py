"""Processes that are measured: one that answers with its report, and what one holds on Linux, and whether that grows."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from backdrop.bench.cases import BenchError

SETTLING = 60.0  # seconds after which a process should not grow any more
ENDS = 10  # samples at either end whose medians are compared


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a process.

    seconds: since the first sample. memory_mb: resident, 10⁶ bytes. handles: open files, sockets and so on. cpu_seconds:
    used by all its threads so far. step: what it was doing, "" if it always does the same.
    """

    seconds: float
    memory_mb: float
    handles: int
    threads: int
    cpu_seconds: float
    step: str = ""


def look(pid: int, seconds: float, step: str = "") -> Sample:
    """Sample a process now. Raises BenchError if it has ended, or if this is not Linux."""
    folder = Path(f"/proc/{pid}")
    try:
        memory = memory_mb(pid)
        # After the name in brackets, which may contain anything: utime and stime are fields 14 and 15, threads 20.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        handles = len(os.listdir(folder / "fd"))  # noqa: PTH208 - they are only counted
    except (OSError, IndexError) as error:
        if not Path("/proc/self/statm").exists():
            raise BenchError("Only on Linux can another process be measured.") from error
        raise BenchError(f"The process {pid} has ended.") from error
    ticks = int(fields[11]) + int(fields[12])
    cpu = ticks / os.sysconf("SC_CLK_TCK")
    return Sample(round(seconds, 2), round(memory, 2), handles, int(fields[17]), cpu, step)


def memory_mb(pid: int | str = "self") -> float:
    """The resident memory of a process on Linux, in 10⁶ bytes. Raises OSError."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def report_of(module: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Run a module in a process of its own, with what is asked as JSON, and return what it prints. Raises BenchError."""
    command = [sys.executable, "-m", module, json.dumps(asked)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise BenchError(f"The measurement failed: {last_line(ended.stderr)}")
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def last_line(said: str) -> str:
    """The last line of what a process has said, which names its error."""
    return (said.strip().splitlines() or ["it ended without a message"])[-1]


def growth(samples: Sequence[Sample], settling: float = SETTLING) -> dict[str, Any]:
    """What has grown after the process has settled.

    samples: of a process that always does the same, in order; some must be later than settling seconds.
    Returns memory_mb, handles and threads: from and to (medians of the first and last few samples) and more (their
    difference); slope_mb_an_hour: of a straight line through the memory; cpu_percent: of one core. Raises ValueError.
    """
    settled = [sample for sample in samples if sample.seconds >= settling]
    if len(settled) < 2:
        raise ValueError(f"there are no samples after {settling:g} seconds")
    first, last = settled[:ENDS], settled[-ENDS:]
    grown: dict[str, Any] = {}
    for name in ("memory_mb", "handles", "threads"):
        begin, end = (median(getattr(sample, name) for sample in part) for part in (first, last))
        grown[name] = {"from": begin, "to": end, "more": round(end - begin, 2)}
    times = [sample.seconds for sample in settled]
    memory = [sample.memory_mb for sample in settled]
    grown["slope_mb_an_hour"] = round(3600 * linear_regression(times, memory).slope, 2)
    used = settled[-1].cpu_seconds - settled[0].cpu_seconds
    grown["cpu_percent"] = round(100 * used / (times[-1] - times[0]), 1)
    return grown
