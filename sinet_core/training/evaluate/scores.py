"""Score a network on photos with alphas: a Score for each photo, a Row for each folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.training.evaluate.networks import ScoredNetwork
from sinet_core.training.scenes.data import Pair, read_pairs

ALL = "all"  # the row of all folders together


@dataclass(frozen=True)
class Score:
    """The scores of one network on one photo. confusion: (2, 2) int64; calibration: (15, 3) float64."""

    name: str
    iou: float
    boundary_f: float
    mean_absolute_error: float
    confusion: NDArray[np.int64]
    calibration: NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """The columns of the table, over several photos."""

    photos: int
    iou: float
    mean_iou: float
    worst_five_percent: float
    mean_of_worst: float
    boundary_f: float
    mean_absolute_error: float
    calibration_error: float


def score_photo(
    network: ScoredNetwork, frame: NDArray[np.uint8], truth: NDArray[np.uint8], name: str = ""
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


def score_pairs(network: ScoredNetwork, photos: Iterable[Pair]) -> list[Score]:
    """Score photos one by one. An iterator is read step by step, so a folder need not fit into memory."""
    return [score_photo(network, pair.frame, pair.alpha, pair.name) for pair in photos]


def row(scores: Sequence[Score]) -> Row:
    """Summarise: means over photos, but mean IoU and calibration are over all pixels together."""
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


def evaluate(network: ScoredNetwork, folders: Sequence[Path]) -> dict[str, list[Score]]:
    """Score a network on each folder: {folder's name: scores}.

    Raises what read_pairs() raises, and ValueError if two folders have the same name, because rows are named after them.
    """
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        raise ValueError(f"two of the folders have the same name: {', '.join(map(str, folders))}")
    return {folder.name: score_pairs(network, read_pairs(folder)) for folder in folders}


def rows(scores: dict[str, list[Score]]) -> dict[str, Row]:
    """A row for each folder and, if there are several folders, one for "all" photos."""
    table = {source: row(of_source) for source, of_source in scores.items()}
    if len(scores) > 1:
        table[ALL] = row([score for of_source in scores.values() for score in of_source])
    return table
