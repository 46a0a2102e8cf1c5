"""Who is in an alpha: its parts that are people, and not what the network half takes for some."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom

# Somebody is where alpha is above CLEAR, if a share of that, and so much of what was looked at, is above SURE. What the
# network mistakes for a person is rarely sure of itself: of such islands in photos a hundredth is, of people two thirds.
CLEAR, SURE, SURE_SHARE, SPECK = 0.5, 0.9, 0.1, 2e-4


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an alpha (h, w). box: in shares of it. within: a pixel of theirs, its row and column."""

    box: Box
    alpha: Plane
    within: tuple[int, int]

    def mask(self) -> NDArray[np.bool_]:
        """Where they are: (h, w). Found at every call, for few ask."""
        _, labels = cv2.connectedComponents((self.alpha > CLEAR).astype(np.uint8), connectivity=8)
        return np.asarray(labels == labels[self.within], np.bool_)


def people_in(alpha: Plane) -> list[Person]:
    """The people in an alpha, (h, w) float32 in [0, 1], which is not written to and not to be changed meanwhile."""
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
