"""`backdrop bench --window`: the application with its window, in its own process. Needs a display."""

from dataclasses import asdict
from typing import Any

from backdrop.bench.cases import Case
from backdrop.bench.machine import machine
from backdrop.bench.process import report_of

STATES = ("shown", "with_rates", "minimised", "hidden")


def measure_window(case: Case, seconds: float) -> dict[str, Any]:
    """Measure the window for this many seconds in each state. Returns the report of backdrop.ui.cost. Raises BenchError."""
    asked = {"case": asdict(case), "seconds": seconds}
    return {"machine": machine()} | report_of("backdrop.ui.cost", asked)


def summary(report: dict[str, Any]) -> str:
    """The report as a table."""
    width, height = report["preview"]
    case = report["case"]
    lines = [
        f"{case['size']} {case['backdrop']}, preview {width} × {height}, {report['memory_mb']} MB",
        f"{'':<12} {'CPU ms / frame':>15} {'CPU % at 30 fps':>18} {'CPU % now':>10} {'fps':>6} {'painted':>8}",
    ]
    for state in STATES:
        each = report[state]
        lines.append(
            f"{state:<12} {each['cpu_ms']:>15.2f} {each['percent_at_30']:>18.1f} {each['cpu_percent']:>10.1f} "
            f"{each['fps']:>6.1f} {each['painted']:>8.1f}"
        )
    lines.append(
        f"The pipeline alone, as fast as possible, in the same process: {report['line_ms']:.2f} ms of CPU per frame."
    )
    saved = sorted({saving for state in STATES for saving in report[state]["savings"]})
    if saved:
        lines.append(f"The machine was too busy, so quality was reduced: {', '.join(saved)}.")
    return "\n".join(lines)
