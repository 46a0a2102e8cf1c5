"""`backdrop bench --memory MINUTES`: the memory of `backdrop run` after this time, and whether it grows."""

import subprocess
import threading
import time
from dataclasses import asdict
from typing import Any

from backdrop.bench.cases import BenchError, Case
from backdrop.bench.machine import machine
from backdrop.bench.process import SETTLING, Sample, growth, last_line, look
from backdrop.bench.start import run_command

EVERY = 1.0  # seconds between two samples


def measure_memory(case: Case, minutes: float, stop: threading.Event) -> dict[str, Any]:
    """Run it with the demo camera at its rate, and sample it every second. Raises BenchError.

    Returns memory_mb: at the end; growth: since the first minute or, in less than two minutes, since the middle, see
    process.growth(); samples: all of them, see process.Sample.
    """
    process = subprocess.Popen(
        run_command(case), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    samples: list[Sample] = []
    begun = time.monotonic()
    try:
        while not stop.wait(EVERY) and (passed := time.monotonic() - begun) < 60 * minutes:
            samples.append(look(process.pid, passed))
    except BenchError:
        raise BenchError(f"`backdrop run` ended: {last_line(process.communicate()[1])}") from None
    finally:
        process.terminate()
        process.communicate()
    try:
        grown = growth(samples, min(SETTLING, 30 * minutes))
    except ValueError as error:
        raise BenchError(f"That was too short: {error}.") from error
    return {
        "machine": machine(),
        "size": case.size,
        "backdrop": case.backdrop,
        "memory_mb": grown["memory_mb"]["to"],
        "growth": grown,
        "samples": [asdict(sample) for sample in samples],
    }


def summary(report: dict[str, Any]) -> str:
    """The report as a few lines of text."""
    grown = report["growth"]
    lines = [f"{report['size']} {report['backdrop']}, {report['samples'][-1]['seconds'] / 60:.1f} minutes"]
    for name, label in (("memory_mb", "Memory, MB"), ("handles", "File handles"), ("threads", "Threads")):
        each = grown[name]
        lines.append(f"{label:<14} {each['from']:g} → {each['to']:g} ({each['more']:+g})")
    lines.append(
        f"Slope {grown['slope_mb_an_hour']:+g} MB per hour, {grown['cpu_percent']:g} % of one core, including the demo camera"
    )
    return "\n".join(lines)
