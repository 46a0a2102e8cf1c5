"""Photos with label maps: finding them, reading them, changing them at random, and batches of them.

Three layouts are known, below a folder that holds the parts train, val and test (with all of them or some):

    train/NAME.webp, train/NAME.png                 photo (or .jpg) and label map, beside one another
    train/NAME.png, trainannot/NAME.png             CamVid as the SegNet tutorial has it
    leftImg8bit/train/CITY/NAME_leftImg8bit.png, gtFine/train/CITY/NAME_gtFine_labelIds.png       Cityscapes
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from sinet_core.training.labels.classes import IGNORED, Classes
from sinet_core.training.learn.batches import Batch
from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import Recipe

PHOTOS = (".webp", ".jpg", ".jpeg")
CHOSEN = 0.5  # of the windows show a class that is as likely as any other of the photo
MIXED = 0.5  # of the windows have things of another one before them


@dataclass(frozen=True)
class Labelled:
    """frame: (H, W, 3) uint8 BGR. labels: (H, W) uint8, a class or IGNORED."""

    name: str
    frame: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def is_cityscapes(root: Path) -> bool:
    return (root / "leftImg8bit").is_dir()


def label_files(root: Path, part: str) -> list[tuple[Path, Path]]:
    """The photos of a part with their label maps, by name. Raises FileNotFoundError when there is none."""
    if is_cityscapes(root):
        photos = sorted((root / "leftImg8bit" / part).glob("*/*_leftImg8bit.*"))
        maps = [
            root
            / "gtFine"
            / part
            / photo.parent.name
            / f"{photo.stem[: -len('_leftImg8bit')]}_gtFine_labelIds.png"
            for photo in photos
        ]
    elif (root / f"{part}annot").is_dir():
        photos = sorted((root / part).glob("*.*"))
        maps = [root / f"{part}annot" / f"{photo.stem}.png" for photo in photos]
    else:
        photos = sorted(photo for photo in (root / part).glob("*.*") if photo.suffix.lower() in PHOTOS)
        maps = [photo.with_suffix(".png") for photo in photos]
    found = [(photo, labels) for photo, labels in zip(photos, maps, strict=True) if labels.is_file()]
    if not found:
        raise FileNotFoundError(
            f"{root} holds no part {part} with photos and label maps, neither {part}/NAME.jpg beside {part}/NAME.png, "
            f"nor {part}annot/NAME.png, nor leftImg8bit/{part} and gtFine/{part}."
        )
    return found


def read_labelled(root: Path, part: str, classes: Classes) -> list[Labelled]:
    """The photos of a part with their label maps, by name.

    Raises FileNotFoundError as label_files does, ValueError naming the file that cannot be used and why.
    """
    return [_read(photo, path, classes) for photo, path in label_files(root, part)]


def _read(photo: Path, path: Path, classes: Classes) -> Labelled:
    frame = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if frame is None or stored is None:
        raise ValueError(f"{path if stored is None else photo} is no picture that OpenCV can read.")
    if stored.ndim != 2 or stored.dtype != np.uint8:
        raise ValueError(
            f"{path} is no label map: it must be one channel of 8 bits, the class of each pixel."
        )
    if frame.shape[:2] != stored.shape:
        photo_size, size = (f"{shape[1]} × {shape[0]}" for shape in (frame.shape, stored.shape))
        raise ValueError(f"{photo} and its label map have different sizes, {photo_size} and {size}.")
    try:
        labels = classes.numbered(np.asarray(stored, np.uint8))
    except ValueError as error:
        raise ValueError(f"{path} {error}.") from error
    return Labelled(photo.stem, np.asarray(frame, np.uint8), labels)


def shares(examples: Sequence[Labelled], classes: Classes) -> NDArray[np.float64]:
    """How much of all labelled pixels is of each class: (classes,) float64.

    Raises ValueError naming a class of which there is none: a network cannot learn it.
    """
    counts = sum(np.bincount(example.labels.ravel(), minlength=256)[: len(classes)] for example in examples)
    total = np.asarray(counts, np.float64)
    for name, count in zip(classes.names, total, strict=True):
        if not count:
            raise ValueError(f"No photo to learn from shows the class {name}: leave it out, or label it.")
    share: NDArray[np.float64] = total / total.sum()
    return share


def changed(
    example: Labelled, size: tuple[int, int], scales: tuple[float, float], rng: np.random.Generator
) -> Labelled:
    """A random window of the photo at (height, width), half of the time mirrored, in another light.

    scales: how much larger things become, from … to; a window is never larger than the photo.
    Half of the windows show a class that is drawn from those in the photo: rare ones are seen more often.
    """
    height, width = example.labels.shape
    scale, squash = np.exp(rng.uniform(*np.log(scales))), np.exp(rng.uniform(-0.1, 0.1))
    window_height = min(height, max(1, round(size[0] / scale * squash)))
    window_width = min(width, max(1, round(size[1] / scale / squash)))
    top = int(rng.integers(height - window_height + 1))
    left = int(rng.integers(width - window_width + 1))
    shown = np.setdiff1d(example.labels, IGNORED)
    if shown.size and rng.random() < CHOSEN:
        row, column = rng.choice(np.argwhere(example.labels == rng.choice(shown)))
        top = int(np.clip(row - rng.integers(window_height), 0, height - window_height))
        left = int(np.clip(column - rng.integers(window_width), 0, width - window_width))
    window = np.s_[top : top + window_height, left : left + window_width]
    step = 1 if rng.random() < 0.5 else -1
    frame, labels = (
        np.ascontiguousarray(part[window][:, ::step]) for part in (example.frame, example.labels)
    )
    smooth = cv2.INTER_LINEAR if window_height < size[0] else cv2.INTER_AREA
    frame = cv2.resize(frame, size[::-1], interpolation=smooth)
    labels = cv2.resize(labels, size[::-1], interpolation=cv2.INTER_NEAREST)
    return Labelled(example.name, relit(np.asarray(frame, np.uint8), rng), np.asarray(labels, np.uint8))


def relit(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """In another light: more or less colourful, with another gamma, brighter or darker, tinted."""
    colour = rng.uniform(0.6, 1.3)
    grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    frame = cv2.addWeighted(frame, colour, grey, 1 - colour, 0).astype(np.uint8, copy=False)
    levels = (np.arange(256) / 255) ** rng.uniform(0.7, 1.4) * 255
    lit = levels[:, None] * rng.uniform(0.75, 1.25) * rng.uniform(0.93, 1.07, 3) + rng.uniform(-20, 20)
    return np.asarray(cv2.LUT(frame, np.clip(lit, 0, 255).astype(np.uint8)[None]), np.uint8)


def mixed(behind: Labelled, front: Labelled, rng: np.random.Generator) -> Labelled:
    """Half of the classes of one window, drawn at random, in front of another window of the same size.

    What is around a thing tells less of what it is: ClassMix (V. Olsson et al., 2021), with labels in place of guesses.
    """
    shown = np.setdiff1d(front.labels, IGNORED)
    taken = np.isin(front.labels, rng.permutation(shown)[: (len(shown) + 1) // 2])
    return Labelled(
        behind.name,
        np.where(taken[..., None], front.frame, behind.frame),
        np.where(taken, front.labels, behind.labels),
    )


class LabelBatches(Dataset[Batch]):
    """The n-th item is this process's part of the n-th batch, a function of the recipe's seed and the step alone."""

    def __init__(
        self,
        examples: Sequence[Labelled],
        recipe: Recipe,
        processes: Processes,
        scales: tuple[float, float],
    ) -> None:
        self.examples, self.recipe, self.processes, self.scales = examples, recipe, processes, scales

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)
        stage, _ = self.recipe.at(step)
        made = []
        for position in self.processes.positions(stage.batch):
            rng = np.random.default_rng((self.recipe.seed, step, position))
            one, other = (self.examples[number] for number in rng.integers(len(self.examples), size=2))
            window = changed(one, stage.sizes[0], self.scales, rng)
            if rng.random() < MIXED:
                window = mixed(window, changed(other, stage.sizes[0], self.scales, rng), rng)
            made.append(window)
        return Batch(np.stack([one.frame for one in made]), np.stack([one.labels for one in made]))
