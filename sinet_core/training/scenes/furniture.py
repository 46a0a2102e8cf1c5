"""Furniture and clutter, behind people and in front of them: chairs, blankets, bags, desks. None of it is a person."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.training.scenes.webcam import sample_noise


def add_chair(
    frame: NDArray[np.uint8],
    transform: NDArray[np.float64],
    top: int,
    bottom: int,
    middle: float,
    rng: np.random.Generator,
    colour: NDArray[np.float64] | None = None,
) -> NDArray[np.uint8]:
    """Draw the back of a chair where a person is going to be placed. It shows on both sides of them.

    It has round corners, sometimes a headrest, and is of cloth, plastic or a mesh through which the room shows.
    transform: (2, 3), from the photo to the frame. top, bottom, middle: the person's rows and column in the photo.
    colour: approximate (3,) BGR; None for a random one.
    """
    x, crown = transform @ (middle, top, 1)
    tall = float(transform[1, 1]) * (bottom - top)
    wide, head = tall * rng.uniform(0.4, 1.0), crown + tall * rng.uniform(0.0, 0.45)
    x += wide * rng.uniform(-0.2, 0.2)
    low = crown + tall * rng.uniform(0.9, 1.3)
    shape = np.zeros(frame.shape[:2], np.uint8)
    tilt = np.radians(rng.normal(0, 5))
    parts = [(x, (head + low) / 2, wide / 2, (low - head) / 2)]
    if rng.random() < 0.25:
        parts.append((x, head, wide * rng.uniform(0.2, 0.35), tall * rng.uniform(0.06, 0.15)))
    for part in parts:
        cv2.fillConvexPoly(shape, rounded_box(*part, rng.uniform(2.5, 8), tilt), (255,), cv2.LINE_AA)
    thick = int(rng.integers(3, 10))
    rim = (
        cv2.subtract(shape, cv2.erode(shape, np.ones((thick, thick), np.uint8)))
        if rng.random() < 0.5
        else None
    )
    shape = cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.4, 1.2)).astype(np.uint8, copy=False)
    left, first, wide_box, tall_box = cv2.boundingRect(shape)
    box = slice(first, first + tall_box), slice(left, left + wide_box)
    share = shape[box][..., None].astype(np.float32) / 255
    if rng.random() < 0.3:  # a mesh, within its frame
        share *= np.float32(rng.uniform(0.2, 0.9))
        if rim is not None:
            share = np.maximum(share, rim[box][..., None].astype(np.float32) / 255)
    paint = near_colour(colour, rng)
    across = np.linspace(rng.uniform(0.6, 1.1), rng.uniform(0.6, 1.1), frame.shape[1], dtype=np.float32)[
        box[1]
    ]
    down = np.linspace(rng.uniform(0.8, 1.1), rng.uniform(0.6, 1.0), frame.shape[0], dtype=np.float32)[box[0]]
    weave = sample_noise((tall_box, wide_box, 3), rng) * np.float32(rng.uniform(0, 8))
    chair = paint.astype(np.float32) * (down[:, None] * across)[..., None] + weave
    covered = chair * share + frame[box] * (1 - share)
    if rim is not None:
        covered += np.float32(rng.uniform(-60, 60) / 255) * rim[box][..., None]
    result = frame.copy()
    result[box] = np.clip(covered, 0, 255)
    return result


def add_clutter(
    frame: NDArray[np.uint8],
    texture: NDArray[np.uint8] | None,
    rng: np.random.Generator,
    colour: NDArray[np.float64] | None = None,
) -> NDArray[np.uint8]:
    """Draw blankets, bags, cushions, clothes on a hook: shapes without corners, of cloth or of a texture.

    texture: (H, W, 3) uint8 BGR, the source of some shapes; None: all are cloth. colour: approximate (3,) BGR of the cloth; None:
    random.
    """
    height, width = frame.shape[:2]
    frame = frame.copy()
    for _ in range(int(rng.integers(1, 4))):
        if rng.random() < 0.7:  # on what one sits or lies on
            centre = rng.uniform(0, width), height * rng.uniform(0.6, 1.1)
            size = width * rng.uniform(0.06, 0.3), height * rng.uniform(0.06, 0.25)
        else:
            centre = rng.uniform(0, width), height * rng.uniform(0.0, 1.0)
            size = width * rng.uniform(0.03, 0.12), height * rng.uniform(0.1, 0.5)
        shape = np.zeros((height, width), np.uint8)
        cv2.fillPoly(shape, [blob(*centre, *size, rng)], (255,), cv2.LINE_AA)
        shape = cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.4, 1.2)).astype(np.uint8, copy=False)
        left, top, wide, tall = cv2.boundingRect(shape)
        if not wide:
            continue
        box = slice(top, top + tall), slice(left, left + wide)
        if texture is not None and rng.random() < 0.4:
            thing = texture[box].astype(np.float32)
        else:
            thing = cloth(tall, wide, near_colour(colour, rng), rng)
        share = shape[box][..., None].astype(np.float32) / 255
        frame[box] = np.clip(thing * share + frame[box] * (1 - share), 0, 255)
    return frame


def add_desk(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], texture: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw a desk's edge, a screen, a plant or a blanket in front of the person, in the lower part of the frame.

    texture: (H, W, 3) uint8 BGR, the source of the object unless it is of cloth. Returns the new frame and alpha.
    """
    height, width = alpha.shape
    shape = np.zeros((height, width), np.uint8)
    if rng.random() < 0.5:
        edge = height * rng.uniform(0.75, 0.95)
        tilt = height * rng.uniform(-0.05, 0.05)
        corners = np.array([[0, edge - tilt], [width, edge + tilt], [width, height], [0, height]])
        cv2.fillConvexPoly(shape, corners.astype(np.int32), (255,), cv2.LINE_AA)
    else:
        centre = rng.uniform(0, width), height * rng.uniform(0.8, 1.0)
        size = width * rng.uniform(0.08, 0.3), height * rng.uniform(0.15, 0.4)
        if rng.random() < 0.5:
            box = cv2.boxPoints((centre, size, rng.uniform(-10, 10)))
            cv2.fillConvexPoly(shape, box.astype(np.int32), (255,), cv2.LINE_AA)
        else:
            cv2.fillPoly(shape, [blob(*centre, size[0] * 0.6, size[1] * 0.6, rng)], (255,), cv2.LINE_AA)
        if rng.random() < 0.4:
            texture = cloth(height, width, random_colour(rng), rng).clip(0, 255).astype(np.uint8)
    shape = cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.4, 1.5)).astype(np.uint8, copy=False)
    share = shape.astype(np.float32) / 255
    covered = texture * share[..., None] + frame * (1 - share[..., None])
    return covered.astype(np.uint8), (alpha * (1 - share)).astype(np.uint8)


