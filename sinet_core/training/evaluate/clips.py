"""Score networks over time: how much alpha flickers where a clip stands still, and how wrong it is where it moves.

A folder holds clips NAME.mkv (or mp4, avi, webm), each with NAME.alpha.npz beside it: key `alpha`, (T, H, W) uint8, one
for each frame and of its size. Those alphas come from a recurrent teacher: motion error is a distance from that, not
from the truth.

Peers measured with this on the ten clips of the project come near what the project was given for five other clips of
the same room (flicker / motion error: MediaPipe selfie 0.94 / 28.5, smoothed by an EMA of one half 0.78 / 35.6, Meet
0.44 / 35.6): that is how MOVED and NEAR_MOVED of sinet_core/metrics.py were chosen.
"""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import MatteOptions, VideoMatter, metrics
from sinet_core.training.evaluate.networks import ScoredNetwork

CLIP_SUFFIXES = (".mkv", ".mp4", ".avi", ".webm")
OVER_TIME = "mean"  # the row that sums up


@dataclass(frozen=True)
class Clip:
    """frames: (H, W, 3) uint8 BGR each; truths: (T, H, W) uint8; fps: frames a second."""

    name: str
    frames: list[NDArray[np.uint8]]
    truths: NDArray[np.uint8]
    fps: float


@dataclass(frozen=True)
class ClipRow:
    """What one network got for one clip, both × 1000."""

    frames: int
    flicker: float
    motion_error: float


def clips_in(folder: Path) -> list[Path]:
    """The clips of a folder that have teacher alphas. Raises FileNotFoundError when there is none."""
    found = sorted(
        path for path in folder.glob("*") if path.suffix in CLIP_SUFFIXES and _alphas_of(path).is_file()
    )
    if not found:
        raise FileNotFoundError(f"{folder} holds no clip NAME.mkv with a NAME.alpha.npz beside it")
    return found


def read_clip(path: Path) -> Clip:
    """Read a clip with its alphas into memory. Raises ValueError where frames and alphas do not fit together."""
    frames, fps = read_frames(path)
    with np.load(_alphas_of(path)) as file:
        truths = np.asarray(file["alpha"], np.uint8)
    shape = (len(frames), *frames[0].shape[:2]) if frames else (0,)
    if truths.shape != shape:
        raise ValueError(f"{path}: frames are {shape}, their alphas {truths.shape}")
    return Clip(path.stem, frames, truths, fps)


def read_frames(path: Path, most: float = math.inf) -> tuple[list[NDArray[np.uint8]], float]:
    """The first frames of a video, (H, W, 3) uint8 BGR, and how many a second; [] where it cannot be read."""
    # "file:" and the list of protocols: FFmpeg takes other names, and what a playlist names, for addresses.
    os.environ.setdefault(
        "OPENCV_FFMPEG_CAPTURE_OPTIONS", "protocol_whitelist;file|format_whitelist;matroska,mov,avi"
    )
    capture = cv2.VideoCapture(f"file:{path}", cv2.CAP_FFMPEG)
    fps = float(capture.get(cv2.CAP_PROP_FPS)) or 30.0
    frames: list[NDArray[np.uint8]] = []
    while len(frames) < most and (answer := capture.read())[0]:
        frames.append(np.asarray(answer[1], np.uint8))
    capture.release()
    return frames, fps


def _alphas_of(path: Path) -> Path:
    return path.with_suffix(".alpha.npz")


def steadied_alphas(network: ScoredNetwork, clip: Clip) -> list[NDArray[np.float32]]:
    """As in the application: the network's alpha filtered over time, then brought to the frame's size."""
    matter, options = VideoMatter(network), MatteOptions(track_region=False)
    return [
        network.fitted(matter.segment(frame, index / clip.fps, options).alpha, frame)
        for index, frame in enumerate(clip.frames)
    ]


def averaged_alphas(network: ScoredNetwork, clip: Clip) -> list[NDArray[np.float32]]:
    """As in many peers: an EMA with weight one half of the network's alphas, then brought to the frame's size."""
    averages: list[NDArray[np.float32]] = []
    for frame in clip.frames:
        alpha = network.predict_lowres(frame)
        averages.append(0.5 * alpha + 0.5 * averages[-1] if averages else alpha)
    return [network.fitted(average, frame) for average, frame in zip(averages, clip.frames, strict=True)]


def score_clip(alphas: Sequence[NDArray[np.float32]], clip: Clip) -> ClipRow:
    return ClipRow(
        len(clip.frames),
        metrics.flicker(clip.frames, alphas),
        metrics.motion_error(clip.frames, alphas, list(clip.truths)),
    )


def evaluate_clips(
    networks: Mapping[str, ScoredNetwork], folder: Path, steady: bool = False
) -> dict[str, dict[str, ClipRow]]:
    """Score networks on each clip: {network: {clip: row}}, with a row "mean" in which each clip counts the same.

    steady: also the steadied alphas, as network "NAME, steadied", and, to compare, "NAME, EMA of one half". Raises
    FileNotFoundError, ValueError.
    """
    results: dict[str, dict[str, ClipRow]] = {}
    for path in clips_in(folder):
        clip = read_clip(path)
        for name, network in networks.items():
            alphas = [network(frame) for frame in clip.frames]
            results.setdefault(name, {})[clip.name] = score_clip(alphas, clip)
            if steady:
                for way, smoothed in (("EMA of one half", averaged_alphas), ("steadied", steadied_alphas)):
                    alphas = smoothed(network, clip)
                    results.setdefault(f"{name}, {way}", {})[clip.name] = score_clip(alphas, clip)
    return {name: by_clip | {OVER_TIME: _mean(list(by_clip.values()))} for name, by_clip in results.items()}


def _mean(rows: Sequence[ClipRow]) -> ClipRow:
    return ClipRow(
        sum(row.frames for row in rows),
        _mean_of([row.flicker for row in rows]),
        _mean_of([row.motion_error for row in rows]),
    )


def _mean_of(values: Sequence[float]) -> float:
    """The mean of all values but NaN; NaN if there are no others."""
    measured = [value for value in values if not math.isnan(value)]
    return sum(measured) / len(measured) if measured else math.nan
