"""Drawn photos of three classes, and folders of them in each layout that training reads."""

from pathlib import Path

import cv2
import numpy as np

from sinet_core.training.labels.classes import CITYSCAPES
from sinet_core.training.labels.data import Labelled

SHAPES = ("ground", "disc", "square")
# What a street scene's classes stand for them in Cityscapes' numbers.
STREET = ("road", "person", "car")


def shapes(count: int, seed: int, size: int = 64) -> list[Labelled]:
    """Photos with a reddish disc and a bluish square on a greyish ground, each in many shades."""
    rng, unit = np.random.default_rng(seed), size // 16
    examples = []
    for index in range(count):
        frame = np.full((size, size, 3), rng.uniform(60, 180), np.float64)
        labels = np.zeros((size, size), np.uint8)
        x, y = (int(place) for place in rng.integers(3 * unit, 13 * unit, 2))
        cv2.circle(labels, (x, y), int(rng.integers(2 * unit, 4 * unit)), 1, -1)
        x, y = (int(place) for place in rng.integers(unit, 11 * unit, 2))
        cv2.rectangle(labels, (x, y), (x + 4 * unit, y + 4 * unit), 2, -1)
        frame[labels == 1] += rng.uniform(40, 90) * np.array([-0.5, -0.2, 1])
        frame[labels == 2] += rng.uniform(40, 90) * np.array([1, -0.2, -0.5])
        frame += rng.normal(0, 6, frame.shape)
        examples.append(Labelled(f"{index:03}", np.clip(frame, 0, 255).astype(np.uint8), labels))
    return examples


def write_beside(root: Path, part: str, examples: list[Labelled]) -> None:
    """train/NAME.webp, train/NAME.png"""
    for example in examples:
        save(root / part / f"{example.name}.webp", example.frame)
        save(root / part / f"{example.name}.png", example.labels)


def write_annot(root: Path, part: str, examples: list[Labelled]) -> None:
    """train/NAME.png, trainannot/NAME.png"""
    for example in examples:
        save(root / part / f"{example.name}.png", example.frame)
        save(root / f"{part}annot" / f"{example.name}.png", example.labels)


def write_cityscapes(
    root: Path, part: str, examples: list[Labelled], names: tuple[str, ...] = STREET
) -> None:
    """leftImg8bit/train/CITY/…, gtFine/train/CITY/…, with Cityscapes' numbers of these names; what is unknown is 0."""
    table = np.zeros(256, np.uint8)
    table[: len(names)] = [CITYSCAPES[name][0] for name in names]
    for index, example in enumerate(examples):
        city = ("aachen", "bremen")[index % 2]
        name = f"{city}_{example.name}"
        save(root / "leftImg8bit" / part / city / f"{name}_leftImg8bit.png", example.frame)
        save(root / "gtFine" / part / city / f"{name}_gtFine_labelIds.png", table[example.labels])


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    quality = [cv2.IMWRITE_WEBP_QUALITY, 101] if path.suffix == ".webp" else []  # above 100 nothing is lost
    assert cv2.imwrite(str(path), picture, quality)
