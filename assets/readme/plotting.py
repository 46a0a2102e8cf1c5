"""What the plots share: colours, plain axes, the command line, and saving."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

INK, FAINT = "#323844", "#d5d9e0"


def begin() -> None:
    """Set the style of a plot. The same report gives the same file."""
    pyplot.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "backdrop", "font.size": 11, "text.color": INK}
    )


def tidy(axes: Any) -> None:
    axes.grid(color=FAINT, linewidth=0.8)
    axes.tick_params(color=FAINT, labelcolor=INK)
    axes.spines[:].set_visible(False)


def save(figure: Any, target: Path) -> None:
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None, facecolor="white")


def draw_report(what: str, draw: Callable[[dict[str, Any], Path], None]) -> None:
    """The command line of a plot: a JSON report, and the file to write."""
    parser = argparse.ArgumentParser(description=f"Draw what {what}.")
    parser.add_argument("report", type=Path)
    parser.add_argument("target", type=Path, help=".svg or .png")
    options = parser.parse_args()
    draw(json.loads(options.report.read_text(encoding="utf-8")), options.target)
