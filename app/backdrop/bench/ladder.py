"""The CPU time and the loss of quality of each quality level: on one thread, frame after frame."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.bench.cases import FPS, BenchError, Case
from backdrop.bench.line import ms, p95
from backdrop.bench.stopwatch import cpu_time
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.quality import QUALITY_LEVELS, QualityLevel
from sinet_core import MatteOptions, NotReadyError, VideoMatter, metrics
from sinet_core.matting.person_segmenter import AlphaPredictor

SMALLER = 4  # factor by which alphas are reduced before they are compared, so that comparing costs little
ROUNDS = 3  # over the frames; the first warms up memory and the temporal filter


def full_alphas(
    case: Case, segmenter: AlphaPredictor, frames: Sequence[NDArray[np.uint8]]
) -> list[NDArray[np.uint8]]:
    """The reduced alpha of each frame at full quality, in the last round. Raises BenchError."""
    return [alpha for alpha, _ in _run(case, segmenter, frames, QUALITY_LEVELS[0])][-len(frames) :]


def measure_ladder(
    case: Case,
    segmenter: AlphaPredictor,
    frames: Sequence[NDArray[np.uint8]],
    truths: Sequence[NDArray[np.uint8]],
) -> list[dict[str, Any]]:
    """A row for each quality level, and one for low latency with an alpha that is one frame behind.

    frames: can be looped. truths: their full_alphas(). Each row has step, savings, cpu_ms (mean per frame), cost (fraction
    of full quality's), and, compared with truths, error (mean absolute difference of alpha × 1000), error_p95 (of the
    frames) and iou.
    """
    rows: list[dict[str, Any]] = []
    for place, quality_level in enumerate(QUALITY_LEVELS):
        alphas, seconds = zip(*_run(case, segmenter, frames, quality_level), strict=True)
        later = len(alphas) - (ROUNDS - 1) * len(frames)
        rows.append(
            {"step": place, "savings": quality_level.savings, "cpu_ms": ms(fmean(seconds[later:]))}
            | compared(alphas[later:], truths)
        )
    for row in rows:
        row["cost"] = round(row["cpu_ms"] / rows[0]["cpu_ms"], 2)
    behind = compared(list(_one_frame_behind(segmenter, frames)), truths)
    return [
        *rows,
        {"step": "low-latency", "savings": ["alpha of the previous frame, warped by optical flow"]} | behind,
    ]


def compared(alphas: Sequence[NDArray[np.uint8]], truths: Sequence[NDArray[np.uint8]]) -> dict[str, float]:
    """How far alphas are from truths, which they loop over: error, error_p95 and iou."""
    errors, ious = [], []
    for index, alpha in enumerate(alphas):
        errors.append(metrics.mean_absolute_error(alpha, truths[index % len(truths)]))
        ious.append(metrics.iou(alpha, truths[index % len(truths)]))
    return {"error": ms(fmean(errors)), "error_p95": ms(p95(errors)), "iou": round(fmean(ious), 4)}


def reduced(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An alpha (H, W) uint8, reduced by SMALLER for comparing."""
    size = (max(1, alpha.shape[1] // SMALLER), max(1, alpha.shape[0] // SMALLER))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)


def _run(
    case: Case, segmenter: AlphaPredictor, frames: Sequence[NDArray[np.uint8]], quality_level: QualityLevel
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """The reduced alpha of every frame in every round, and the CPU seconds of the frame."""
    pipeline = Pipeline(segmenter, live=False)
    for index in range(ROUNDS * len(frames)):
        frame = Frame(frames[index % len(frames)], index, index / FPS)
        begun = cpu_time()
        result = pipeline.process(
            frame, case.settings, pixel_format=PixelFormat.I420, quality_level=quality_level
        )
        took = cpu_time() - begun
        if result.alpha is None:
            raise BenchError(f"There is nothing to measure: {result.notice}")
        yield reduced(result.alpha), took


def _one_frame_behind(
    segmenter: AlphaPredictor, frames: Sequence[NDArray[np.uint8]]
) -> Iterator[NDArray[np.uint8]]:
    """The alphas of low latency in the second round, if the network always finishes before the next frame."""
    matter, options = VideoMatter(segmenter), MatteOptions(low_latency=True)
    try:
        for index in range(2 * len(frames)):
            pixels, captured_at = frames[index % len(frames)], index / FPS
            try:
                alpha = matter(pixels, captured_at, options)
            except NotReadyError:  # before the first alpha, and after a cut
                alpha = np.zeros(pixels.shape[:2], np.uint8)
            matter.wait()
            if index >= len(frames):
                yield reduced(alpha)
    finally:
        matter.close()
