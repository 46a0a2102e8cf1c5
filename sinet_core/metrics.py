"""Quality of alphas: pure functions over arrays, without torch.

An alpha is (H, W): float in [0, 1], or uint8 where 255 is all person. A pixel is person where its alpha is above
one half (uint8: from 128). The truth has the same form and size; other sizes raise ValueError. Scores are floats.

The definitions are those of the table of peers that the project compares itself with. Note that "worst 5 %" is a percentile,
and that the outlines of boundary F are two pixels wide.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Alpha = NDArray[np.uint8] | NDArray[np.floating]

BOUNDARY_TOLERANCE = 0.005  # of the diagonal
BORDER = 3  # pixels along the frame's border in which outlines do not count
CALIBRATION_BINS = 15


def unit(alpha: Alpha) -> NDArray[np.float32]:
    """Convert an alpha (H, W) to float32 in [0, 1]. Raises TypeError for integer types other than uint8."""
    if alpha.dtype == np.uint8:
        return np.asarray(alpha, np.float32) / np.float32(255)
    if not np.issubdtype(alpha.dtype, np.floating):
        raise TypeError(f"an alpha is uint8 or float, not {alpha.dtype}")
    return np.asarray(alpha, np.float32)


def person(alpha: Alpha) -> NDArray[np.bool_]:
    """Where an alpha (H, W) is above one half: (H, W) bool. Exactly one half is not, and neither is NaN."""
    if alpha.dtype == np.uint8:
        return np.asarray(alpha > 127)
    return np.asarray(alpha > 0.5)


def iou(alpha: Alpha, truth: Alpha) -> float:
    """Intersection over union of the person, in [0, 1]. 1 if neither has a person, 0 if only one has."""
    return person_iou(confusion(person(alpha), person(truth)))


def confusion(labels: NDArray, truth: NDArray, classes: int = 2) -> NDArray[np.int64]:
    """Count pixels by (truth, prediction): (classes, classes) int64, to be summed over photos.

    labels, truth: (H, W) bool or integer. Pixels whose truth is not in [0, classes), usually 255, are ignored.
    Raises ValueError if sizes differ or a prediction that counts is not in [0, classes).
    """
    if labels.shape != truth.shape:
        raise ValueError(f"sizes differ: {labels.shape} and {truth.shape}")
    expected = np.asarray(truth, np.int64).ravel()
    answered = np.asarray(labels, np.int64).ravel()
    counts = (expected >= 0) & (expected < classes)
    expected, answered = expected[counts], answered[counts]
    if answered.size and not (answered.min() >= 0 and answered.max() < classes):
        raise ValueError(f"an answer is outside 0 … {classes - 1}")
    table = np.bincount(expected * classes + answered, minlength=classes * classes)
    return table.reshape(classes, classes).astype(np.int64)


def class_ious(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU of each class from a confusion table (classes, classes): (classes,) float64.

    NaN for a class that neither truth nor prediction has.
    """
    hit = np.diag(table).astype(np.float64)
    union = table.sum(axis=0) + table.sum(axis=1) - hit
    return np.divide(hit, union, out=np.full(len(hit), np.nan), where=union > 0)


def mean_iou(table: NDArray[np.int64]) -> float:
    """Mean IoU over the classes that occur in a summed confusion table, as in the SINet paper. 1 for an empty table."""
    seen = class_ious(table)
    seen = seen[~np.isnan(seen)]
    return float(seen.mean()) if seen.size else 1.0


def person_iou(table: NDArray[np.int64]) -> float:
    """IoU of class 1 from a (2, 2) confusion table; 1 if neither truth nor prediction has a person."""
    value = class_ious(table)[1]
    return 1.0 if np.isnan(value) else float(value)


def worst_five_percent(scores: Sequence[float]) -> float:
    """The 5th percentile of scores, interpolated. NaN for no scores. (mean_of_worst() is the mean of the scores below it.)"""
    return float(np.percentile(scores, 5)) if len(scores) else float("nan")


def mean_of_worst(scores: Sequence[float]) -> float:
    """Mean of the worst 5 % of the scores, at least of one. NaN for no scores."""
    if not len(scores):
        return float("nan")
    worst = np.sort(np.asarray(scores, np.float64))[: max(1, round(0.05 * len(scores)))]
    return float(worst.mean())


def mean_absolute_error(alpha: Alpha, truth: Alpha) -> float:
    """Mean of |alpha − truth| over all pixels, in [0, 1], soft edges included."""
    _same_size(alpha, truth)
    return float(np.abs(unit(alpha) - unit(truth)).mean(dtype=np.float64))


