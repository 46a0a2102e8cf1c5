"""False positives in empty rooms, and the delay until a person who comes in is found.

    python -m sinet_core.training.evaluate.nobody weights/sinet.onnx --data FOLDER

Each held-out room becomes a video in which only the sensor's noise moves, for the network in a VideoMatter, as in the
application. In every fourth room, a held-out person then appears. The figures: the rooms in which more than
.5 % of the frame is person in the end, the mean fraction of all rooms, and IoU with the person a quarter of a second and a second
after they appear.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.matting.person_segmenter import USUAL, MatteOptions
from sinet_core.training.evaluate.networks import ScoredNetwork, load_scored_network
from sinet_core.training.scenes.data import ROOMS, Pair, TrainingData, split_pairs, split_rooms, trimmed
from sinet_core.training.scenes.placing import insert_person
from sinet_core.training.scenes.scenes import room
from sinet_core.video_matter import VideoMatter

SIZE = 480, 640  # height and width of a frame
FPS, ALONE, TOGETHER = 12, 18, 13  # frames per second, frames before somebody comes, and frames from then on
NOISE = 2.0  # levels of grey: the sensor's deviation
SHOWN = 0.005  # of the frame: rooms with less do not count
VISITED = 4  # every fourth room


@dataclass(frozen=True)
class Visit:
    """The result for a room. shown: fraction of the frame in the end. early, late: IoU with the person, if one comes."""

    name: str
    shown: float
    early: float | None = None
    late: float | None = None


def visit(
    network: ScoredNetwork,
    name: str,
    empty: NDArray[np.uint8],
    pair: Pair | None,
    seed: int,
    options: MatteOptions = USUAL,
) -> Visit:
    """Show an empty room (H, W, 3) uint8 BGR, and then, if there is one, a person in it."""
    matter, rng = VideoMatter(network.refined()), np.random.default_rng((17, seed))

    def seen(frame: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
        noise = rng.normal(0, NOISE, frame.shape).astype(np.float32)
        return matter(np.clip(frame + noise, 0, 255).astype(np.uint8), index / FPS, options)

    for index in range(ALONE):
        alpha = seen(empty, index)
    shown = float(metrics.person(alpha).mean())
    if pair is None:
        return Visit(name, shown)
    frame, truth = insert_person(empty, np.zeros(SIZE, np.uint8), pair, rng)
    answers = [metrics.iou(seen(frame, ALONE + index), truth) for index in range(TOGETHER)]
    return Visit(name, shown, answers[FPS // 4], answers[-1])


def visits(
    network: ScoredNetwork, root: Path, every: int = 1, options: MatteOptions = USUAL
) -> dict[str, list[Visit]]:
    """Of the held-out rooms of each folder."""
    people = [trimmed(pair) for pair in split_pairs(root / "cutouts")[1]]
    result: dict[str, list[Visit]] = {}
    for folder in ROOMS:
        for number, whole in enumerate(split_rooms(root / folder)[1][::every]):
            rng = np.random.default_rng((18, number))
            empty = room(TrainingData({}, {folder: [whole]}), rng, *SIZE, bare=0)
            pair = people[number % len(people)] if number % VISITED == 0 else None
            result.setdefault(folder, []).append(visit(network, str(number), empty, pair, number, options))
    return result


def line_of(name: str, seen: Sequence[Visit]) -> str:
    shown = np.array([each.shown for each in seen])
    early = [each.early for each in seen if each.early is not None]
    late = [each.late for each in seen if each.late is not None]
    return (
        f"{name:16}{len(seen):6}{np.mean(shown > SHOWN):9.1%}{shown.mean():9.2%}"
        f"{np.mean(early) if early else np.nan:10.3f}{np.mean(late) if late else np.nan:9.3f}"
        f"{np.mean(np.array(early) > 0.8) if early else np.nan:9.0%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training.evaluate.nobody",
        description="How often a room is taken for a person.",
    )
    parser.add_argument("networks", nargs="+", type=Path, help=".onnx, .pt or .pth")
    parser.add_argument("--data", type=Path, required=True, help="the folder of folders of photos and rooms")
    parser.add_argument("--every", type=int, default=1, help="use only every n-th room")
    parser.add_argument("--high-detail", action="store_true", help="as the application's high detail is")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    for path in asked.networks:
        print(f"{path}\n{'':16}{'rooms':>6}{'> .5 %':>9}{'shown':>9}{'IoU .25 s':>10}{'1 s':>9}{'> .8':>9}")
        network = load_scored_network(path)
        if asked.high_detail and network.in_high_detail() is None:
            raise SystemExit(f"{path}: only our ONNX files have a high detail")
        found = visits(network, asked.data, asked.every, MatteOptions(high_detail=asked.high_detail))
        for name, seen in found.items():
            print(line_of(name, seen), flush=True)
        everything = [each for seen in found.values() for each in seen]
        print(line_of("all", everything))
        worst = sorted(everything, key=lambda each: -each.shown)[:8]
        print("  worst: " + ", ".join(f"{each.name} {each.shown:.1%}" for each in worst))


if __name__ == "__main__":
    main()
