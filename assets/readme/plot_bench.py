"""Plot how the CPU time of a frame grows with its pixels, from a report of the bench.

    backdrop bench --json > bench.json
    python assets/readme/plot_bench.py bench.json assets/readme/bench.svg

Needs matplotlib, which the application does not; it comes with the extras `train` and `test`.
"""

from pathlib import Path
from typing import Any

from matplotlib import pyplot
from plotting import INK, begin, draw_report, save, tidy

COLOURS = {"blur": "#2f6fb0", "picture": "#c8553d", "colour": "#6b8e4e"}


def draw(report: dict[str, Any], target: Path) -> None:
    """One curve per backdrop: CPU milliseconds per frame over megapixels, both axes from 0. report: of several cases."""
    begin()
    figure, axes = pyplot.subplots(figsize=(7.2, 4.2), layout="constrained")
    by_backdrop: dict[str, list[dict[str, Any]]] = {}
    for case in report["cases"]:
        by_backdrop.setdefault(case["backdrop"], []).append(case)
    for backdrop, these in by_backdrop.items():
        pixels = [case["width"] * case["height"] / 1e6 for case in these]
        axes.plot(pixels, [case["cpu_ms"] for case in these], "o-", color=COLOURS[backdrop], label=backdrop)
    sizes = {case["size"]: case["width"] * case["height"] / 1e6 for case in report["cases"]}
    axes.set_xticks(list(sizes.values()), list(sizes), rotation=35, ha="right", color=INK)
    axes.set_xlabel("frame, by its pixels", color=INK)
    axes.set_ylabel("CPU milliseconds a frame, one thread", color=INK)
    axes.set_xlim(0)
    axes.set_ylim(0)
    tidy(axes)
    axes.legend(frameon=False)
    machine = report["machine"]
    axes.set_title(
        f"{machine['cpu']}, {machine['cores']} cores, one used", fontsize=10, color=INK, loc="left"
    )
    save(figure, target)


if __name__ == "__main__":
    draw_report("`backdrop bench --json` measured", draw)
