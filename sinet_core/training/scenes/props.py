"""Props of people at desks that photos rarely show: headphones, hats, objects in hand; and missing shoulders. Arms: arms.py."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.data import Pair
from sinet_core.training.scenes.furniture import drawing_colour, random_colour

SHADES = ((25, 25, 28), (40, 36, 34), (200, 200, 205), (70, 60, 150), (120, 80, 40))  # BGR of plastics


def head_of(alpha: NDArray[np.uint8]) -> tuple[float, float, float] | None:
    """Find the topmost head: (x, y, width) at about eye level, in pixels; None if there is none.

    Eye level is the first row that is below the crown by 0.6 of the width found in it.
    """
    person = alpha > 127
    rows = np.nonzero(person.any(axis=1))[0]
    if not len(rows) or rows[0] < 2:
        return None
    for row in range(int(rows[0]) + 4, int(rows[-1])):
        columns = np.nonzero(person[row])[0]
        if not len(columns):
            return None
        wide = float(columns[-1] - columns[0] + 1)
        if row - rows[0] >= 0.6 * wide:
            return float(columns.mean()), float(row), wide
    return None


def head_for_props(alpha: NDArray[np.uint8]) -> tuple[float, float, float] | None:
    """head_of(), if the head is neither tiny nor fills most of the photo."""
    head = head_of(alpha)
    return head if head is not None and 12 < head[2] < alpha.shape[1] * 0.8 else None


def extend_shoulders(pair: Pair, rng: np.random.Generator) -> Pair:
    """Extend a portrait whose shoulders are cut off at the sides: the photo gets wider and the shoulders complete.

    Each new column is the photo's outermost one, moved down a little more than the one before: a sloping shoulder that ends in an
    upper arm. Portraits that are cut off from high up are returned unchanged.
    """
    person = pair.alpha > 127
    cut = np.nonzero(person[:, 0] | person[:, -1])[0]
    rows = np.nonzero(person.any(axis=1))[0]
    height, width = person.shape
    if not len(cut) or cut[0] < rows[0] + 0.4 * (rows[-1] - rows[0]):
        return pair
    room = round(width * rng.uniform(0.1, 0.35))
    steepness, roundness = rng.uniform(0.1, 0.5), rng.uniform(0.2, 1.0) / room
    distance = np.arange(1, room + 1)
    fall = np.round(steepness * distance + roundness * distance**2 / 2).astype(int)
    above = np.arange(height)[:, None] - fall[None, :]  # the row of the outermost column for each new pixel
    sloped = np.clip(above, 0, height - 1)
    wider = []
    for picture in (pair.frame, pair.alpha):
        left, right = picture[:, 0][sloped][:, ::-1], picture[:, -1][sloped]
        if picture is pair.alpha:
            left, right = np.where(above[:, ::-1] < 0, 0, left), np.where(above < 0, 0, right)
        wider.append(np.concatenate([left, picture, right], axis=1).astype(np.uint8))
    return replace(pair, frame=wider[0], alpha=wider[1])


def add_headphones(pair: Pair, rng: np.random.Generator) -> Pair:
    """Draw headphones, if a head is found: a band over the crown and a cup over each ear. They belong to the person."""
    head = head_for_props(pair.alpha)
    if head is None:
        return pair
    x, y, wide = head
    frame, alpha = pair.frame.copy(), pair.alpha.copy()
    shade = np.array(SHADES[int(rng.integers(len(SHADES)))]) * rng.uniform(0.7, 1.2)
    colour = drawing_colour(shade)
    centre = round(x), round(y)
    band = round(wide * 0.52), round(wide * rng.uniform(0.62, 0.72))
    thick = max(2, round(wide * rng.uniform(0.04, 0.1)))
    cup = max(2, round(wide * rng.uniform(0.07, 0.12))), max(3, round(wide * rng.uniform(0.16, 0.24)))
    for canvas, ink in ((frame, colour), (alpha, (255.0,))):
        cv2.ellipse(canvas, centre, band, 0, 180, 360, ink, thick, cv2.LINE_AA)
        for side in (-1, 1):
            ear = round(x + side * wide * 0.52), round(y + wide * 0.08)
            cv2.ellipse(canvas, ear, cup, 0, 0, 360, ink, -1, cv2.LINE_AA)
    return replace(pair, frame=frame, alpha=alpha)


def add_hat(pair: Pair, rng: np.random.Generator) -> Pair:
    """Draw a cap, a hat or a beanie, if a head is found: a crown from the brow up, and sometimes a brim."""
    head = head_for_props(pair.alpha)
    if head is None:
        return pair
    x, y, wide = head
    frame, alpha = pair.frame.copy(), pair.alpha.copy()
    colour = random_colour(rng)
    brow = y - wide * rng.uniform(0.1, 0.3)
    half, tall = wide * rng.uniform(0.5, 0.62), max(4.0, wide * rng.uniform(0.45, 0.75))
    angle = np.linspace(np.pi, 2 * np.pi, 24)
    roundness = 2 / rng.uniform(2, 4)
    dome = [
        x + half * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** roundness,
        brow - tall * np.abs(np.sin(angle)) ** roundness,
    ]
    parts = [(np.stack(dome, axis=1), 1.0)]
    kind = rng.random()
    if kind < 0.6:  # a peak to a side or to the front, or a brim all around
        reach = rng.uniform(0.6, 1.1) if kind < 0.35 else rng.uniform(1.2, 1.8)
        side = half * rng.uniform(-0.9, 0.9) if kind < 0.35 else 0.0
        thick, turn = wide * rng.uniform(0.05, 0.14), np.linspace(0, 2 * np.pi, 24)
        brim = [x + side + half * reach * np.cos(turn), brow + thick * np.sin(turn)]
        parts.append((np.stack(brim, axis=1), rng.uniform(0.6, 1.0)))
    for outline, light in parts:
        ink = drawing_colour(colour * light)
        cv2.fillPoly(frame, [outline.round().astype(np.int32)], ink, cv2.LINE_AA)
        cv2.fillPoly(alpha, [outline.round().astype(np.int32)], (255.0,), cv2.LINE_AA)
    return replace(pair, frame=frame, alpha=alpha)


def add_held_object(pair: Pair, rng: np.random.Generator) -> Pair:
    """Draw a phone, a cup or a sheet at the person's outline, in the lower half. Held objects belong to the person."""
    outlines, _ = cv2.findContours(
        (pair.alpha > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    if not outlines:
        return pair
    outline = max(outlines, key=len)[:, 0, :]
    height, width = pair.alpha.shape
    x, y = outline[:, 0], outline[:, 1]
    in_sight = (x > 0) & (x < width - 1) & (y < height - 1)
    low = outline[in_sight & (y > np.median(y))]
    if not len(low):
        return pair
    grip = low[int(rng.integers(len(low)))].tolist()
    frame, alpha = pair.frame.copy(), pair.alpha.copy()
    longest = max(height, width)
    size = (rng.uniform(0.05, 0.1) * longest, rng.uniform(0.08, 0.18) * longest)
    corners = cv2.boxPoints((grip, size, rng.uniform(-35, 35))).astype(np.int32)
    colour = tuple(float(value) for value in rng.uniform(10, 245, 3))
    cv2.fillConvexPoly(frame, corners, colour, cv2.LINE_AA)
    cv2.polylines(
        frame, [corners], True, tuple(value * 0.6 for value in colour), max(1, longest // 150), cv2.LINE_AA
    )
    cv2.fillConvexPoly(alpha, corners, (255.0,), cv2.LINE_AA)
    return replace(pair, frame=frame, alpha=alpha)
