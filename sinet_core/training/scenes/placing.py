"""Inserting people from photos into a room: position, size and light."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.data import SOURCES, Pair
from sinet_core.training.scenes.furniture import add_chair, add_clutter
from sinet_core.training.scenes.props import head_of

LIKE_CLOTHES = 0.3  # of the chairs and the clutter beside people, in the colour of their clothes


@dataclass(frozen=True)
class Placement:
    """The bounding box of the person in a photo, and the sides on which the photo's border cuts them off.

    chin: the row where a frontal face ends; the last row if no head is found.
    """

    top: int
    bottom: int
    left: int
    right: int
    cut_left: bool
    cut_right: bool
    cut_below: bool
    cut_above: bool
    chin: float

    def must_fill(self, aspect: float) -> bool:
        """Whether the person is cut off at both sides and, as wide as a frame of this aspect ratio, much taller than it."""
        tall, wide = self.bottom - self.top + 1, self.right - self.left + 1
        return self.cut_left and self.cut_right and aspect * tall > 1.8 * wide


def placement_of(alpha: NDArray[np.uint8]) -> Placement | None:
    """The placement of the person in a (H, W) uint8 alpha; None if there is hardly anyone.

    The sides of photos often cut off the shoulders of portraits. In a wider room they would end in a straight vertical line, so
    the person is used only down to the row where that begins, if that leaves the head.
    """
    person = alpha > 127
    rows, columns = np.nonzero(person.any(axis=1))[0], np.nonzero(person.any(axis=0))[0]
    if len(rows) < 16 or len(columns) < 16:
        return None
    top, bottom = int(rows[0]), int(rows[-1])
    cut_above = top <= 1 and int(person[top].sum()) > 0.15 * alpha.shape[1]  # more than a tuft of hair
    sides = np.nonzero(person[:, 0] | person[:, -1])[0]
    first_cut = int(sides[0]) if len(sides) else bottom + 1
    if first_cut > top + 0.45 * (bottom - top):
        used = person[: min(first_cut, bottom + 1)]
        columns = np.nonzero(used.any(axis=0))[0]
        last = min(first_cut - 1, bottom)
        cut_below = first_cut <= bottom or bottom >= alpha.shape[0] - 2
        edges = int(columns[0]), int(columns[-1])
        return Placement(top, last, *edges, False, False, cut_below, cut_above, chin_of(alpha, last))
    cut_left, cut_right = bool(person[:, 0].any()), bool(person[:, -1].any())
    cut_below = bottom >= alpha.shape[0] - 2
    edges = int(columns[0]), int(columns[-1])
    chin = chin_of(alpha, bottom)
    return Placement(top, bottom, *edges, cut_left, cut_right, cut_below, cut_above, chin)


def chin_of(alpha: NDArray[np.uint8], last: int) -> float:
    head = head_of(alpha)
    return float(last) if head is None else min(float(last), head[1] + 0.7 * head[2])


def insert_person(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], pair: Pair, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Put a cut-out person in front of a frame. Returns the new frame and the alpha of everybody in it."""
    place = placement_of(pair.alpha)
    if place is None:
        return frame, alpha
    height, width = alpha.shape
    transform = random_transform(place, height, width, rng)
    if not alpha.any():  # it would hide people who are there already
        clothes = clothes_colour(pair.frame, pair.alpha) if rng.random() < LIKE_CLOTHES else None
        if rng.random() < 0.3:
            middle = (place.left + place.right) / 2
            frame = add_chair(frame, transform, place.top, place.bottom, middle, rng, clothes)
        elif clothes is not None:
            frame = add_clutter(frame, None, rng, clothes)
    if rng.random() < 0.25 and not place.cut_above:
        transform = lean(transform, place, height, width, rng)
    used = pair.alpha.copy()
    used[place.bottom + 1 :] = 0
    person, person_alpha = warp(replace(pair, alpha=used), transform, height, width, cv2.BORDER_REPLICATE)
    exact = pair.source in SOURCES and SOURCES[pair.source].exact
    composed, coverage = composite_over(person, person_alpha, frame, rng, exact=exact)
    everybody = 255 - (255 - coverage.astype(np.uint16)) * (255 - alpha.astype(np.uint16)) // 255
    return composed, everybody.astype(np.uint8)


