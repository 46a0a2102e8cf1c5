"""What a process holds and has used, as Linux tells: memory, file handles, threads and CPU time; and whether it grows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from backdrop.bench.cases import BenchError

SETTLING = 60.0  # seconds after which a process should hold what it needs, and no more
ENDS = 10  # samples at either end that are compared, by their medians


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process.

    seconds: since it was first looked at. memory_mb: resident, 10⁶ bytes. handles: open files, sockets and the like.
    cpu_seconds: that all its threads have used so far. step: what it was asked to do at that moment, "" for always the same.
    """

    seconds: float
    memory_mb: float
    handles: int
    threads: int
    cpu_seconds: float
    step: str = ""


def look(pid: int, seconds: float, step: str = "") -> Sample:
    """Look at a process now. Raises BenchError when it has ended, and on platforms that do not tell."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        # After the name, which may hold anything, in brackets: utime and stime are fields 14 and 15, threads 20.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        handles = len(os.listdir(folder / "fd"))  # noqa: PTH208 - a Path for each of them is only made to be counted
    except (OSError, IndexError) as error:
        if not Path("/proc/self/statm").exists():
            raise BenchError("Only Linux tells what another process holds.") from error
        raise BenchError(f"The process {pid} has ended.") from error
    ticks = int(fields[11]) + int(fields[12])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    cpu = ticks / os.sysconf("SC_CLK_TCK")
    return Sample(round(seconds, 2), round(memory, 2), handles, int(fields[17]), cpu, step)


def growth(samples: Sequence[Sample], settling: float = SETTLING) -> dict[str, Any]:
    """What has grown once the process has settled.

    samples: of one process that does the same all the time, in order; some must be later than settling seconds.
    Returns memory_mb, handles and threads: the medians of the first and the last few, from and to, and how much more;
    slope_mb_an_hour: of a straight line through the memory; cpu_percent: of one core. Raises ValueError.
    """
    settled = [sample for sample in samples if sample.seconds >= settling]
    if len(settled) < 2:
        raise ValueError(f"nothing was seen after {settling:g} seconds")
    first, last = settled[:ENDS], settled[-ENDS:]
    grown: dict[str, Any] = {}
    for name in ("memory_mb", "handles", "threads"):
        begin, end = (median(getattr(sample, name) for sample in part) for part in (first, last))
        grown[name] = {"from": begin, "to": end, "more": round(end - begin, 2)}
    times = [sample.seconds for sample in settled]
    memory = [sample.memory_mb for sample in settled]
    grown["slope_mb_an_hour"] = round(3600 * float(np.polyfit(times, memory, 1)[0]), 2)
    used = settled[-1].cpu_seconds - settled[0].cpu_seconds
    grown["cpu_percent"] = round(100 * used / (times[-1] - times[0]), 1)
    return grown
