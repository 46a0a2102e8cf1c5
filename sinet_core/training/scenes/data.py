"""Photos with alphas, and rooms without people, read from folders into memory.

A folder of pairs holds NAME.webp (or .jpg) with NAME.png beside it, the alpha; a folder of rooms holds photos alone.
The table SOURCES says which folders are used, and how often. `eg1800-test`, `desk-val` and `webcams-val` are not in it, on
purpose. Some portraits, cut-outs and rooms are never trained on, so that weights can be chosen by them: see held_out().
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PHOTO_SUFFIXES = (".webp", ".jpg", ".jpeg")
VALIDATION_EVERY = 10  # in eg1800-train and the rooms, sorted by name, every tenth is for validation only
HELD_OUT_CUT_OUTS = re.compile(
    r"(key-csfive|key-football|cut-wnba-small)-\d+"
)  # one photo of each person in there
HELD_OUT_CUT_OUTS_EVERY = 6  # (the other cut-outs show some people twice)


@dataclass(frozen=True)
class Source:
    """How a folder takes part: photo / cut_out = relative odds of being shown whole / cut out and set into a room.

    upright: how much likelier it is to be shown whole in a frame that is taller than wide.
    stretch: the folder's photos were squashed from an unknown aspect ratio by up to this factor, so theirs is jittered.
    alike: how many photos of one series (NAME-123) count: n of them as n ** alike. Frames of one webcam are near-equal.
    exact: the photos are pure foreground with exact alphas, down to the hair, so neither is corrected.
    """

    photo: float
    cut_out: float
    stretch: float = 1.1
    upright: float = 1.0
    alike: float = 1.0
    exact: bool = False


SOURCES = {
    "eg1800-train": Source(photo=8.0, cut_out=4.0, upright=3.0),
    "lfw": Source(photo=1.2, cut_out=0.8),
    "congress": Source(photo=0.8, cut_out=1.0),
    "18f": Source(photo=0.8, cut_out=0.8),
    "fakefaces": Source(photo=0.8, cut_out=0.8),
    "prajnasb": Source(photo=1.0, cut_out=1.0),
    "vikram": Source(photo=0.8, cut_out=1.2),
    "ccp": Source(photo=0.8, cut_out=3.0),
    "desk-synthetic": Source(photo=0.4, cut_out=0.3),
    "gesture-hands": Source(photo=0.5, cut_out=1.2),
    "gesture-room": Source(photo=0.3, cut_out=0.2),
    "coco-people": Source(photo=2.8, cut_out=1.2, stretch=1.5),
    "openimages": Source(photo=5.0, cut_out=1.6, stretch=1.5),
    "fossasia": Source(photo=1.0, cut_out=0.8),
    "webtemplates": Source(photo=1.0, cut_out=0.3),
    "djangocon-africa": Source(photo=0.1, cut_out=0.05),
    "webcams": Source(photo=10.0, cut_out=3.0, alike=0.5),
    "people": Source(photo=6.0, cut_out=3.0, upright=1.5),
    "cutouts": Source(photo=0.0, cut_out=6.0, exact=True),
}
ROOMS = {"rooms": 1.0, "rooms-chairs": 0.5}
# These photos of rooms do show somebody.
NOT_EMPTY = {
    f"rooms/{number:05}"
    for number in (
        *(30, 107, 108, 247, 342, 362, 481, 512, 700, 824, 833, 921, 1121, 1179, 1198, 1200, 1219, 1391),
        *(1450, 1569, 1700, 1807, 1859, 1929, 2029, 2085, 2141),
    )
}


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

    odds: {source: (photos,) float that add up to 1}, how likely each photo of the source is; even where there are none.
    hands: cut out, to be held up in front of people.
    """

    people: dict[str, list[Pair]]
    rooms: dict[str, list[NDArray[np.uint8]]]
    odds: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    hands: list[Pair] = field(default_factory=list)


def photos_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def read_pairs(folder: Path, longest: int | None = None) -> Iterator[Pair]:
    """The pairs in a folder, sorted by name. longest: photos with a longer side than this are scaled down to it, in pixels.

    Raises FileNotFoundError if there is no pair, and ValueError, which names the file, if one cannot be used.
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


def is_held_out(source: str, position: int, name: str) -> bool:
    """Whether a photo or room is for validation and not for training. position: in its folder, sorted by name."""
    if source == "cutouts":
        return HELD_OUT_CUT_OUTS.fullmatch(name) is not None and position % HELD_OUT_CUT_OUTS_EVERY == 0
    return (source == "eg1800-train" or source in ROOMS) and position % VALIDATION_EVERY == 0


def split_pairs(folder: Path, longest: int | None = None) -> tuple[list[Pair], list[Pair]]:
    """A folder's pairs as (for training, for validation)."""
    parts: tuple[list[Pair], list[Pair]] = ([], [])
    for position, pair in enumerate(read_pairs(folder, longest)):
        parts[is_held_out(folder.name, position, pair.name)].append(pair)
    return parts


def split_rooms(
    folder: Path, longest: int | None = None
) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]:
    """A folder's rooms, (H, W, 3) uint8 BGR each, as (for training, for validation)."""
    parts: tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]] = ([], [])
    for position, path in enumerate(photos_in(folder)):
        if f"{folder.name}/{path.stem}" not in NOT_EMPTY:
            room = at_most(np.asarray(cv2.imread(str(path)), np.uint8), longest)
            parts[is_held_out(folder.name, position, path.stem)].append(room)
    return parts


def trimmed(pair: Pair) -> Pair:
    """Remove the rows and columns without a person, so that a body that is cut off ends at the photo's border."""
    rows, columns = np.nonzero((pair.alpha > 25).any(axis=1))[0], np.nonzero((pair.alpha > 25).any(axis=0))[0]
    if not len(rows):
        return pair
    box = np.s_[max(0, rows[0] - 4) : rows[-1] + 1, max(0, columns[0] - 4) : columns[-1] + 5]
    return replace(pair, frame=pair.frame[box], alpha=pair.alpha[box])


def odds_within(pairs: Sequence[Pair], alike: float) -> NDArray[np.float64]:
    """The probability of each photo, (photos,). A series of n photos counts as n ** alike, divided evenly among them."""
    series = [re.sub(r"-\d+$", "", pair.name) for pair in pairs]
    counts = Counter(series)
    odds = np.array([counts[name] ** (alike - 1) for name in series])
    return odds / odds.sum()


def read_training_data(root: Path, longest: int = 448, only: set[str] | None = None) -> TrainingData:
    """Read the folders of SOURCES and ROOMS below root (only: those of them to read), without what is for validation."""
    people: dict[str, list[Pair]] = {}
    odds: dict[str, NDArray[np.float64]] = {}
    for name, source in SOURCES.items():
        if (only is None or name in only) and (root / name).is_dir():
            pairs = split_pairs(root / name, longest)[0]
            people[name] = [trimmed(pair) for pair in pairs] if source.exact else pairs
            odds[name] = odds_within(people[name], source.alike)
    rooms = {
        name: split_rooms(root / name, longest)[0]
        for name in ROOMS
        if (only is None or name in only) and (root / name).is_dir()
    }
    if not people or not rooms:
        raise FileNotFoundError(f"{root} holds none of the folders {', '.join(SOURCES)}, or no rooms")
    return TrainingData(people, rooms, odds)
