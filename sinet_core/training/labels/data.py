"""Photos with label maps for general segmentation: reading them, changing them at random, and batches of them.

A label map is one channel of uint8: the number of the class of each pixel, 255 where nobody knows. A folder holds either
NAME.jpg (or png, webp) with NAME.label.png beside it, or a folder `images` and a folder `labels` of the same names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

IGNORED = 255
SUFFIXES = (".webp", ".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Labelled:
    """frame: (H, W, 3) uint8 BGR. labels: (H, W) uint8, a class or IGNORED."""

    name: str
    frame: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def label_files(folder: Path) -> list[tuple[Path, Path]]:
    """The photos of a folder, by name, with their label maps. Raises FileNotFoundError when there is none."""
    beside = not (folder / "images").is_dir()
    photos = folder if beside else folder / "images"
    found = []
    for photo in sorted(photos.glob("*")):
        labels = photo.with_suffix(".label.png") if beside else folder / "labels" / f"{photo.stem}.png"
        if photo.suffix.lower() in SUFFIXES and not photo.name.endswith(".label.png") and labels.is_file():
            found.append((photo, labels))
    if not found:
        raise FileNotFoundError(
            f"{folder} holds no photo NAME.jpg with NAME.label.png, nor images/NAME.jpg with labels/NAME.png"
        )
    return found


def read_labelled(folder: Path, classes: int) -> Iterator[Labelled]:
    """The photos of a folder with their label maps, by name.

    Raises FileNotFoundError as label_files does, ValueError naming the file that cannot be used and why.
    """
    for photo, path in label_files(folder):
        frame = cv2.imread(str(photo), cv2.IMREAD_COLOR)
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if frame is None or labels is None:
            raise ValueError(f"{path if labels is None else photo} is no picture that OpenCV can read")
        if labels.ndim != 2 or labels.dtype != np.uint8:
            raise ValueError(
                f"{path} is no label map: it must be one channel of 8 bits, the class of each pixel"
            )
        if frame.shape[:2] != labels.shape:
            raise ValueError(
                f"{photo} and its label map have different sizes, {frame.shape[:2]} and {labels.shape}"
            )
        highest = int(labels[labels != IGNORED].max(initial=0))
        if highest >= classes:
            raise ValueError(
                f"{path} has class {highest}, but there are {classes} classes, 0 … {classes - 1}"
            )
        yield Labelled(photo.stem, np.asarray(frame, np.uint8), np.asarray(labels, np.uint8))


def resized(example: Labelled, size: tuple[int, int]) -> Labelled:
    """The whole photo squashed to (height, width); labels by the nearest pixel."""
    height, width = size
    return Labelled(
        example.name,
        cv2.resize(example.frame, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False),
        cv2.resize(example.labels, (width, height), interpolation=cv2.INTER_NEAREST).astype(
            np.uint8, copy=False
        ),
    )


def changed(example: Labelled, size: tuple[int, int], rng: np.random.Generator) -> Labelled:
    """A random window of the photo at (height, width), half of the time mirrored, in another light."""
    height, width = example.labels.shape
    fraction = rng.uniform(0.55, 1.0)
    window_height, window_width = max(1, round(height * fraction)), max(1, round(width * fraction))
    top = int(rng.integers(height - window_height + 1))
    left = int(rng.integers(width - window_width + 1))
    window = np.s_[top : top + window_height, left : left + window_width]
    step = 1 if rng.random() < 0.5 else -1
    cut = Labelled(example.name, example.frame[window][:, ::step], example.labels[window][:, ::step])
    cut = resized(cut, size)
    lit = cut.frame * rng.uniform(0.7, 1.3) * rng.uniform(0.9, 1.1, 3) + rng.uniform(-25, 25)
    return Labelled(cut.name, np.clip(lit, 0, 255).astype(np.uint8), cut.labels)


def batch_of(
    examples: list[Labelled], size: tuple[int, int], count: int, seed: int, step: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The batch of a step, a function of seed and step alone: (N, H, W, 3) uint8 BGR frames, (N, H, W) uint8 labels."""
    rng = np.random.default_rng((seed, step))
    chosen = [changed(examples[int(rng.integers(len(examples)))], size, rng) for _ in range(count)]
    return np.stack([example.frame for example in chosen]), np.stack([example.labels for example in chosen])