def near_colour(colour: NDArray[np.float64] | None, rng: np.random.Generator) -> NDArray[np.float64]:
    """A random colour close to this one, (3,) BGR; any colour for None."""
    return random_colour(rng) if colour is None else colour + rng.normal(0, 8, 3)


def random_colour(rng: np.random.Generator) -> NDArray[np.float64]:
    """A random colour (3,) BGR: mostly close to grey, like furniture, sometimes a strong one."""
    grey, tint = rng.uniform(10, 235), rng.uniform(10, 230, 3)
    colour: NDArray[np.float64] = grey + (tint - grey) * rng.choice([0.1, 0.3, 0.9], p=[0.5, 0.3, 0.2])
    return colour


def drawing_colour(colour: NDArray[np.float64]) -> Sequence[float]:
    """A colour (3,) BGR as an argument for OpenCV's drawing functions."""
    return tuple(float(value) for value in np.clip(colour, 0, 255))


def blob(
    x: float, y: float, half_wide: float, half_tall: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    """The outline of a random shape without corners round (x, y), (n, 2) int32."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    reach = np.ones_like(angle)
    for wave in range(1, 5):
        reach += rng.normal(0, 0.3 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    reach = np.maximum(reach, 0.1)
    outline = np.stack([x + half_wide * reach * np.cos(angle), y + half_tall * reach * np.sin(angle)], axis=1)
    return outline.round().astype(np.int32)


def cloth(tall: int, wide: int, colour: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Random cloth, (tall, wide, 3) float32 BGR: a colour with folds, sometimes with stripes or checks of another colour."""
    folds = sample_noise((int(rng.integers(2, 7)), int(rng.integers(2, 9)), 1), rng)
    light = 1 + np.float32(rng.uniform(0.03, 0.25)) * cv2.resize(
        folds, (wide, tall), interpolation=cv2.INTER_CUBIC
    )
    plain = np.broadcast_to(colour.astype(np.float32), (tall, wide, 3))
    if rng.random() < 0.3:
        angle, length = rng.uniform(0, np.pi), rng.uniform(3, 20)
        rows, columns = np.arange(tall, dtype=np.float32)[:, None], np.arange(wide, dtype=np.float32)
        along = np.float32(np.cos(angle) / length) * columns + np.float32(np.sin(angle) / length) * rows
        printed = np.sin(2 * np.pi * along) > rng.uniform(-0.7, 0.7)
        if rng.random() < 0.4:
            across = np.float32(np.cos(angle) / length) * rows - np.float32(np.sin(angle) / length) * columns
            printed ^= np.sin(2 * np.pi * across) > 0
        plain = np.where(printed[..., None], random_colour(rng).astype(np.float32), plain)
    result: NDArray[np.float32] = (plain * light[..., None]).astype(np.float32)
    return result


def rounded_box(
    x: float, y: float, half_wide: float, half_tall: float, roundness: float, tilt: float
) -> NDArray[np.int32]:
    """The outline of a superellipse round (x, y), (n, 2) int32. roundness: 2 for an ellipse, higher is squarer. tilt: radians."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    across = half_wide * np.sign(cosine) * np.abs(cosine) ** (2 / roundness)
    down = half_tall * np.sign(sine) * np.abs(sine) ** (2 / roundness)
    turned = [across * np.cos(tilt) - down * np.sin(tilt), across * np.sin(tilt) + down * np.cos(tilt)]
    outline = np.stack(turned, axis=1) + np.array([x, y])
    return outline.round().astype(np.int32)
