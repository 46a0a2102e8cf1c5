"""Draw what an hour of the line held: memory, file handles and threads over minutes.

    backdrop bench --soak 60 --to soak.json
    python assets/readme/plot_soak.py soak.json assets/readme/soak.svg

Needs matplotlib, which the application does not; it comes with the extras `train` and `test`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

INK, FAINT = "#323844", "#d5d9e0"
STEPS, ROUNDS = "#b9cbe0", "#2f6fb0"
COUNTS = {"handles": ("file handles", "#c8553d"), "threads": ("threads", "#6b8e4e")}


def draw(report: dict[str, Any], target: Path) -> None:
    """Above, the memory of every step and the most of every round; below, handles and threads. report: of a soak."""
    pyplot.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "backdrop", "font.size": 11, "text.color": INK}
    )
    figure, (above, below) = pyplot.subplots(
        2, 1, figsize=(7.2, 4.6), sharex=True, layout="constrained", height_ratios=(3, 1.3)
    )
    stretches, rounds = report["stretches"], report["rounds"]
    minutes = [each["minutes"] for each in stretches]
    above.plot(minutes, [each["memory_mb"] for each in stretches], color=STEPS, label="every step")
    above.plot(
        [each["minutes"] for each in rounds],
        [each["memory_mb"] for each in rounds],
        *("o-",),
        color=ROUNDS,
        markersize=3,
        label="the most of each round",
    )
    above.set_ylabel("memory, MB", color=INK)
    above.legend(frameon=False, loc="lower right", ncols=2)
    for name, (label, colour) in COUNTS.items():
        below.step(
            minutes,
            [each[name] for each in stretches],
            where="post",
            color=colour,
            label=label,
            linewidth=0.9,
        )
    below.set_xlabel("minutes", color=INK)
    below.legend(frameon=False, loc="upper right", ncols=2)
    for axes in (above, below):
        axes.set_xlim(0, minutes[-1])
        axes.set_ylim(0, 1.25 * axes.get_ylim()[1] if axes is below else None)
        axes.grid(color=FAINT, linewidth=0.8)
        axes.tick_params(color=FAINT, labelcolor=INK)
        axes.spines[:].set_visible(False)
    width, height = report["size"]
    rate = report["frames"] / 60 / minutes[-1]
    above.set_title(
        f"{report['frames']:,} frames, mostly {width} × {height}; every {report['step_seconds']:g} s another camera, size,\n"
        f"backdrop or output, the same {len(stretches) // len(rounds)} again and again ({rate:.0f} frames a second on average)",
        fontsize=10,
        color=INK,
        loc="left",
    )
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None, facecolor="white")


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw what `backdrop bench --soak` saw.")
    parser.add_argument("report", type=Path)
    parser.add_argument("target", type=Path, help=".svg or .png")
    options = parser.parse_args()
    draw(json.loads(options.report.read_text(encoding="utf-8")), options.target)


if __name__ == "__main__":
    main()
