"""Draw networks side by side on the demo's person, in rooms and light that a webcam meets.

    python assets/readme/compare.py networks.png weights/sinet.onnx peer.onnx published.pth

Each row is one scene: the frame, the true alpha, and each network's alpha with its IoU. Photos of the training and
test data are not ours to publish; the demo's portrait is in the public domain, and the network was not trained on it.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.demo_camera import DemoCamera
from app.shipped import shipped
from sinet_core import metrics
from sinet_core.training.networks import Network, load_network
from sinet_core.training.webcam import seen_by_webcam

TILE = (320, 180)
CAPTION = 24
ROOMS = ("", "study", "daylight", "leaves", "dusk", "plaster")  # "" is the demo's own room


def scenes() -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """(frame, true alpha), 960 × 540, always the same: another moment, room and camera each."""
    made = []
    for row, room in enumerate(ROOMS):
        camera = DemoCamera(960, 540, fps=0.5, paced=False)
        for _ in range(row * 3 + 1):
            frame = camera.read()
        alpha = camera.known_alpha()
        if room:
            picture = cv2.imread(str(shipped(f"backdrops/{room}.jpg")))
            picture = cv2.resize(picture, (960, 540), interpolation=cv2.INTER_AREA)
            share = alpha[:, :, None].astype(np.float32) / 255
            frame = (frame * share + picture * (1 - share)).astype(np.uint8)
        made.append(seen_by_webcam(frame, alpha, np.random.default_rng(row)) if row else (frame, alpha))
    return made


def tile(picture: NDArray[np.uint8], caption: str) -> NDArray[np.uint8]:
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    strip = np.full((CAPTION, TILE[0], 3), 24, np.uint8)
    cv2.putText(strip, caption, (6, CAPTION - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (230,) * 3, 1, cv2.LINE_AA)
    return np.vstack([strip, cv2.resize(picture, TILE, interpolation=cv2.INTER_AREA)])


def draw(networks: dict[str, Network]) -> NDArray[np.uint8]:
    rows = []
    for frame, truth in scenes():
        tiles = [tile(frame, "frame"), tile(truth, "truth")]
        for name, network in networks.items():
            alpha = network(frame)
            caption = f"{name}: IoU {metrics.iou(alpha, truth):.3f}"
            tiles.append(tile((alpha * 255).astype(np.uint8), caption))
        rows.append(np.hstack(tiles))
    return np.vstack(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw networks side by side on the demo's person.")
    parser.add_argument("target", type=Path)
    parser.add_argument("networks", type=Path, nargs="+", metavar="[NAME=]FILE")
    options = parser.parse_args()
    named = {}
    for text in map(str, options.networks):
        name, _, file = text.rpartition("=")
        named[name or Path(file).stem] = load_network(Path(file))
    cv2.imwrite(str(options.target), draw(named))
    print(options.target)


if __name__ == "__main__":
    main()
