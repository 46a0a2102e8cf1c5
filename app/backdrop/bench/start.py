"""`backdrop bench --start`: the time from starting `backdrop run` to its first composite, step by step."""

import os
import queue
import subprocess
import sys
import threading
import time
from statistics import median
from typing import Any

from backdrop.bench.cases import BenchError, Case
from backdrop.bench.machine import machine
from backdrop.system.milestone import read_milestone

STARTS = 7
PATIENCE = 60.0  # seconds to wait for one start
LAST = "first composite"


def run_command(case: Case, *more: str) -> list[str]:
    """The command line of `backdrop run` for a case, with the demo camera and no output."""
    width, height = str(case.width), str(case.height)
    run = [sys.executable, "-m", "backdrop", "run", "--camera", "demo", "--output", "null"]
    return [*run, "--width", width, "--height", height, "--backdrop", case.backdrop, *more]


def measure_start(case: Case, stop: threading.Event, starts: int = STARTS) -> dict[str, Any]:
    """Start it this many times, after one uncounted start that brings the files into memory. Raises BenchError.

    Returns wall_s and cpu_s: medians of the time to the first composite; stages: the same for each milestone, in order,
    since the start of the process; starts: wall_s and cpu_s of each.
    """
    _start(case)
    every = []
    for _ in range(starts):
        if stop.is_set():
            break
        every.append(_start(case))
    if not every:
        raise BenchError("Stopped before anything was measured.")
    stages = {
        name: {
            "wall_s": _median([each[name][0] for each in every]),
            "cpu_s": _median([each[name][1] for each in every]),
        }
        for name in every[0]
    }
    each = [{"wall_s": round(one[LAST][0], 3), "cpu_s": one[LAST][1]} for one in every]
    return {"machine": machine()} | stages[LAST] | {"stages": stages, "starts": each}


def _median(values: list[float]) -> float:
    return round(median(values), 3)


def _start(case: Case) -> dict[str, tuple[float, float]]:
    """Start it once, until the first composite. Returns (wall, CPU) seconds of each milestone, in order."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        run_command(case, "--verbose"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    lines: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), name="log", daemon=True)
    reader.start()
    reached: dict[str, tuple[float, float]] = {}
    last = ""
    try:
        while LAST not in reached:
            at, line = lines.get(timeout=max(0.0, begun + PATIENCE - time.perf_counter()))
            if line == "":
                raise BenchError(f"`backdrop run` ended before its first composite: {last}")
            last = line.strip()
            found = read_milestone(line)
            if found is not None:
                reached[found[0]] = (at - begun, found[1])
    except queue.Empty:
        raise BenchError(f"No composite within {PATIENCE:g} seconds. {last}") from None
    finally:
        process.kill()
        process.wait()
        reader.join()
        if process.stderr is not None:
            process.stderr.close()
    return reached


def _read(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[tuple[float, str]]") -> None:
    assert process.stderr is not None
    for line in process.stderr:
        lines.put((time.perf_counter(), line))
    lines.put((time.perf_counter(), ""))


def summary(report: dict[str, Any]) -> str:
    """The report as a table."""
    rows = [
        f"{name:<20} {times['wall_s']:7.3f} {times['cpu_s']:7.3f}" for name, times in report["stages"].items()
    ]
    head = f"{'reached':<20} {'wall s':>7} {'CPU s':>7}   medians of {len(report['starts'])} starts"
    return "\n".join([head, *rows])
