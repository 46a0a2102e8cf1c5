"""The report of `backdrop bench` as text."""

from collections.abc import Sequence
from typing import Any

STAGES = ("halve", "segment", "reduce", "steady", "refine", "backdrop", "harmonize", "composite", "finish")
SHOWN = (*STAGES[:5], "light", "frame", *STAGES[5:])  # with the stages that run only when they are asked for
HEADINGS = ("size", "backdrop", *SHOWN, "CPU ms", "wall ms", "p95", "fps", "age ms", "p95", "CPU %", "MB")
NOTES = """\
halve … finish: median CPU milliseconds of each stage.
CPU ms, wall ms, p95, fps: per frame, from the decoded frame to the I420 of a virtual camera, one thread, as fast as possible.
age, p95, CPU %, MB: the application live at 30 fps, including the demo camera; age is from the camera's frame to the
output. Not included: decoding a webcam's MJPG, which takes {}."""


def table(report: dict[str, Any]) -> str:
    """The machine, a row for each case, the networks, and the meaning of the columns."""
    machine, cases = report["machine"], report["cases"]
    blocks = f" in blocks of {machine['blocks']} channels" if machine["blocks"] else ""
    head = (
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']} · {machine['system']}\n"
        f"Backdrop {machine['backdrop']} · Python {machine['python']} · ONNX Runtime {machine['onnxruntime']} · "
        f"OpenCV {machine['opencv']}\n"
        f"kernels: network {report['network']['network']} with {machine['instructions'] or 'basic instructions'}"
        f"{blocks}, our C code {machine['compiled_for'] or 'not compiled'}\n"
    )
    networks = [report["network"], *report["peers"]]
    shown = [
        (each["network"], f"{each['cpu_ms']:.2f}", f"{each['wall_ms']:.2f}", f"{each.get('ratio', 1):.2f}")
        for each in networks
    ]
    decode = {case["size"]: f"{case['decode']['median_ms']:.1f} ms at {case['size']}" for case in cases}
    return "\n".join(
        [
            head,
            _aligned([HEADINGS, *(_row(case) for case in cases)], 2),
            "",
            NOTES.format(", ".join(decode.values())),
            "",
            _aligned([("network alone, one thread", "CPU ms", "wall ms", "÷ ours"), *shown], 1),
        ]
    )


def _row(case: dict[str, Any]) -> tuple[str, ...]:
    stages = [f"{case['stages'][name]['median_ms']:.2f}" if name in case["stages"] else "–" for name in SHOWN]
    live = case["live"]
    memory = "?" if live["memory_mb"] is None else f"{live['memory_mb']:.0f}"
    line = [f"{case[name]:.2f}" for name in ("cpu_ms", "wall_ms", "wall_ms_p95")]
    age = [f"{live['age_ms'][name]:.1f}" for name in ("median_ms", "p95_ms")]
    fps, percent = f"{case['fps']:.0f}", f"{live['cpu_percent']:.0f}"
    return (case["size"], case["backdrop"], *stages, *line, fps, *age, percent, memory)


def _aligned(rows: Sequence[Sequence[str]], words: int) -> str:
    """Aligned columns. words: how many columns at the left hold text; the others hold numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
