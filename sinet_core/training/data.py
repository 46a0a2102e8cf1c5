"""Photos with alphas, and rooms without people, read from folders into memory.

A folder of pairs holds NAME.webp (or .jpg) with NAME.png beside it, the alpha; a folder of rooms holds photos alone.
Which folders are used, and how often, is the table SOURCES; `eg1800-test` and `desk-val` are not in it, on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PHOTO_SUFFIXES = (".webp", ".jpg", ".jpeg")
VALIDATION_EVERY = (
    10  # of eg1800-train, sorted by name, each tenth photo is for validation and never trained on
)


@dataclass(frozen=True)
class Source:
    """How a folder takes part: photo / cut_out = relative odds of being shown whole / cut out and set into a room.

    upright: how much likelier it is to be shown whole in a frame that is taller than wide.
    stretch: the folder's photos were squashed from an unknown aspect ratio by up to this factor, so theirs is jittered.
    """

    photo: float
    cut_out: float
    stretch: float = 1.1
    upright: float = 1.0


SOURCES = {
    "eg1800-train": Source(photo=6.0, cut_out=4.0, upright=3.0),
    "lfw": Source(photo=1.2, cut_out=0.8),
    "congress": Source(photo=0.8, cut_out=1.0),
    "18f": Source(photo=0.8, cut_out=0.8),
    "fakefaces": Source(photo=0.8, cut_out=0.8),
    "prajnasb": Source(photo=1.0, cut_out=1.0),
    "vikram": Source(photo=0.8, cut_out=1.2),
    "ccp": Source(photo=0.8, cut_out=3.0),
    "ccp-more": Source(photo=0.4, cut_out=2.0),
    "desk-synthetic": Source(photo=0.4, cut_out=0.3),
    "gesture-hands": Source(photo=0.5, cut_out=1.2),
    "gesture-room": Source(photo=0.3, cut_out=0.2),
    "coco-people": Source(photo=2.8, cut_out=1.2, stretch=1.5),
    "openimages": Source(photo=5.0, cut_out=1.6, stretch=1.5),
    "fossasia": Source(photo=1.0, cut_out=0.8),
    "webtemplates": Source(photo=1.0, cut_out=0.3),
    "djangocon-africa": Source(photo=0.1, cut_out=0.05),
}
ROOMS = {"rooms": 1.0, "rooms-chairs": 0.5}


@dataclass(frozen=True)
class Pair:
    """A photo and its alpha. frame: (H, W, 3) uint8 BGR. alpha: (H, W) uint8, 255 is all person."""

    source: str
    name: str
    frame: NDArray[np.uint8]
    alpha: NDArray[np.uint8]


@dataclass(frozen=True)
class TrainingData:
    """All that scenes are made of. rooms: (H, W, 3) uint8 BGR each. people and rooms are grouped by source.

    photo_odds: {source: (photos,) float}, how much likelier each photo is to be shown whole; even where there are none.
    """

    people: dict[str, list[Pair]]
    rooms: dict[str, list[NDArray[np.uint8]]]
    photo_odds: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def photos_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def read_pairs(folder: Path, longest: int | None = None) -> Iterator[Pair]:
    """Pairs of a folder by name. longest: photos whose longer side is more pixels are reduced to it.

    Raises FileNotFoundError when there is no pair, ValueError naming the file when one cannot be used.
    """
    photos = [photo for photo in photos_in(folder) if photo.with_suffix(".png").exists()]
    if not photos:
        raise FileNotFoundError(f"{folder} holds no photo (webp, jpg) with an alpha (png) of the same name")
    for photo in photos:
        frame = cv2.imread(str(photo), cv2.IMREAD_COLOR)
        alpha = cv2.imread(str(photo.with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
        if frame is None or alpha is None:
            raise ValueError(f"{photo} or its alpha is no picture that OpenCV can read")
        if frame.shape[:2] != alpha.shape:
            raise ValueError(
                f"{photo} is {frame.shape[1]} × {frame.shape[0]}, its alpha {alpha.shape[1]} × {alpha.shape[0]}"
            )
        yield Pair(folder.name, photo.stem, at_most(frame, longest), at_most(alpha, longest))


def at_most(picture: NDArray[np.uint8], longest: int | None) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if longest is None or max(height, width) <= longest:
        return picture
    scale = longest / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def split_portraits(folder: Path, longest: int | None = None) -> tuple[list[Pair], list[Pair]]:
    """`eg1800-train` as (for training, for validation)."""
    pairs = list(read_pairs(folder, longest))
    validation = pairs[::VALIDATION_EVERY]
    kept = [pair for position, pair in enumerate(pairs) if position % VALIDATION_EVERY]
    return kept, validation


def read_training_data(root: Path, longest: int = 448, only: set[str] | None = None) -> TrainingData:
    """Read the folders of SOURCES and ROOMS below root (only: those of them to read); the validation portraits are left out."""
    people: dict[str, list[Pair]] = {}
    for source in SOURCES:
        if (only is None or source in only) and (root / source).is_dir():
            whole = source != "eg1800-train"
            people[source] = (
                list(read_pairs(root / source, longest))
                if whole
                else split_portraits(root / source, longest)[0]
            )
    rooms: dict[str, list[NDArray[np.uint8]]] = {}
    for source in ROOMS:
        if (only is None or source in only) and (root / source).is_dir():
            rooms[source] = [
                at_most(np.asarray(cv2.imread(str(path)), np.uint8), longest)
                for path in photos_in(root / source)
            ]
    if not people or not rooms:
        raise FileNotFoundError(f"{root} holds none of the folders {', '.join(SOURCES)}, or no rooms")
    return TrainingData(people, rooms)
