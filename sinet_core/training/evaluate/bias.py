"""How well the network finds people, by sex and by skin tone, as far as the sources say: on the composites of choose.py.

    python -m sinet_core.training.evaluate.bias weights/sinet.onnx --data FOLDER

The league states the sex of its players. Nobody states their skin tone, so it is measured: the individual typology angle,
atan((L − 50) / b) in degrees, of the median colour of the skin in the upper part of the cut-out, before it was placed in a
room. More than 28 is light, less than −10 is dark. Beards and shadows make this imprecise.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from sinet_core.training.evaluate.choose import composites
from sinet_core.training.evaluate.networks import load_scored_network
from sinet_core.training.evaluate.scores import row, score_pairs
from sinet_core.training.scenes.data import Pair, split_pairs, trimmed

WOMEN = "cut-wnba"
LIGHT, DARK = 28.0, -10.0  # degrees


def typology_angle(pair: Pair) -> float:
    """The angle of the skin in the upper six tenths of a cut-out, in degrees; NaN if there is no skin."""
    pair = trimmed(pair)
    head = np.s_[: round(0.6 * pair.alpha.shape[0])]
    frame = pair.frame[head]
    _, red, blue = cv2.split(cv2.cvtColor(frame, cv2.COLOR_BGR2YCrCb))
    skin = (pair.alpha[head] > 200) & (red > 136) & (blue < 126)
    if not skin.any():
        return float("nan")
    light, _, yellow = np.median(
        cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[skin], axis=0
    )
    return float(np.degrees(np.arctan2(light - 50, yellow)))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training.evaluate.bias", description="Scores by sex and by skin tone."
    )
    parser.add_argument("network", type=Path, help=".onnx, .pt or .pth")
    parser.add_argument("--data", type=Path, required=True, help="the folder of folders of photos and rooms")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    angles = {pair.name: typology_angle(pair) for pair in split_pairs(asked.data / "cutouts")[1]}
    scores = score_pairs(load_scored_network(asked.network).refined(), composites(asked.data))
    groups = {
        "women": [one for one in scores if one.name.startswith(WOMEN)],
        "men": [one for one in scores if not one.name.startswith(WOMEN)],
        "light skin": [one for one in scores if angles[one.name] > LIGHT],
        "between": [one for one in scores if DARK <= angles[one.name] <= LIGHT],
        "dark skin": [one for one in scores if angles[one.name] < DARK],
    }
    print(f"{'':12}{'people':>7}{'IoU':>8}{'5 %':>8}{'bF':>8}")
    for name, some in groups.items():
        of = row(some)
        print(f"{name:12}{of.photos:7}{of.iou:8.3f}{of.worst_five_percent:8.3f}{of.boundary_f:8.3f}")


if __name__ == "__main__":
    main()
