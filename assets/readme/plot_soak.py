"""Plot memory, file handles and threads over the minutes of a soak.

    backdrop bench --soak 60 --to soak.json
    python assets/readme/plot_soak.py soak.json assets/readme/soak.svg

Needs matplotlib, which the application does not; it comes with the extras `train` and `test`.
"""

from pathlib import Path
from typing import Any

from matplotlib import pyplot
from plotting import INK, begin, draw_report, save, tidy

STEPS, ROUNDS = "#b9cbe0", "#2f6fb0"
COUNTS = {"handles": ("file handles", "#c8553d"), "threads": ("threads", "#6b8e4e")}


def draw(report: dict[str, Any], target: Path) -> None:
    """Top: memory of each step and the maximum of each round. Bottom: handles and threads. report: of a soak."""
    begin()
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
        tidy(axes)
    width, height = report["size"]
    rate = report["frames"] / 60 / minutes[-1]
    above.set_title(
        f"{report['frames']:,} frames, mostly {width} × {height}; every {report['step_seconds']:g} s another camera, size,\n"
        f"backdrop or output, the same {len(stretches) // len(rounds)} again and again ({rate:.0f} frames a second on average)",
        fontsize=10,
        color=INK,
        loc="left",
    )
    save(figure, target)


if __name__ == "__main__":
    draw_report("`backdrop bench --soak` saw", draw)
