"""Scores as a table for people and as JSON for machines."""

import math
from collections.abc import Sequence
from typing import Any

from sinet_core.training.evaluate.clips import ClipRow
from sinet_core.training.evaluate.scores import Row, Score

HEADINGS = {
    "iou": "IoU",
    "mean_iou": "mIoU",
    "worst_five_percent": "worst 5 %",
    "mean_of_worst": "their mean",
    "boundary_f": "boundary F",
    "mean_absolute_error": "MAE",
    "calibration_error": "calibration",
}


def photo_table(results: dict[str, dict[str, Row]]) -> str:
    """{network: {source: row}} as a Markdown table, which also reads well in a terminal."""
    lines = [["network", "source", "photos", *HEADINGS.values()]]
    for network, by_source in results.items():
        for source, values in by_source.items():
            figures = (f"{getattr(values, column):.4f}" for column in HEADINGS)
            lines.append([network, source, str(values.photos), *figures])
    return markdown(lines)


def clip_table(results: dict[str, dict[str, ClipRow]]) -> str:
    """{network: {clip: row}} as a Markdown table."""
    lines = [["network", "clip", "frames", "flicker", "motion error"]]
    for network, by_clip in results.items():
        for clip, values in by_clip.items():
            lines.append(
                [network, clip, str(values.frames), f"{values.flicker:.2f}", f"{values.motion_error:.1f}"]
            )
    return markdown(lines)


def photo_json(
    results: dict[str, dict[str, Row]], scores: dict[str, dict[str, list[Score]]]
) -> dict[str, Any]:
    """The rows of photo_table, and the scores of every photo, for JSON."""
    columns = ("name", "iou", "boundary_f", "mean_absolute_error")
    return {
        network: {
            "rows": {source: vars(values) for source, values in by_source.items()},
            "photos": {
                source: [{column: getattr(score, column) for column in columns} for score in listed]
                for source, listed in scores[network].items()
            },
        }
        for network, by_source in results.items()
    }


def clip_json(results: dict[str, dict[str, ClipRow]]) -> dict[str, Any]:
    """The rows of clip_table for JSON. What could not be measured is null."""
    return {
        network: {
            clip: {
                "frames": values.frames,
                "flicker": _or_none(values.flicker),
                "motion_error": _or_none(values.motion_error),
            }
            for clip, values in by_clip.items()
        }
        for network, by_clip in results.items()
    }


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table of these lines of cells; the first line holds the headings."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in (lines[0], rule, *lines[1:])
    )
