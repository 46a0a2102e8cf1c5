"""The rule for choosing weights, written down before there were any to choose from.

    python -m sinet_core.training.evaluate.choose weights/sinet.onnx runs/1/last.pt --data FOLDER

A network's figure is the mean over four sets of (IoU + boundary F) / 2, refined as in the application: webcams-val, the
portraits held out of eg1800-train, desk-val, and composites of held-out people in held-out rooms, whose alphas are exact.
Every second composite counts for the choice; the others are scored for the report only. `eg1800-test` is not used.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from sinet_core.training.evaluate.networks import ScoredNetwork, load_scored_network
from sinet_core.training.evaluate.scores import Row, row, score_pairs
from sinet_core.training.scenes.data import Pair, TrainingData, read_pairs, split_pairs, split_rooms, trimmed
from sinet_core.training.scenes.placing import insert_person
from sinet_core.training.scenes.scenes import room
from sinet_core.training.scenes.webcam import simulate_webcam

SIZE = 480, 640  # height and width of a composite
CHOSEN_BY = ("webcams-val", "portraits", "desk-val", "composites")


def composites(root: Path) -> list[Pair]:
    """Each held-out cut-out once, in a held-out room; half of them look as from a webcam. Every call returns the same."""
    people = [trimmed(pair) for pair in split_pairs(root / "cutouts")[1]]
    rooms = {name: split_rooms(root / name)[1] for name in ("rooms", "rooms-chairs")}
    data = TrainingData({}, rooms)
    made = []
    for position, pair in enumerate(people):
        rng = np.random.default_rng((16, position))
        frame, alpha = insert_person(room(data, rng, *SIZE, 0), np.zeros(SIZE, np.uint8), pair, rng)
        if rng.random() < 0.5:
            frame, alpha = simulate_webcam(frame, alpha, rng)
        made.append(Pair("composites", pair.name, frame, alpha))
    return made


def sets(root: Path) -> dict[str, list[Pair]]:
    """The four sets by which weights are chosen, and the composites that do not count."""
    made = composites(root)
    return {
        "webcams-val": list(read_pairs(root / "webcams-val")),
        "portraits": split_pairs(root / "eg1800-train")[1],
        "desk-val": list(read_pairs(root / "desk-val")),
        "composites": made[::2],
        "other composites": made[1::2],
    }


def figure(rows: Mapping[str, Row]) -> float:
    """The figure that the rule gives to a network with these rows."""
    return float(np.mean([(rows[name].iou + rows[name].boundary_f) / 2 for name in CHOSEN_BY]))


def scored(network: ScoredNetwork, photos: Mapping[str, Sequence[Pair]]) -> dict[str, Row]:
    return {name: row(score_pairs(network, pairs)) for name, pairs in photos.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training.evaluate.choose",
        description="Compare networks by the rule for choosing weights.",
    )
    parser.add_argument("networks", nargs="+", type=Path, help=".onnx, .pt or .pth")
    parser.add_argument("--data", type=Path, required=True, help="the folder of folders of photos and rooms")
    parser.add_argument(
        "--plain", action="store_true", help="without guided upsampling, as other programs use their networks"
    )
    parser.add_argument("--high-detail", action="store_true", help="as the application's high detail is")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    photos = sets(asked.data)
    print(
        f"{'IoU / 5th percentile / boundary F':34}" + "".join(f"{name:>18}" for name in photos) + "    rule"
    )
    for path in asked.networks:
        network = load_scored_network(path)
        detailed = network.in_high_detail() if asked.high_detail else network
        if detailed is None:
            raise SystemExit(f"{path}: only our ONNX files have a high detail")
        rows = scored(detailed if asked.plain else detailed.refined(), photos)
        cells = "".join(
            f"  {of.iou:.4f} {of.worst_five_percent:.2f} {of.boundary_f:.3f}".rjust(18)
            for of in rows.values()
        )
        print(f"{str(path)[-34:]:34}{cells}  {figure(rows):.4f}", flush=True)


if __name__ == "__main__":
    main()
