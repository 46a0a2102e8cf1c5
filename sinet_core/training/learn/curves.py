"""Plot a run's history: loss and learning rate above, validation IoU below.

python -m sinet_core.training curves runs/first/history.jsonl curves.png
"""

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def read_history(path: Path) -> list[dict[str, float]]:
    """Read the rows by step. An interrupted run may leave several rows of a step; the last one counts."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return sorted({row["step"]: row for row in rows}.values(), key=lambda row: row["step"])


def draw(rows: list[dict[str, float]], target: Path) -> None:
    """Write the plot. rows: as train.py writes them; rows without a validation appear in the upper part only."""
    figure, (above, below) = pyplot.subplots(2, 1, sharex=True, figsize=(8, 6), layout="constrained")
    steps = [row["step"] for row in rows]
    above.plot(steps, [row["loss"] for row in rows], label="loss (mean since the last point)")
    above.set_ylabel("loss")
    above.set_yscale("log")
    rate = above.twinx()
    rate.plot(steps, [row["rate"] for row in rows], color="0.7", linestyle=":")
    rate.set_ylabel("learning rate (dotted)")
    names = sorted({name for row in rows for name in row if name.endswith("_iou")})
    for name in names:
        scored = [row for row in rows if name in row]
        label = f"{name.removesuffix('_iou')}: {scored[-1][name]:.3f}"
        below.plot([row["step"] for row in scored], [row[name] for row in scored], marker=".", label=label)
    below.set_ylim(0.7, 1)
    below.set_ylabel("IoU of the person, averaged weights")
    below.set_xlabel("step")
    stages = [row["step"] for row, after in pairwise(rows) if row["stage"] != after["stage"]]
    for axes in (above, below):
        axes.grid(alpha=0.3)
        for step in stages:
            axes.axvline(step, color="0.5", linewidth=0.8)
    above.legend(loc="upper right")
    below.legend(loc="lower right")
    figure.savefig(target, dpi=110)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training curves", description="Draw a run's history."
    )
    parser.add_argument("history", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(arguments)
    draw(read_history(options.history), options.target)
    print(options.target)
