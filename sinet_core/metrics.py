"""How good an alpha is: pure functions over arrays, without torch.

An alpha is (H, W): float in [0, 1], or uint8 where 255 is all person. A pixel is person where its alpha is above
one half (uint8: from 128). Truth has the same form and the same size; ValueError where sizes differ. Scores are
plain floats.

The definitions reproduce the table that the project measures itself against, so the choices that matter are written
down where they are made: worst 5 % is a percentile, and the outlines of boundary F are two pixels wide.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Alpha = NDArray[np.uint8] | NDArray[np.floating]

BOUNDARY_TOLERANCE = 0.005  # of the diagonal
BORDER = 3  # pixels along the frame's own border in which no outline counts
CALIBRATION_BINS = 15


def unit(alpha: Alpha) -> NDArray[np.float32]:
    """Any alpha (H, W) as float32 in [0, 1]. Raises TypeError for other integer types than uint8."""
    if alpha.dtype == np.uint8:
        return np.asarray(alpha, np.float32) / np.float32(255)
    if not np.issubdtype(alpha.dtype, np.floating):
        raise TypeError(f"an alpha is uint8 or float, not {alpha.dtype}")
    return np.asarray(alpha, np.float32)


def person(alpha: Alpha) -> NDArray[np.bool_]:
    """Where an alpha (H, W) says person: above one half. Exactly one half is not a person; NaN is not either."""
    if alpha.dtype == np.uint8:
        return np.asarray(alpha > 127)
    return np.asarray(alpha > 0.5)


def iou(alpha: Alpha, truth: Alpha) -> float:
    """Intersection over union of the person, in [0, 1]. 1 where neither sees a person, 0 where only one does."""
    return person_iou(confusion(person(alpha), person(truth)))


def confusion(labels: NDArray, truth: NDArray, classes: int = 2) -> NDArray[np.int64]:
    """Count pixels by (truth, answer): (classes, classes) int64, to be added up over photos.

    labels, truth: (H, W) bool or integer. A pixel whose truth is not in [0, classes) is ignored (255 is the usual one).
    Raises ValueError where sizes differ or where an answer that counts is not in [0, classes).
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

    NaN for a class that neither truth nor answer has.
    """
    hit = np.diag(table).astype(np.float64)
    union = table.sum(axis=0) + table.sum(axis=1) - hit
    return np.divide(hit, union, out=np.full(len(hit), np.nan), where=union > 0)


def mean_iou(table: NDArray[np.int64]) -> float:
    """Mean IoU over the classes that occur in a pooled confusion table: the figure the SINet paper reports.

    1 for an empty table: nothing was wrong.
    """
    seen = class_ious(table)
    seen = seen[~np.isnan(seen)]
    return float(seen.mean()) if seen.size else 1.0


def person_iou(table: NDArray[np.int64]) -> float:
    """IoU of class 1 from a (2, 2) confusion table; 1 where neither truth nor answer has a person."""
    value = class_ious(table)[1]
    return 1.0 if np.isnan(value) else float(value)


def worst_five_percent(scores: Sequence[float]) -> float:
    """The score that 5 % of the photos fall below: the 5th percentile, interpolated. NaN for no scores.

    The mean of those photos, which is lower, is mean_of_worst.
    """
    return float(np.percentile(scores, 5)) if len(scores) else float("nan")


def mean_of_worst(scores: Sequence[float], share: float = 0.05) -> float:
    """Mean of the worst `share` of the scores, at least of one. NaN for no scores."""
    if not len(scores):
        return float("nan")
    worst = np.sort(np.asarray(scores, np.float64))[: max(1, round(share * len(scores)))]
    return float(worst.mean())


def mean_absolute_error(alpha: Alpha, truth: Alpha) -> float:
    """Mean of |alpha − truth| over all pixels, in [0, 1]; soft edges count as they are."""
    _same_size(alpha, truth)
    return float(np.abs(unit(alpha) - unit(truth)).mean(dtype=np.float64))


def outline(shape: NDArray[np.bool_], border: int = BORDER) -> NDArray[np.bool_]:
    """The outline of a shape (H, W) bool: pixels that have both kinds among their 3 × 3 neighbours.

    So it is two pixels wide, one on either side of the line. Outlines nearer than `border` pixels to the frame's own
    border are left out: there the frame ends, not the person.
    """
    pixels = np.asarray(shape, np.uint8)
    square = np.ones((3, 3), np.uint8)
    line = cv2.dilate(pixels, square) != cv2.erode(pixels, square)
    if border:
        line[:border] = line[-border:] = False
        line[:, :border] = line[:, -border:] = False
    return line


def boundary_f(alpha: Alpha, truth: Alpha, tolerance: float = BOUNDARY_TOLERANCE) -> float:
    """How well the outlines agree, in [0, 1]: the harmonic mean of precision and recall of outline pixels.

    An outline pixel is right when the other outline passes within `tolerance` × the diagonal of it, by OpenCV's 3 × 3
    approximation of the Euclidean distance (a few per cent off; the table of reference was measured with it).
    1 where neither has an outline, 0 where only one has.
    """
    _same_size(alpha, truth)
    answered, expected = outline(person(alpha)), outline(person(truth))
    if not answered.any() or not expected.any():
        return float(answered.any() == expected.any())
    reach = tolerance * float(np.hypot(*answered.shape))
    precision = float((_distance_to(expected)[answered] <= reach).mean())
    recall = float((_distance_to(answered)[expected] <= reach).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _distance_to(line: NDArray[np.bool_]) -> NDArray[np.float32]:
    return cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)


def calibration_table(alpha: Alpha, truth: Alpha, bins: int = CALIBRATION_BINS) -> NDArray[np.float64]:
    """Sums of one photo for calibration_error, to be added up over photos.

    Pixels are sorted by their alpha into `bins` equal bins of [0, 1]. Returns (bins, 3) float64: the number of pixels,
    the sum of their alpha, the sum of their truth. Soft truth counts as it is, so half-covered hair may be one half.
    """
    _same_size(alpha, truth)
    said, true = unit(alpha).ravel(), unit(truth).ravel()
    place = np.minimum((said * bins).astype(np.int64), bins - 1)
    sums = (np.bincount(place, weights=weights, minlength=bins) for weights in (None, said, true))
    return np.stack([np.asarray(column, np.float64) for column in sums], axis=1)


def calibration_error(table: NDArray[np.float64]) -> float:
    """Expected calibration error in [0, 1]: mean over pixels of |mean alpha − mean truth| of the pixel's bin.

    0 says that of the pixels with alpha 0.7, seven in ten are person. table: (bins, 3) as calibration_table gives.
    0 for an empty table.
    """
    pixels = float(table[:, 0].sum())
    return float(np.abs(table[:, 1] - table[:, 2]).sum() / pixels) if pixels else 0.0


def _same_size(alpha: NDArray, truth: NDArray) -> None:
    if alpha.shape != truth.shape:
        raise ValueError(f"sizes differ: {alpha.shape} and {truth.shape}")


MOTION_LEVELS = 16  # levels of grey by which a pixel changes where something moves
MOTION_REACH = 15  # pixels: everything in a square of this side around a moved pixel counts as moved too


def motion_mask(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the picture moved between neighbouring frames (H, W, 3) uint8 BGR: (H, W) bool. Elsewhere it stood still.

    The surroundings belong to it: behind a moving hand the outline has moved as well, even where greys hardly differ.
    """
    if before.shape != after.shape:
        raise ValueError(f"sizes differ: {before.shape} and {after.shape}")
    greys = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (before, after)]
    changed = (cv2.absdiff(*greys) > MOTION_LEVELS).astype(np.uint8)
    return cv2.dilate(changed, np.ones((MOTION_REACH, MOTION_REACH), np.uint8)) > 0


def flicker(frames: Sequence[NDArray[np.uint8]], alphas: Sequence[Alpha]) -> float:
    """Mean |change of alpha| × 1000 from frame to frame over the pixels where the picture stood still. Lower is better.

    frames: (H, W, 3) uint8 BGR each; alphas: one for each frame, (H, W). NaN where no pixel ever stood still, or with
    fewer than two frames. Raises ValueError when there are not as many alphas as frames.
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
    """Mean |alpha − truth| × 1000 over the pixels where the picture has just moved. Lower is better.

    frames: (H, W, 3) uint8 BGR each; alphas, truths: one for each frame, (H, W). The first frame, of which nobody knows
    whether it moved, is left out. NaN where nothing ever moved. Raises ValueError when numbers or sizes differ.
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
