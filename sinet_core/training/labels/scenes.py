"""Make a small data set with several classes from what is at hand: people in rooms, with screens, mugs and plants drawn in.

    python -m sinet_core.training labels scenes --data FOLDER --to runs/desk-things --train 600 --validation 100

It is there to show that SINet learns more than one class. Photos and rooms of the two parts are different ones.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.data import TrainingData, read_training_data
from sinet_core.training.scenes.placing import insert_person
from sinet_core.training.scenes.scenes import cut_out, room
from sinet_core.training.scenes.webcam import simulate_webcam

T = TypeVar("T")
CLASSES = ("room", "person", "screen", "mug", "plant")
SOURCES = {"lfw", "18f", "congress", "desk-synthetic", "rooms"}
SIZE = (128, 128)  # height, width of a scene
FINE = 4  # things are drawn this much larger and reduced, so that their edges are soft
HELD_BACK = 7  # each seventh photo and room is for validation

Thing = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""colours (H, W, 3) uint8 BGR and coverage (H, W) uint8 of a drawn thing, at the scene's size."""


def shade(rng: np.random.Generator, low: int = 20, high: int = 235) -> tuple[float, float, float]:
    """A random colour, BGR."""
    blue, green, red = (float(level) for level in rng.integers(low, high, 3))
    return blue, green, red


def canvas() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    height, width = SIZE[0] * FINE, SIZE[1] * FINE
    return np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)


def downscaled(colours: NDArray[np.uint8], coverage: NDArray[np.uint8]) -> Thing:
    size = (SIZE[1], SIZE[0])
    return (
        cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False),
        cv2.resize(coverage, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False),
    )


