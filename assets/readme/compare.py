"""Draw networks side by side on the demo's person, in rooms and light as webcams see them.

    python assets/readme/compare.py networks.jpg Backdrop=weights/sinet.onnx Meet=peer.onnx --rooms cafe wall

The rows are those of sinet_core/training/evaluate/compare.py, with each network's IoU. Photos of the training and test data are
not ours to publish. The demo's portrait is in the public domain, and the network was not trained on it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from backdrop.cameras.demo import DemoCamera
from backdrop.resources import resource
from sinet_core.training.evaluate.compare import (
    COLUMNS,
    ComparedFrame,
    Entrant,
    entrants,
    sheet,
    still_answers,
)
from sinet_core.training.scenes.webcam import simulate_webcam

SIZE = (960, 540)
ROOMS = ("", "bookshelf", "office", "cafe", "winter", "wall")  # "" is the demo's own room


def scenes(rooms: Sequence[str], rivals: Sequence[Entrant]) -> Iterator[ComparedFrame]:
    """One scene for each room, always the same, each with another moment and camera."""
    for row, room in enumerate(ROOMS):
        if room not in rooms:
            continue
        camera = DemoCamera(*SIZE, fps=0.5, paced=False)
        for _ in range(row * 3 + 1):
            frame = camera.read()
        alpha = camera.known_alpha()
        if room:
            picture = cv2.imread(str(resource(f"backdrops/{room}.jpg")))
            picture = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
            share = alpha[:, :, None].astype(np.float32) / 255
            frame = (frame * share + picture * (1 - share)).astype(np.uint8)
            frame, alpha = simulate_webcam(frame, alpha, np.random.default_rng(row))
        yield ComparedFrame(room or "the demo's room", frame, still_answers(frame, rivals), alpha)


def main() -> None:
    parser = argparse.ArgumentParser(description=f"Draw networks on the demo's person: {COLUMNS}.")
    parser.add_argument("target", type=Path)
    parser.add_argument("networks", nargs="+", metavar="[NAME=]FILE", help="Ours first, then peers.")
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=ROOMS)
    options = parser.parse_args()
    drawn = sheet(scenes(options.rooms, entrants(options.networks)))
    cv2.imwrite(str(options.target), drawn, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(options.target)


if __name__ == "__main__":
    main()
