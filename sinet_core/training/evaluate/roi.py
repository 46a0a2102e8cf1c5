"""The benefit of tracked regions over whole frames, for small people.

    python -m sinet_core.training evaluate region weights/sinet.onnx --data folder/gesture-room folder/coco-people
    python -m sinet_core.training evaluate region weights/sinet.onnx --made folder --clips folder/clips

Every photo whose person fills less than 15 % of it becomes a static video of two seconds for the tracker. Its last alpha is
compared with that of the whole frame, both enlarged bilinearly to the photo's size. --made uses scenes of small people, made of
portraits that are held out from training. For clips, it compares flicker and motion error of the application's final alpha.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import MatteOptions, VideoMatter, metrics
from sinet_core.matting.resize import halved
from sinet_core.matting.roi import Region
from sinet_core.training.evaluate.clips import Clip, clips_in, read_clip, score_clip
from sinet_core.training.evaluate.contact_sheet import write_contact_sheet
from sinet_core.training.evaluate.networks import ScoredNetwork, load_scored_network
from sinet_core.training.scenes.data import (
    Pair,
    TrainingData,
    read_pairs,
    read_training_data,
    split_portraits,
)
from sinet_core.training.scenes.scenes import make_scene

SMALL = 0.15  # of the frame: who fills less is small
FRAMES, FPS = 20, 10.0  # of the video that a photo becomes
SCENE = 360, 640  # pixels: height and width of a made scene
DRAWN = 12  # photos on a sheet


@dataclass(frozen=True)
class Compared:
    """One photo. whole, near: IoU of the whole frame's answer and of the tracked one. region: the last one."""

    pair: Pair
    whole: float
    near: float
    region: Region
    alphas: tuple[NDArray[np.float32], NDArray[np.float32]]


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
    return Compared(pair, whole, near, results[-1].region, alphas)


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


def made_scenes(root: Path, seed: int = 5) -> Iterator[Pair]:
    """An endless series of scenes with held-out portraits in rooms. root: the folder of all data."""
    rooms = read_training_data(root, only={"rooms", "rooms-chairs", "18f"}).rooms
    data = TrainingData({"eg1800-train": split_portraits(root / "eg1800-train")[1]}, rooms)
    rng = np.random.default_rng(seed)
    number = 0
    while True:
        scene = make_scene(data, rng, *SCENE, "cut-outs")
        yield Pair("made", f"{number:04}", scene.frame, scene.alpha)
        number += 1


def alphas_of(network: ScoredNetwork, clip: Clip, near: bool) -> list[NDArray[np.float32]]:
    """The application's alphas, with whole frames or with tracked regions (near)."""
    matter, options = VideoMatter(network), MatteOptions(track_region=near)
    return [metrics.unit(matter(frame, index / clip.fps, options)) for index, frame in enumerate(clip.frames)]


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


def draw(compared: Compared) -> list[NDArray[np.uint8]]:
    """The photo, the whole frame's answer and the tracked one with its region: (H, W, 3) uint8 BGR each."""
    frame, region = compared.pair.frame, compared.region
    panels = [frame]
    for alpha in compared.alphas:
        green = np.array([0, 200, 0]) * alpha[..., None]
        panels.append(np.asarray(frame * 0.4 + green * 0.6, np.uint8))
    corner = region.left + region.width - 1, region.top + region.height - 1
    cv2.rectangle(panels[-1], (region.left, region.top), corner, (0, 0, 255), 2)
    return panels


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
        "--data", nargs="+", type=Path, default=[], metavar="FOLDER", help="photos with alphas"
    )
    result.add_argument(
        "--made", type=Path, metavar="FOLDER", help="the folder of eg1800-train and rooms: made scenes"
    )
    result.add_argument("--clips", type=Path, metavar="FOLDER", help="clips with alphas")
    result.add_argument("--limit", type=int, help="photos of each folder at most, clips at most")
    result.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw a dozen of the photos")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    cv2.setNumThreads(1)
    network = load_scored_network(asked.network)
    compare_with = partial(compare, network)
    sources = {folder.name: small_people(read_pairs(folder)) for folder in asked.data}
    if asked.made:
        sources["made"] = islice(small_people(made_scenes(asked.made)), asked.limit or 60)
    everything: list[Compared] = []
    if sources:
        print(
            f"{'below 15 %':16} {'photos':>6} {'whole':>7} {'near':>7} {'gain':>7} {'used':>7} {'> +.05':>8} < -.05   worst"
        )
    for name, pairs in sources.items():
        compared = [compare_with(pair) for pair in islice(pairs, asked.limit)]
        if compared:
            print_photos(name, compared)
            everything += compared
    if len(sources) > 1 and everything:
        print_photos("all", everything)
    if asked.sheet and everything:
        chosen = everything[:: max(1, len(everything) // DRAWN)][:DRAWN]
        entries = [
            (f"{one.pair.source}/{one.pair.name}  {one.whole:.3f} → {one.near:.3f}", draw(one))
            for one in chosen
        ]
        write_contact_sheet(asked.sheet, entries)
    if asked.clips:
        print_clips(network, clips_in(asked.clips)[: asked.limit])
    return 0


def print_clips(network: ScoredNetwork, paths: Sequence[Path]) -> None:
    rows = []
    for path in paths:
        clip = read_clip(path)
        pair = [score_clip(alphas_of(network, clip, near), clip) for near in (False, True)]
        rows.append([pair[0].flicker, pair[1].flicker, pair[0].motion_error, pair[1].motion_error])
        print(f"{clip.name:16} flicker {rows[-1][0]:.2f} → {rows[-1][1]:.2f}", end="  ")
        print(f"motion error {rows[-1][2]:.1f} → {rows[-1][3]:.1f}", flush=True)
    means = np.nanmean(rows, axis=0)
    print(
        f"mean             flicker {means[0]:.2f} → {means[1]:.2f}  motion error {means[2]:.1f} → {means[3]:.1f}"
    )
