"""The benefit of tracked regions over whole frames, for small people.

    python -m sinet_core.training evaluate region weights/sinet.onnx --data folder/gesture-room folder/coco-people

Every photo whose person fills less than 15 % of it becomes a static video of two seconds for the tracker. Its last alpha is
compared with that of the whole frame, both enlarged bilinearly to the photo's size.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import VideoMatter, metrics
from sinet_core.matting.resize import halved
from sinet_core.matting.roi import Region
from sinet_core.training.evaluate.networks import ScoredNetwork, load_scored_network
from sinet_core.training.scenes.data import Pair, read_pairs

SMALL = 0.15  # of the frame: who fills less is small
FRAMES, FPS = 20, 10.0  # of the video that a photo becomes


@dataclass(frozen=True)
class Compared:
    """One photo. whole, near: IoU of the whole frame's answer and of the tracked one. region: the last one."""

    whole: float
    near: float
    region: Region


def compare(network: ScoredNetwork, pair: Pair) -> Compared:
    """Compare both ways on a photo."""
    predictor, half = _Remembering(network), halved(pair.frame)
    matter = VideoMatter(predictor)
    results = [matter.segment(pair.frame, index / FPS, half=half) for index in range(FRAMES)]
    height, width = pair.alpha.shape
    alphas = (
        _enlarged(predictor.predict_lowres(pair.frame), Region.whole(width, height)),
        _enlarged(results[-1].alpha, results[-1].region),
    )
    whole, near = (metrics.iou(answer, pair.alpha) for answer in alphas)
    return Compared(whole, near, results[-1].region)


class _Remembering:
    """A network for a static picture that caches the alpha of each part of it."""

    def __init__(self, network: ScoredNetwork) -> None:
        self._network = network
        self._known: dict[tuple[int, tuple[int, ...]], NDArray[np.float32]] = {}

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        part = frame.ctypes.data, frame.shape
        if part not in self._known:
            self._known[part] = self._network.predict_lowres(frame, input_scale)
        return self._known[part]


def _enlarged(alpha: NDArray[np.float32], region: Region) -> NDArray[np.float32]:
    """A region's alpha at the frame's size: (H, W), 0 outside."""
    whole = np.zeros(region.frame[::-1], np.float32)
    size = region.width, region.height
    region_of_whole = np.s_[region.top : region.top + region.height, region.left : region.left + region.width]
    whole[region_of_whole] = cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR)
    return whole


def small_people(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The photos whose person fills less than SMALL of them."""
    return (pair for pair in pairs if 0 < np.mean(metrics.person(pair.alpha)) < SMALL)


def print_photos(name: str, compared: Sequence[Compared]) -> None:
    """Print a row: photos, mean IoU of both ways, fractions with a region, gaining and losing more than .05."""
    gains = np.array([one.near - one.whole for one in compared])
    whole, near = np.mean([(one.whole, one.near) for one in compared], axis=0)
    used = np.mean([not one.region.is_whole for one in compared])
    print(
        f"{name:16} {len(compared):6} {whole:7.3f} {near:7.3f} {near - whole:+7.3f} {used:7.0%}"
        f" {np.mean(gains > 0.05):8.0%} {np.mean(gains < -0.05):6.0%} {gains.min():+7.2f}",
        flush=True,
    )


def parser() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    result = argparse.ArgumentParser(
        prog="python -m sinet_core.training evaluate region",
        description=summary,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("network", type=Path, help=".onnx, .pt or .pth")
    result.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="FOLDER", help="photos with alphas"
    )
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    cv2.setNumThreads(1)
    network = load_scored_network(asked.network)
    print(
        f"{'below 15 %':16} {'photos':>6} {'whole':>7} {'near':>7} {'gain':>7} {'used':>7} {'> +.05':>8} < -.05   worst"
    )
    everything: list[Compared] = []
    for folder in asked.data:
        compared = [compare(network, pair) for pair in small_people(read_pairs(folder))]
        if compared:
            print_photos(folder.name, compared)
            everything += compared
    if len(asked.data) > 1 and everything:
        print_photos("all", everything)
    return 0