def outline(shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outline of a shape (H, W) bool: pixels with both values among their 3 × 3 neighbours.

    It is two pixels wide, one on each side of the line. Outlines within BORDER pixels of the frame's border do not count:
    there the frame ends, not the person.
    """
    pixels = np.asarray(shape, np.uint8)
    square = np.ones((3, 3), np.uint8)
    line = cv2.dilate(pixels, square) != cv2.erode(pixels, square)
    line[:BORDER] = line[-BORDER:] = False
    line[:, :BORDER] = line[:, -BORDER:] = False
    return line


def boundary_f(alpha: Alpha, truth: Alpha) -> float:
    """Agreement of the outlines, in [0, 1]: the harmonic mean of precision and recall of outline pixels.

    An outline pixel is correct if the other outline is within BOUNDARY_TOLERANCE × the frame's diagonal, by OpenCV's 3 × 3
    approximation of the Euclidean distance (a few per cent off, but the reference table was measured with it).
    1 if neither has an outline, 0 if only one has.
    """
    _same_size(alpha, truth)
    answered, expected = outline(person(alpha)), outline(person(truth))
    if not answered.any() or not expected.any():
        return float(answered.any() == expected.any())
    reach = BOUNDARY_TOLERANCE * float(np.hypot(*answered.shape))
    precision = float((_distance_to(expected)[answered] <= reach).mean())
    recall = float((_distance_to(answered)[expected] <= reach).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _distance_to(line: NDArray[np.bool_]) -> NDArray[np.float32]:
    return cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)


def calibration_table(alpha: Alpha, truth: Alpha) -> NDArray[np.float64]:
    """Sums of one photo for calibration_error(), to be summed over photos.

    Pixels are put into equal bins of [0, 1] by their alpha. Returns (CALIBRATION_BINS, 3) float64: the number of pixels, the
    sum of their alphas and the sum of their truths. The truth may be soft, such as one half for half-covered hair.
    """
    _same_size(alpha, truth)
    said, true = unit(alpha).ravel(), unit(truth).ravel()
    place = np.minimum((said * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    sums = (np.bincount(place, weights=weights, minlength=CALIBRATION_BINS) for weights in (None, said, true))
    return np.stack([np.asarray(column, np.float64) for column in sums], axis=1)


def calibration_error(table: NDArray[np.float64]) -> float:
    """Expected calibration error in [0, 1]: mean over pixels of |mean alpha − mean truth| of the pixel's bin.

    At 0, for example, 70 % of the pixels with alpha 0.7 are person. table: (bins, 3) from calibration_table().
    0 for an empty table.
    """
    pixels = float(table[:, 0].sum())
    return float(np.abs(table[:, 1] - table[:, 2]).sum() / pixels) if pixels else 0.0


def _same_size(alpha: NDArray, truth: NDArray) -> None:
    if alpha.shape != truth.shape:
        raise ValueError(f"sizes differ: {alpha.shape} and {truth.shape}")


MOTION_LEVELS = 16  # levels of grey: a pixel that changes by more moves
MOTION_REACH = 15  # pixels: the side of the square round a moving pixel that moves, too


def motion_mask(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the picture moves between two consecutive frames (H, W, 3) uint8 BGR: (H, W) bool. Elsewhere it is static.

    Neighbours of moving pixels count as moving, because a hand's outline moves even where greys hardly differ.
    """
    if before.shape != after.shape:
        raise ValueError(f"sizes differ: {before.shape} and {after.shape}")
    greys = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (before, after)]
    changed = (cv2.absdiff(*greys) > MOTION_LEVELS).astype(np.uint8)
    return cv2.dilate(changed, np.ones((MOTION_REACH, MOTION_REACH), np.uint8)) > 0


def flicker(frames: Sequence[NDArray[np.uint8]], alphas: Sequence[Alpha]) -> float:
    """Mean |change of alpha| × 1000 from frame to frame over static pixels. Lower is better.

    frames: (H, W, 3) uint8 BGR each. alphas: one per frame, (H, W). NaN if no pixel is ever static, or with fewer than two
    frames. Raises ValueError if the numbers of frames and alphas differ.
    """
    return _mean_over(
        (~motion_mask(*two_frames), np.abs(unit(after) - unit(before)))
        for two_frames, (before, after) in zip(
            pairwise(frames), pairwise(_as_many(alphas, frames)), strict=True
        )
    )


def motion_error(
    frames: Sequence[NDArray[np.uint8]], alphas: Sequence[Alpha], truths: Sequence[Alpha]
) -> float:
    """Mean |alpha − truth| × 1000 over moving pixels. Lower is better.

    frames: (H, W, 3) uint8 BGR each. alphas, truths: one per frame, (H, W). The first frame does not count, as there is none
    before it to compare with. NaN if nothing ever moves. Raises ValueError if numbers or sizes differ.
    """
    alphas, truths = _as_many(alphas, frames), _as_many(truths, frames)
    return _mean_over(
        (motion_mask(*two_frames), np.abs(unit(alpha) - unit(truth)))
        for two_frames, alpha, truth in zip(pairwise(frames), alphas[1:], truths[1:], strict=True)
    )


def _as_many(alphas: Sequence[Alpha], frames: Sequence[NDArray[np.uint8]]) -> Sequence[Alpha]:
    if len(alphas) != len(frames):
        raise ValueError(f"{len(frames)} frames, but {len(alphas)} alphas")
    return alphas


def _mean_over(parts: Iterable[tuple[NDArray[np.bool_], NDArray[np.float32]]]) -> float:
    """Mean × 1000 of the values where their masks are set, over all parts together."""
    total, pixels = 0.0, 0
    for mask, values in parts:
        if mask.shape != values.shape:
            raise ValueError(f"sizes differ: {mask.shape} and {values.shape}")
        total += float(values[mask].sum(dtype=np.float64))
        pixels += int(mask.sum())
    return 1000 * total / pixels if pixels else float("nan")
