"""Score any network on any folder of photos with alphas, or on clips.

    python -m sinet_core.training.evaluate weights/sinet.onnx peer.onnx --data desk-val eg1800-test --json scores.json
    python -m sinet_core.training.evaluate runs/1/last.pt --size 192x320 --data desk-val --sheet worst.png
    python -m sinet_core.training.evaluate weights/sinet.onnx --clips clips --steady

A folder holds NAME.webp (or jpg) with its alpha beside it as NAME.png; a photo without alpha is left out.
Everything is measured at the photo's own size: the alpha of the network is brought there bilinearly, before it is
thresholded. What the columns mean exactly stands in sinet_core/metrics.py.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.training.contact_sheet import write_contact_sheet
from sinet_core.training.data import VALIDATION_EVERY, Pair, read_pairs
from sinet_core.training.networks import Network, NetworkError, load_network

WORST = 12  # photos on a contact sheet


@dataclass(frozen=True)
class Score:
    """What one network got for one photo. confusion: (2, 2) int64; calibration: (15, 3) float64."""

    name: str
    iou: float
    boundary_f: float
    mean_absolute_error: float
    confusion: NDArray[np.int64]
    calibration: NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """The columns of the table for some photos together."""

    photos: int
    iou: float
    mean_iou: float
    worst_five_percent: float
    mean_of_worst: float
    boundary_f: float
    mean_absolute_error: float
    calibration_error: float


def score_photo(
    network: Network, frame: NDArray[np.uint8], truth: NDArray[np.uint8], name: str = ""
) -> Score:
    """Score one photo: frame (H, W, 3) uint8 BGR, truth (H, W) uint8."""
    alpha = network(frame)
    table = metrics.confusion(metrics.person(alpha), metrics.person(truth))
    return Score(
        name,
        metrics.person_iou(table),
        metrics.boundary_f(alpha, truth),
        metrics.mean_absolute_error(alpha, truth),
        table,
        metrics.calibration_table(alpha, truth),
    )


def score_pairs(network: Network, photos: Iterable[Pair]) -> list[Score]:
    """Score photos one by one; an iterator is read as it goes, so that a folder need not fit into memory."""
    return [score_photo(network, pair.frame, pair.alpha, pair.name) for pair in photos]


def row(scores: Sequence[Score]) -> Row:
    """Sum up: means over photos, except mean IoU and calibration, which are of all pixels together."""
    ious = [score.iou for score in scores]
    return Row(
        photos=len(scores),
        iou=float(np.mean(ious)),
        mean_iou=metrics.mean_iou(sum((score.confusion for score in scores), np.zeros((2, 2), np.int64))),
        worst_five_percent=metrics.worst_five_percent(ious),
        mean_of_worst=metrics.mean_of_worst(ious),
        boundary_f=float(np.mean([score.boundary_f for score in scores])),
        mean_absolute_error=float(np.mean([score.mean_absolute_error for score in scores])),
        calibration_error=metrics.calibration_error(
            sum((score.calibration for score in scores), np.zeros((metrics.CALIBRATION_BINS, 3)))
        ),
    )


def photos_of(folder: Path, held_out: bool = False) -> Iterator[Pair]:
    """The pairs of a folder at their own size; held_out: of eg1800-train only those that training leaves out.

    Raises FileNotFoundError for a folder without pairs, ValueError for a file that cannot be used.
    """
    every = VALIDATION_EVERY if held_out and folder.name == "eg1800-train" else 1
    return islice(read_pairs(folder), 0, None, every)


def evaluate(network: Network, folders: Sequence[Path], held_out: bool = False) -> dict[str, list[Score]]:
    """Score a network on each folder: {folder's name: scores}. Raises as photos_of does."""
    return {folder.name: score_pairs(network, photos_of(folder, held_out)) for folder in folders}


def rows(scores: dict[str, list[Score]]) -> dict[str, Row]:
    """A row a folder, and one for "all" photos where there are several folders."""
    table = {source: row(of_source) for source, of_source in scores.items()}
    if len(scores) > 1:
        table["all"] = row([score for of_source in scores.values() for score in of_source])
    return table


HEADINGS = {
    "iou": "IoU",
    "mean_iou": "mIoU",
    "worst_five_percent": "worst 5 %",
    "mean_of_worst": "their mean",
    "boundary_f": "boundary F",
    "mean_absolute_error": "MAE",
    "calibration_error": "calibration",
}


def as_table(results: dict[str, dict[str, Row]]) -> str:
    """{network: {source: row}} as a Markdown table, which also reads well in a terminal."""
    lines = [["network", "source", "photos", *HEADINGS.values()]]
    for network, by_source in results.items():
        for source, values in by_source.items():
            figures = (f"{getattr(values, column):.4f}" for column in HEADINGS)
            lines.append([network, source, str(values.photos), *figures])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def as_json(
    results: dict[str, dict[str, Row]], scores: dict[str, dict[str, list[Score]]]
) -> dict[str, object]:
    """The same rows for machines, and every photo's own scores."""
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


def write_worst(
    path: Path, network: Network, scores: dict[str, list[Score]], folders: Sequence[Path]
) -> None:
    """Draw the photos with the lowest IoU over all folders, worst first, as a contact sheet."""
    ranked = sorted(
        ((score, source) for source, listed in scores.items() for score in listed),
        key=lambda entry: entry[0].iou,
    )
    worst = {(source, score.name): score for score, source in ranked[:WORST]}
    drawn = {
        (pair.source, pair.name): pair
        for folder in folders
        for pair in photos_of(folder)
        if (folder.name, pair.name) in worst
    }
    entries = []
    for key, score in worst.items():
        pair = drawn[key]
        caption = f"{pair.source}/{pair.name}  IoU {score.iou:.3f}  bF {score.boundary_f:.2f}"
        entries.append((caption, pair.frame, pair.alpha, network(pair.frame)))
    write_contact_sheet(path, entries)


def unique_names(paths: Sequence[Path]) -> dict[str, Path]:
    """Name each network by its file, with its folder where two files have one name."""
    stems = [path.stem for path in paths]
    return {
        path.stem if stems.count(path.stem) == 1 else f"{path.parent.name}/{path.stem}": path
        for path in paths
    }


def size(text: str) -> tuple[int, int]:
    """192x320 → (192, 320): height, then width."""
    height, _, width = text.partition("x")
    return int(height), int(width)


def parser() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    result = argparse.ArgumentParser(
        prog="python -m sinet_core.training.evaluate",
        description=summary,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("networks", nargs="+", type=Path, metavar="NETWORK", help=".onnx, .pt or .pth")
    result.add_argument(
        "--data", nargs="+", type=Path, default=[], metavar="FOLDER", help="photos with alphas"
    )
    result.add_argument(
        "--held-out",
        action="store_true",
        help="of eg1800-train, score only the photos that training leaves out",
    )
    result.add_argument(
        "--clips", type=Path, metavar="FOLDER", help="NAME.mkv with NAME.alpha.npz: flicker, motion error"
    )
    result.add_argument(
        "--steady", action="store_true", help="with --clips: steadied alphas as well as raw ones"
    )
    result.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    result.add_argument(
        "--sheet", type=Path, metavar="FILE.png", help="draw the worst twelve photos of each network"
    )
    result.add_argument("--size", type=size, metavar="HxW", help="input size, for checkpoints only")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    if not asked.data and asked.clips is None:
        parser().error("say what to score: --data FOLDER… or --clips FOLDER")
    cv2.setNumThreads(1)
    try:
        return run(asked)
    except (NetworkError, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def run(asked: argparse.Namespace) -> int:
    networks = {name: load_network(path, asked.size) for name, path in unique_names(asked.networks).items()}
    report: dict[str, object] = {}
    if asked.data:
        scores = {name: evaluate(network, asked.data, asked.held_out) for name, network in networks.items()}
        results = {name: rows(by_source) for name, by_source in scores.items()}
        print(as_table(results))
        report |= {"photos": as_json(results, scores)}
        if asked.sheet:
            for name, network in networks.items():
                file = f"{asked.sheet.stem}-{name.replace('/', '-')}{asked.sheet.suffix}"
                path = asked.sheet if len(networks) == 1 else asked.sheet.with_name(file)
                write_worst(path, network, scores[name], asked.data)
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
