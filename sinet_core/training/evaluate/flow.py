"""Quality of alphas warped by optical flow to a later frame, compared with alphas that are only held, on clips.

    python -m sinet_core.training evaluate flow --data folder/of/clips

For alphas that are one, two and three frames old, it prints the mean absolute error × 1000 against the application's alpha of
the frame itself, over all pixels and where the picture moves; the mean and the 5th percentile of IoU; and the CPU milliseconds
of warping.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import MatteOptions, Segmenter, VideoMatter, metrics
from sinet_core.matting.flow import warp_by_flow
from sinet_core.matting.guided_upsampling import guided_upsample
from sinet_core.matting.resize import halved
from sinet_core.training.evaluate.clips import Clip, clips_in, read_clip

GAPS = (1, 2, 3)  # frames
STEP = 2  # every second frame of a clip is scored

Warp = Callable[[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True)
class Seen:
    """A frame with the application's alpha, at the network's size and at the frame's."""

    pixels: NDArray[np.uint8]
    half: NDArray[np.uint8]
    small: NDArray[np.uint8]
    alpha: NDArray[np.float32]
    fine: NDArray[np.uint8]


def seen(clip: Clip, segmenter: Segmenter) -> list[Seen]:
    """Every frame of a clip with the application's alpha."""
    matter, options, all_of_them = VideoMatter(segmenter), MatteOptions(track_region=False), []
    for index, pixels in enumerate(clip.frames):
        half = halved(pixels)
        result = matter.segment(pixels, index / clip.fps, options, half=half)
        fine = matter.upsample(result, pixels, half=half)
        all_of_them.append(Seen(pixels, half, result.small, result.alpha, fine))
    return all_of_them


def score(clips: Sequence[Sequence[Seen]], warp: Warp, gap: int) -> dict[str, float]:
    """error, in motion (error where the picture moves), iou, iou_p5 and ms: see above."""
    errors, in_motion, ious, times = [], [], [], []
    for frames in clips:
        for before, now in zip(frames[::STEP], frames[gap::STEP], strict=False):
            begun = time.process_time()
            alpha = warp(before.alpha, before.small, now.small)
            times.append(time.process_time() - begun)
            fine = guided_upsample(alpha, now.pixels, now.half, now.small)
            errors.append(metrics.mean_absolute_error(fine, now.fine))
            ious.append(metrics.iou(fine, now.fine))
            where = metrics.motion_mask(before.pixels, now.pixels)
            if where.any():
                in_motion.append(float(cv2.absdiff(fine, now.fine)[where].mean()) / 255)
    return {
        "error": 1000 * fmean(errors),
        "in motion": 1000 * fmean(in_motion),
        "iou": fmean(ious),
        "iou_p5": float(np.percentile(ious, 5)),
        "ms": 1000 * median(times),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training evaluate flow",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="The folder of clips.")
    parser.add_argument("--clips", type=int, help="at most this many clips")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    segmenter = Segmenter.load()
    clips = [seen(read_clip(path), segmenter) for path in clips_in(asked.data)[: asked.clips]]
    ways: dict[str, Warp] = {"held": lambda alpha, before, now: alpha, "warp_by_flow": warp_by_flow}
    print(f"{'frames old':>10}  {'':<8}{'error':>8}{'moved':>8}{'IoU':>9}{'p5':>9}{'CPU ms':>8}")
    for gap in GAPS:
        for name, warp in ways.items():
            of = score(clips, warp, gap)
            print(
                f"{gap:10d}  {name:<8}{of['error']:8.2f}{of['in motion']:8.2f}{of['iou']:9.4f}{of['iou_p5']:9.4f}{of['ms']:8.2f}"
            )
