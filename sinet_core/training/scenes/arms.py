"""Arms, which most photos cut off: raised with a hand, in front of the body, resting on the desk.

They are drawn in the person's own colours and belong to the person.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.data import Pair
from sinet_core.training.scenes.furniture import cloth, drawing_colour, random_colour
from sinet_core.training.scenes.props import head_of


@dataclass(frozen=True)
class Owner:
    """The person whose arms are drawn. x, y, wide: the head (props.head_of). skin, sleeve: (3,) BGR."""

    x: float
    y: float
    wide: float
    skin: NDArray[np.float64]
    sleeve: NDArray[np.float64]


def owner_of(frame: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Owner | None:
    """The person in a frame (H, W, 3) uint8 BGR with alpha (H, W) uint8; None if there is no head, or nothing below it."""
    head = head_of(alpha)
    height, width = alpha.shape
    if head is None or not 12 < head[2] < width * 0.6 or head[1] + head[2] > height:
        return None
    x, y, wide = head
    clothes = alpha[round(y + wide) :] > 127
    if not clothes.any():
        return None
    skin = mean_of(frame, round(y), round(y + 0.4 * wide), round(x - 0.2 * wide), round(x + 0.2 * wide))
    return Owner(x, y, wide, skin, frame[round(y + wide) :][clothes].mean(axis=0))


def add_raised_arm(pair: Pair, rng: np.random.Generator) -> Pair:
    """Draw a forearm and a hand, beside the face or in front of the body, sometimes with a phone or a cup.

    Sleeve and skin have the person's own colours.
    """
    owner = owner_of(pair.frame, pair.alpha)
    if owner is None:
        return pair
    height = pair.alpha.shape[0]
    x, y, wide, skin, sleeve = owner.x, owner.y, owner.wide, owner.skin, owner.sleeve
    side, reach = rng.choice([-1, 1]), wide * rng.uniform(0.9, 1.8)
    bottom = min(1.1 * height, y + wide * rng.uniform(1.8, 3.2))
    elbow = np.array([x + side * wide * rng.uniform(0.4, 1.8), bottom])
    if rng.random() < 0.6:  # up
        angle = np.radians(rng.uniform(50, 120))
        wrist = elbow + reach * np.array([side * np.cos(angle), -np.sin(angle)])
    else:  # across
        wrist = elbow + reach * np.array([-side, rng.uniform(-0.4, 0.05)])
    thick = wide * rng.uniform(0.12, 0.25)
    towards = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    cuff = elbow + (wrist - elbow) * rng.choice([0.0, rng.uniform(0.2, 0.9), 1.0], p=[0.3, 0.4, 0.3])
    palm = wrist + towards * thick * 0.9
    parts = [
        (limb(elbow, wrist, thick * 1.2, thick * 0.75), skin),
        (limb(elbow, cuff, thick * 1.35, thick), sleeve),
    ]
    parts.append((limb(wrist, palm + towards * thick * 0.3, thick * 0.8, thick), skin))
    for finger in np.radians(rng.uniform(-60, 60, int(rng.integers(0, 6)))):
        turned = np.array([[np.cos(finger), -np.sin(finger)], [np.sin(finger), np.cos(finger)]]) @ towards
        parts.append(
            (limb(palm, palm + turned * thick * rng.uniform(1.6, 2.6), thick * 0.35, thick * 0.22), skin)
        )
    if rng.random() < 0.6:
        size = thick * rng.uniform(1.8, 2.8), thick * rng.uniform(3.0, 5.0)
        held = cv2.boxPoints((palm.tolist(), size, float(rng.uniform(-35, 35))))
        parts.insert(int(rng.integers(2, len(parts) + 1)), (held, random_colour(rng)))
    frame, alpha = pair.frame.copy(), pair.alpha.copy()
    light = rng.uniform(0.85, 1.15)
    for outline, colour in parts:
        draw(frame, alpha, outline, colour * light * rng.uniform(0.92, 1.08))
    return replace(pair, frame=frame, alpha=alpha)


def add_resting_arms(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw one or both forearms on the desk, with the hands near the middle. Returns the new frame and alpha."""
    owner = owner_of(frame, alpha)
    if owner is None:
        return frame, alpha
    height, width = alpha.shape
    x, wide = owner.x, owner.wide
    level = max(height * rng.uniform(0.78, 1.0), owner.y + 1.3 * wide)
    if not owner.y + 3.5 * wide > level < 1.05 * height:  # people further away do not sit at this desk
        return frame, alpha
    skin, light = owner.skin * rng.uniform(0.85, 1.1), rng.uniform(0.85, 1.15)
    folds = cloth(height, width, owner.sleeve * light, rng) if rng.random() < 0.7 else None
    frame, alpha = frame.copy(), alpha.copy()
    long_sleeves = rng.random() < 0.5
    for side in rng.permutation([-1, 1])[: 2 if rng.random() < 0.75 else 1]:
        thick = wide * rng.uniform(0.14, 0.28)
        shoulder = np.array([x + side * wide * rng.uniform(0.6, 1.0), owner.y + wide * rng.uniform(1.2, 1.6)])
        elbow = np.array([x + side * wide * rng.uniform(0.9, 1.9), level + thick * rng.uniform(-0.5, 0.5)])
        wrist = np.array([x + side * wide * rng.uniform(-0.7, 0.6), level + thick * rng.uniform(-1.5, 0.3)])
        towards = (wrist - elbow) / max(1.0, float(np.linalg.norm(wrist - elbow)))
        cuff = elbow + (wrist - elbow) * (rng.uniform(0.6, 1.0) if long_sleeves else rng.uniform(0.0, 0.3))
        draw(frame, alpha, limb(elbow, wrist, thick, thick * 0.7), skin * light)
        draw(frame, alpha, limb(wrist, wrist + towards * thick * 1.6, thick * 0.75, thick * 0.6), skin)
        for sleeve in (
            limb(shoulder, elbow, thick * 1.4, thick * 1.2),
            limb(elbow, cuff, thick * 1.25, thick),
        ):
            draw(frame, alpha, sleeve, owner.sleeve * light * rng.uniform(0.92, 1.08), folds)
    return frame, alpha


def draw(
    frame: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    outline: NDArray[np.float32],
    colour: NDArray[np.float64],
    folds: NDArray[np.float32] | None = None,
) -> None:
    """Fill a convex outline (n, 2), in place, with a colour, or with a cloth (H, W, 3)."""
    corners = outline.round().astype(np.int32)
    cv2.fillConvexPoly(frame, corners, drawing_colour(colour), cv2.LINE_AA)
    if folds is not None:
        inside = cv2.fillConvexPoly(np.zeros_like(alpha), corners, (1,))
        cv2.copyTo(folds.clip(0, 255).astype(np.uint8), inside, frame)
    cv2.fillConvexPoly(alpha, corners, (255.0,), cv2.LINE_AA)


def mean_of(frame: NDArray[np.uint8], top: int, bottom: int, left: int, right: int) -> NDArray[np.float64]:
    """The mean colour, (3,) BGR, of the part of a box that is in the frame."""
    box = frame[max(0, top) : bottom + 1, max(0, left) : right + 1]
    mean: NDArray[np.float64] = box.reshape(-1, 3).mean(axis=0)
    return mean


def limb(
    start: NDArray[np.float64], end: NDArray[np.float64], thick_start: float, thick_end: float
) -> NDArray[np.float32]:
    """The convex outline of a rod with round ends of two radii, (n, 2) float32."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.concatenate([start + thick_start * circle, end + thick_end * circle]).astype(np.float32)
    return cv2.convexHull(points)[:, 0].astype(np.float32, copy=False)
