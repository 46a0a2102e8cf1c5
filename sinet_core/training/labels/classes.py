"""The classes of a set of photos: their names, their colours, and their numbers in label maps.

A label map has one channel of uint8: the class of each pixel. In files, classes may have any numbers. Here they are numbered
from 0, and pixels without a class are IGNORED.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IGNORED = 255
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Classes:
    """names and colours (RGB), in the order of the network's classes.

    ids: the number of each class in the files. void: the numbers that count as IGNORED; None if all others do.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...]
    ids: tuple[int, ...]
    void: tuple[int, ...] | None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def bgr(self) -> NDArray[np.uint8]:
        """The colours as (classes, 3) uint8 BGR."""
        return np.array(self.colours, np.uint8)[:, ::-1]

    def numbered(self, stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Convert a label map (H, W) uint8 from a file to classes and IGNORED. Raises ValueError for any other number."""
        table = np.full(256, IGNORED, np.uint8)
        table[list(self.ids)] = np.arange(len(self))
        if self.void is not None:
            known = np.zeros(256, bool)
            known[[*self.ids, *self.void, IGNORED]] = True
            strange = np.flatnonzero((np.bincount(stored.ravel(), minlength=256) > 0) & ~known)
            if strange.size:
                raise ValueError(
                    f"has class {strange[0]}, but there are {len(self)} classes, 0 … {len(self) - 1}"
                )
        return table[stored]


# CamVid's and Cityscapes' own names and colours. Cityscapes' label maps have other numbers than its 19 scored classes.
CAMVID = {
    "sky": (128, 128, 128),
    "building": (128, 0, 0),
    "pole": (192, 192, 128),
    "road": (128, 64, 128),
    "pavement": (60, 40, 222),
    "tree": (128, 128, 0),
    "sign": (192, 128, 128),
    "fence": (64, 64, 128),
    "car": (64, 0, 128),
    "pedestrian": (64, 64, 0),
    "bicyclist": (0, 128, 192),
}
CAMVID_VOID = 11
CITYSCAPES = {
    "road": (7, (128, 64, 128)),
    "sidewalk": (8, (244, 35, 232)),
    "building": (11, (70, 70, 70)),
    "wall": (12, (102, 102, 156)),
    "fence": (13, (190, 153, 153)),
    "pole": (17, (153, 153, 153)),
    "traffic light": (19, (250, 170, 30)),
    "traffic sign": (20, (220, 220, 0)),
    "vegetation": (21, (107, 142, 35)),
    "terrain": (22, (152, 251, 152)),
    "sky": (23, (70, 130, 180)),
    "person": (24, (220, 20, 60)),
    "rider": (25, (255, 0, 0)),
    "car": (26, (0, 0, 142)),
    "truck": (27, (0, 0, 70)),
    "bus": (28, (0, 60, 100)),
    "train": (31, (0, 80, 100)),
    "motorcycle": (32, (0, 0, 230)),
    "bicycle": (33, (119, 11, 32)),
}
NAMED = {"camvid": tuple(CAMVID), "cityscapes": tuple(CITYSCAPES)}


def classes_of(names: tuple[str, ...], *, cityscapes: bool) -> Classes:
    """The classes of these names.

    cityscapes: whether the label maps have Cityscapes' numbers; classes that are not named are IGNORED. Otherwise the label
    maps number the classes from 0, and 255 is IGNORED. With CamVid's names, so is 11.
    Raises ValueError for fewer than two names, for a name that occurs twice, and for one that Cityscapes does not have.
    """
    if len(names) < 2:
        raise ValueError(
            f"A network needs at least two classes to tell apart, not {len(names)}: {', '.join(names)}."
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"The class {twice} is named twice.")
    if not cityscapes:
        void = (CAMVID_VOID,) if names == NAMED["camvid"] else ()
        colours = tuple(CAMVID.get(name) or spread_colour(index) for index, name in enumerate(names))
        return Classes(names, colours, tuple(range(len(names))), void)
    strange = next((name for name in names if name not in CITYSCAPES), None)
    if strange:
        raise ValueError(f"Cityscapes has no class {strange}: it has {', '.join(CITYSCAPES)}.")
    return Classes(
        names,
        tuple(CITYSCAPES[name][1] for name in names),
        tuple(CITYSCAPES[name][0] for name in names),
        None,
    )


def spread_colour(index: int) -> Colour:
    """A colour for the class with this number, from the number's bits: they go to red, green and blue, highest bit first."""
    red, green, blue = (
        sum(((index + 1) >> (3 * bit + channel) & 1) << (7 - bit) for bit in range(3)) for channel in range(3)
    )
    return red, green, blue
