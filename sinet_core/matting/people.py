"""The people in an alpha: its connected components of which the network is sure enough."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom

# A component of alpha above CLEAR is a person if enough of it is above SURE: SURE_SHARE of the component and SPECK of the whole
# alpha. Of false components in photos 1 % pass, of people 67 %.
CLEAR, SURE, SURE_SHARE, SPECK = 0.5, 0.9, 0.1, 2e-4


@dataclass(frozen=True, slots=True)
class Person:
    """A person in an alpha (h, w). box: as fractions of its sides. within: row and column of one of their pixels."""

    box: Box
    alpha: Plane
    within: tuple[int, int]

    def mask(self) -> NDArray[np.bool_]:
        """Their pixels: (h, w) bool. Computed at each call, as it is rarely needed."""
        _, labels = cv2.connectedComponents((self.alpha > CLEAR).astype(np.uint8), connectivity=8)
        return np.asarray(labels == labels[self.within], np.bool_)


def people_in(alpha: Plane) -> list[Person]:
    """The people in an alpha, (h, w) float32 in [0, 1]. They refer to it, so it must not change while they are in use."""
    height, width = alpha.shape
    clear = (alpha > CLEAR).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear, connectivity=8)
    sure = np.bincount(labels[alpha > SURE], minlength=count)
    found: list[Person] = []
    for number in range(1, count):
        left, top, wide, tall, area = (int(value) for value in stats[number])
        if sure[number] >= max(SURE_SHARE * area, SPECK * alpha.size):
            box = left / width, top / height, (left + wide) / width, (top + tall) / height
            found.append(Person(box, alpha, (top, int(np.argmax(labels[top] == number)))))
    return found