def composite_over(
    frame: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    behind: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    exact: bool = False,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Composite the person of a frame (H, W, 3) uint8 BGR with alpha (H, W) uint8 over another frame of that size.

    The old background's colours are removed from the edges, and the light is matched. exact: there are no such colours, and the
    alpha is exact to the hair. Returns the composite and the alpha used.
    """
    coverage = alpha if exact else soft_edges(alpha, rng)
    person = match_light(frame if exact else decontaminate(frame, alpha), alpha, behind, rng)
    weight = coverage.astype(np.float32) / 255
    composed = cv2.blendLinear(person, behind, weight, 1 - weight)
    return composed.astype(np.uint8, copy=False), coverage


def clothes_colour(frame: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """The mean colour (3,) of the person in the lower half of a frame (H, W, 3) uint8 BGR; None if nobody is there."""
    half = alpha.shape[0] // 2
    person = (alpha[half:] > 127).astype(np.uint8)
    return np.array(cv2.mean(frame[half:], person)[:3]) if person.any() else None


def random_transform(
    place: Placement, height: int, width: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A random (2, 3) affine transform that places the person as a webcam would see them.

    From a close-up to a small person at the back. People cut off by the photo's border are cut off by the frame's.
    """
    tall, wide = place.bottom - place.top + 1, place.right - place.left + 1
    crowns = [rng.uniform(-0.05, 0.25), rng.uniform(0.1, 0.5), rng.uniform(0.4, 0.8)]
    crown = height * rng.choice(crowns, p=[0.56, 0.34, 0.1])
    if place.cut_above:
        crown = -height * rng.uniform(0, 0.1)
    if place.cut_below:  # the body between the crown and the frame's lower edge, or a larger part of it
        scale = (height - crown) / tall * rng.uniform(1.0, 2.2 if tall > 1.1 * wide else 1.4)
        if rng.random() < 0.85:  # a webcam rarely cuts through the face
            scale = min(
                scale, max((height - crown) / tall, (height - crown) / max(1.0, place.chin - place.top))
            )
    else:
        scale = rng.uniform(0.2, 1.0) * height / tall
    if place.cut_left and place.cut_right:
        scale = max(scale, width / wide * rng.uniform(1.0, 1.15))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    left_is_cut, right_is_cut = (
        (place.cut_left, place.cut_right) if flip > 0 else (place.cut_right, place.cut_left)
    )
    x = rng.normal(0.5, 0.17) * width - scale * wide / 2
    if left_is_cut and right_is_cut:
        x = rng.uniform(min(0.0, width - scale * wide), 0.0)
    elif left_is_cut:
        x = -rng.uniform(0, 0.1) * scale * wide
    elif right_is_cut:
        x = width - scale * wide * rng.uniform(0.9, 1.0)
    y = crown if place.cut_below or place.cut_above else rng.uniform(0.6, 1.1) * height - scale * tall
    origin = place.left if flip > 0 else place.right
    return np.array([[flip * scale, 0, x - flip * scale * origin], [0, scale, y - scale * place.top]])


def lean(
    transform: NDArray[np.float64], place: Placement, height: int, width: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rotate the person round the head: mostly leaning, sometimes lying on the desk with the body outside the frame.

    If the photo cuts off the body, its straight end is moved out of the frame.
    """
    angle = rng.normal(0, 14) if rng.random() < 0.75 else rng.uniform(30, 100) * rng.choice([-1, 1])
    middle = (place.left + place.right) / 2
    head = transform @ (middle, place.top + 0.2 * (place.bottom - place.top), 1)
    turn = np.vstack([cv2.getRotationMatrix2D((float(head[0]), float(head[1])), angle, 1), [0, 0, 1]])
    turned = turn[:2] @ np.vstack([transform, [0, 0, 1]])
    if place.cut_below:
        ends = turned @ np.array([[place.left, place.right], [place.bottom, place.bottom], [1, 1]])
        if abs(angle) < 45:
            turned[1, 2] += max(0.0, height - ends[1].min())
        elif ends[0].mean() > head[0]:
            turned[0, 2] += max(0.0, width - ends[0].min())
        else:
            turned[0, 2] -= max(0.0, ends[0].max())
    return turned


def warp(
    pair: Pair, transform: NDArray[np.float64], height: int, width: int, border: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Warp photo and alpha by an affine transform. They are reduced by area first if they shrink much, against aliasing."""
    frame, alpha = pair.frame, pair.alpha
    scale = float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))
    if scale < 0.6:
        size = max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale))
        shrunk = np.diag([alpha.shape[1] / size[0], alpha.shape[0] / size[1], 1.0])
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
        transform = transform @ shrunk
    alpha_border = cv2.BORDER_REFLECT if border == cv2.BORDER_REFLECT else cv2.BORDER_CONSTANT
    return (
        cv2.warpAffine(frame, transform, (width, height), flags=cv2.INTER_LINEAR, borderMode=border),
        cv2.warpAffine(alpha, transform, (width, height), flags=cv2.INTER_LINEAR, borderMode=alpha_border),
    )


def soft_edges(alpha: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Soften hard hand-drawn edges at random, so that the network cannot recognise composites by their seam."""
    sigma = rng.uniform(0.0, 0.9)
    return cv2.GaussianBlur(alpha, (0, 0), sigma).astype(np.uint8, copy=False) if sigma > 0.3 else alpha


def decontaminate(person: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Replace the old background's colours at the edge by a normalised blur of the person's sure pixels nearby."""
    sure = cv2.erode((alpha > 230).astype(np.uint8), np.ones((3, 3), np.uint8))
    blurred = cv2.boxFilter(cv2.copyTo(person, sure), cv2.CV_32F, (9, 9))
    weight = cv2.boxFilter(sure, cv2.CV_32F, (9, 9))
    replace = (sure == 0) & (weight > 0.01)
    result = person.copy()
    result[replace] = (blurred[replace] / weight[replace, None]).astype(np.uint8)
    return result


def match_light(
    person: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    surroundings: NDArray[np.uint8],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Shift the person's light and colour towards the room's by a random fraction, and sometimes away from it."""
    on_person = alpha > 127
    if not on_person.any():
        return person
    mean = np.array(cv2.mean(person, on_person.astype(np.uint8))[:3])
    target = np.array(cv2.mean(surroundings)[:3])
    fraction = rng.uniform(0, 0.5) if rng.random() < 0.8 else rng.uniform(-0.3, 0)
    gain = np.clip((mean + fraction * (target - mean)) / np.maximum(mean, 1), 0.4, 2.2)
    contrast = rng.uniform(0.85, 1.15)
    levels = (np.arange(256)[:, None] - mean) * contrast * np.sqrt(gain) + mean * gain
    return cv2.LUT(person, np.clip(levels, 0, 255).astype(np.uint8)[None]).astype(np.uint8, copy=False)