def screen(rng: np.random.Generator, picture: NDArray[np.uint8]) -> Thing:
    """A monitor on a stand: a dark bezel round a picture or a page of text."""
    colours, coverage = canvas()
    height, width = coverage.shape
    wide, tall = int(rng.uniform(0.28, 0.5) * width), int(rng.uniform(0.2, 0.32) * height)
    left, top = int(rng.uniform(-0.1, 0.75) * width), int(rng.uniform(0.2, 0.6) * height)
    bezel, frame = max(2, wide // 28), int(rng.integers(10, 50))
    dark = (float(frame),) * 3
    foot = left + wide // 2
    for layer, ink in ((colours, dark), (coverage, (255.0,))):
        cv2.rectangle(
            layer, (foot - wide // 16, top + tall), (foot + wide // 16, top + tall + tall // 4), ink, -1
        )
        cv2.rectangle(
            layer,
            (foot - wide // 5, top + tall + tall // 4),
            (foot + wide // 5, top + tall + tall // 3),
            ink,
            -1,
        )
        cv2.rectangle(layer, (left, top), (left + wide, top + tall), ink, -1)
    inside = (left + bezel, top + bezel, left + wide - bezel, top + tall - bezel)
    if rng.random() < 0.5:
        shown = cv2.resize(picture, (inside[2] - inside[0], inside[3] - inside[1]))
        paste(colours, shown, inside[0], inside[1])
    else:
        cv2.rectangle(colours, inside[:2], inside[2:], shade(rng, 150, 255), -1)
        for line in range(inside[1] + 8, inside[3] - 6, 12):
            end = inside[0] + int(rng.uniform(0.3, 0.95) * (inside[2] - inside[0]))
            cv2.line(colours, (inside[0] + 8, line), (end, line), shade(rng, 20, 120), 4)
    return downscaled(colours, coverage)


def paste(colours: NDArray[np.uint8], picture: NDArray[np.uint8], left: int, top: int) -> None:
    """Put a picture onto a canvas, as far as it lies on it."""
    height, width = picture.shape[:2]
    first_row, first_column = max(0, top), max(0, left)
    last_row, last_column = min(colours.shape[0], top + height), min(colours.shape[1], left + width)
    if last_row > first_row and last_column > first_column:
        cut = picture[first_row - top : last_row - top, first_column - left : last_column - left]
        colours[first_row:last_row, first_column:last_column] = cut


def mug(rng: np.random.Generator) -> Thing:
    """A mug with a handle, its rim and what is in it."""
    colours, coverage = canvas()
    height, width = coverage.shape
    half = int(rng.uniform(0.06, 0.11) * width)
    tall = int(half * rng.uniform(1.8, 2.6))
    middle, top = int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.55, 0.85) * height)
    rim = max(3, half // 3)
    side = 1 if rng.random() < 0.5 else -1
    glaze = np.array(shade(rng, 60, 245))
    for layer, body, dark in (
        (colours, glaze, glaze * 0.7),
        (coverage, np.array([255.0]), np.array([255.0])),
    ):
        ink, shadow = tuple(body.tolist()), tuple(dark.tolist())
        cv2.ellipse(
            layer,
            (middle + side * half, top + tall // 2),
            (half // 2, tall // 4),
            0,
            0,
            360,
            shadow,
            half // 4,
        )
        cv2.rectangle(layer, (middle - half, top), (middle + half, top + tall), ink, -1)
        cv2.ellipse(layer, (middle, top + tall), (half, rim), 0, 0, 360, ink, -1)
        cv2.ellipse(layer, (middle, top), (half, rim), 0, 0, 360, ink, -1)
    cv2.ellipse(
        colours, (middle, top), (int(half * 0.85), int(rim * 0.75)), 0, 0, 360, (18.0, 28.0, 48.0), -1
    )
    return downscaled(colours, coverage)


def plant(rng: np.random.Generator) -> Thing:
    """Leaves of several greens that grow out of a pot."""
    colours, coverage = canvas()
    height, width = coverage.shape
    middle, top = int(rng.uniform(0.05, 0.95) * width), int(rng.uniform(0.45, 0.8) * height)
    half = int(rng.uniform(0.06, 0.12) * width)
    clay = shade(rng, 40, 200)
    pot = np.array(
        [
            (middle - half, top),
            (middle + half, top),
            (middle + half * 2 // 3, top + 2 * half),
            (middle - half * 2 // 3, top + 2 * half),
        ]
    )
    for layer, ink in ((colours, clay), (coverage, (255.0,))):
        cv2.fillPoly(layer, [pot], ink)
    for _ in range(int(rng.integers(12, 26))):
        angle, length = rng.uniform(-165, -15), half * rng.uniform(1.0, 2.6)
        tip = (
            int(middle + np.cos(np.radians(angle)) * length / 2),
            int(top + np.sin(np.radians(angle)) * length / 2),
        )
        axes = (max(1, int(length / 2)), max(3, int(half * rng.uniform(0.1, 0.3))))
        green = (float(rng.integers(20, 80)), float(rng.integers(80, 190)), float(rng.integers(20, 100)))
        for layer, ink in ((colours, green), (coverage, (255.0,))):
            cv2.ellipse(layer, tip, axes, angle, 0, 360, ink, -1)
    return downscaled(colours, coverage)


def make_scene(data: TrainingData, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A room with some of: a screen and a plant behind, a person, a mug in front.

    Returns frame (H, W, 3) uint8 BGR and labels (H, W) uint8, indices of CLASSES.
    """
    frame, labels = room(data, rng, *SIZE), np.zeros(SIZE, np.uint8)
    for name in ("screen", "plant", "person", "mug"):
        if rng.random() > 0.65:
            continue
        if name == "person":
            frame, coverage = insert_person(frame, np.zeros(SIZE, np.uint8), cut_out(data, rng), rng)
        else:
            colours, coverage = drawn(name, data, rng)
            weight = coverage[..., None] / np.float32(255)
            frame = (colours * weight + frame * (1 - weight)).astype(np.uint8)
        labels[coverage > 127] = CLASSES.index(name)
    frame, _ = simulate_webcam(frame, labels, rng)
    return frame, labels


def drawn(name: str, data: TrainingData, rng: np.random.Generator) -> Thing:
    if name == "screen":
        return screen(rng, room(data, rng, *SIZE))
    return {"mug": mug, "plant": plant}[name](rng)


def divided(data: TrainingData) -> tuple[TrainingData, TrainingData]:
    """The photos and rooms to learn from, and those held back for validation."""

    def part(held_back: bool) -> TrainingData:
        def chosen(items: list[T]) -> list[T]:
            return [item for place, item in enumerate(items) if (place % HELD_BACK == 0) == held_back]

        return TrainingData(
            {source: chosen(pairs) for source, pairs in data.people.items()},
            {source: chosen(rooms) for source, rooms in data.rooms.items()},
        )

    return part(False), part(True)


def write_scenes(data: TrainingData, folder: Path, count: int, seed: int) -> None:
    """Write NAME.webp with NAME.label.png, `count` of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        frame, labels = make_scene(data, np.random.default_rng((seed, index)))
        cv2.imwrite(str(folder / f"{index:05}.webp"), frame, [cv2.IMWRITE_WEBP_QUALITY, 92])
        cv2.imwrite(str(folder / f"{index:05}.label.png"), labels)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training labels scenes",
        description="Make a small data set with five classes.",
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder that holds the folders of photos and rooms"
    )
    parser.add_argument(
        "--to", type=Path, required=True, help="where to write the folders train and validation"
    )
    parser.add_argument("--train", type=int, default=600, help="scenes to learn from")
    parser.add_argument("--validation", type=int, default=100, help="scenes to measure with")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    learning, held_back = divided(read_training_data(asked.data, only=SOURCES))
    write_scenes(learning, asked.to / "train", asked.train, seed=0)
    write_scenes(held_back, asked.to / "validation", asked.validation, seed=1)
    print(f"{asked.train} + {asked.validation} scenes in {asked.to}; classes: {','.join(CLASSES)}")
