"""The built-in pictures of rooms."""

import cv2
import numpy as np
from light import (
    HEIGHT,
    WIDTH,
    Photo,
    Picture,
    Plane,
    bloom,
    colour,
    develop,
    filled,
    grid,
    lens,
    noise,
    over,
    ramp,
    shape,
    soft,
    step,
)
from plants import branch_shadow, palm


def daylight(rng: np.random.Generator) -> Photo:
    """A bright room: a wall in daylight, a tall window with a thin curtain, a plant in the corner."""
    x, y = grid()
    wall = ramp(x, [(0, colour("#c3c2bc")), (0.6, colour("#e0ddd5")), (1, colour("#efebe3"))])
    wall *= (1 + 0.012 * soft(noise(rng, 60, 3), 3))[..., None]
    wall *= (0.72 + 0.30 * np.exp(-(((x - 0.85) / 0.5) ** 2 + ((y - 0.2) / 0.5) ** 2)))[..., None]
    patch = soft(shape([(0.20, 0.16), (0.47, 0.06), (0.47, 0.40), (0.20, 0.52)]), 14)
    bars = soft(shape([(0.33, 0.0), (0.342, 0.0), (0.342, 0.6), (0.33, 0.6)]), 9)
    wall += wall * (0.34 * patch * (1 - 0.75 * bars))[..., None] * colour("#fff0d2")
    picture = wall
    _window(picture, rng, x, y)
    skirting = step(y, 0.535, 0.5365)
    over(picture, colour("#d9d6cf", 0.8), skirting)
    paint, coverage = palm(rng, (0.085, 0.46), 0.36)
    pot = shape([(0.045, 0.455), (0.125, 0.455), (0.115, 0.57), (0.055, 0.57)])
    over(
        picture,
        ramp(x, [(0.045, colour("#7d6a5c")), (0.1, colour("#c9b29c")), (0.125, colour("#d9c3ad"))]),
        pot,
    )
    shade = soft(coverage, 30) * 0.22
    picture *= (1 - shade)[..., None]
    over(picture, paint, coverage)
    return develop(bloom(lens(picture, 7.5), 0.30, 70), rng, 0.98)


def _window(picture: Picture, rng: np.random.Generator, x: Plane, y: Plane) -> None:
    """The window of the daylight room with trees outside and a curtain at its side."""
    left, right, top, bottom = 0.63, 0.93, -0.02, 0.455
    outside = ramp(
        y, [(0, colour("#e9f3fb", 1.9)), (0.25, colour("#eef6f2", 1.6)), (0.45, colour("#cfe0bd", 1.1))]
    )
    trees = step(soft(noise(rng, 14, 3), 12) + (y - 0.28) * 5.5, -0.15, 0.5)
    over(
        outside,
        ramp(noise(rng, 22, 3), [(-0.7, colour("#7d9c66", 1.0)), (0.7, colour("#c7dca0", 1.35))]),
        trees * 0.8,
    )
    outside = lens(outside, 16)
    edge = 0.0008
    inside = (
        step(x, left, left + edge)
        * step(x, right, right - edge)
        * step(y, bottom, bottom - edge)
        * step(y, top, top + edge)
    )
    frame = colour("#f4f2ed", 0.80)
    rim = 0.014
    over(
        picture,
        frame,
        step(x, left - rim, left - rim + edge)
        * step(x, right + rim, right + rim - edge)
        * step(y, bottom + rim, bottom + rim - edge),
    )
    over(picture, outside, inside)
    for bar in (
        step(np.abs(x - (left + right) / 2), 0.0065, 0.0055),
        step(np.abs(y - 0.155), 0.0055, 0.0045),
    ):
        over(picture, frame * 0.9, bar * inside)
    sill = (
        step(x, left - 0.03, left - 0.029)
        * step(x, right + 0.03, right + 0.029)
        * step(y, 0.469, 0.470)
        * step(y, 0.487, 0.486)
    )
    over(picture, colour("#fbf9f4", 1.0), sill)
    under = (
        step(x, left - 0.02, left)
        * step(x, right + 0.03, right)
        * step(y, 0.486, 0.487)
        * step(y, 0.53, 0.487)
    )
    picture *= (1 - 0.20 * under)[..., None]
    for start, end in ((0.555, 0.70), (0.885, 1.02)):
        along = (x - start) / (end - start)
        folds = 0.5 + 0.5 * np.sin(
            2 * np.pi * (along * 6.5 + 0.25 * np.sin(along * 9) + 0.10 * np.sin(y * 8 + along * 5))
        )
        cloth = ramp(folds, [(0, colour("#d9d3c8", 0.86)), (1, colour("#fffaf0", 1.08))])
        hem = step(x, start, start + 0.006 + 0.004 * folds.mean()) * step(x, end, end - 0.006)
        over(picture, cloth, hem * (0.70 + 0.25 * (1 - folds)))


def plaster(rng: np.random.Generator) -> Photo:
    """A lime-washed wall with the light of a window and the shadow of a plant on it."""
    x, y = grid()
    wash = 0.6 * noise(rng, 5, 5)
    trowel = noise(rng, 90, 2)
    wall = ramp(wash, [(-0.8, colour("#b9a48f")), (0, colour("#cbb8a3")), (0.8, colour("#d9c9b6"))])
    wall *= (1 + 0.028 * soft(trowel, 2))[..., None]
    slant = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    panes = np.zeros((HEIGHT, WIDTH), np.float32)
    for column in range(2):
        for row in range(3):
            left, top = 0.50 + 0.185 * column, -0.02 + 0.178 * row
            box = slant * (0.170, 0.163) + (left, top)
            box[:, 1] += (box[:, 0] - 0.5) * 0.34 - 0.04
            box[:, 0] -= (box[:, 1]) * 0.22 - 0.02
            panes += shape([(float(a), float(b)) for a, b in box])
    shadow = branch_shadow(rng)
    light = soft(panes, 9) * (1 - 0.80 * soft(shadow, 8))
    wide = soft(panes, 220)
    fall = 0.68 - 0.20 * step(x, 0.75, -0.15) + 0.06 * step(y, 0.5, 0)
    room, sun = (
        colour("#eef0f6") * (fall + 0.20 * wide)[..., None],
        colour("#ffe9c4") * (0.80 * light)[..., None],
    )
    wall *= room + sun
    return develop(lens(bloom(wall, 0.10, 40), 3.5), rng, 1.04)


CANVAS = [(0.0, "#1d242b"), (0.45, "#4d5b66"), (0.8, "#8796a0"), (1.0, "#a9b5bb")]


def studio(rng: np.random.Generator) -> Photo:
    """Painted canvas in a portrait studio, lit from the upper left."""
    x, y = grid()
    mottle = soft(noise(rng, 5, 3), 45) * 0.16 + soft(noise(rng, 16, 4), 10) * 0.06
    pool = np.exp(-(((x - 0.45) / 0.46) ** 2 + ((y - 0.24) / 0.34) ** 2))
    value = np.clip(0.10 + 0.80 * pool + mottle * (0.35 + pool), 0, 1)
    canvas = ramp(value, [(at, colour(name)) for at, name in CANVAS])
    warm = np.exp(-(((x - 1.02) / 0.30) ** 2 + ((y - 0.50) / 0.34) ** 2))
    canvas += warm[..., None] * colour("#6b4a33", 0.55)
    return develop(canvas, rng)


def study(rng: np.random.Generator) -> Photo:
    """Bookshelves in the light of a lamp."""
    x, y = grid()
    grain = (
        soft(noise(rng, 6, 2), 10) * 0.08
        + cv2.resize(rng.uniform(-1, 1, (1, 480)).astype(np.float32), (WIDTH, HEIGHT)) * 0.05
    )
    picture = filled(colour("#3a2a20")) * (1 + grain)[..., None]
    columns, rows = [-0.02, 0.235, 0.49, 0.745, 1.0], [-0.06, 0.115, 0.29, 0.465, 0.64]
    for left in columns:
        for top in rows:
            _bay(picture, rng, left + 0.008, left + 0.247, top + 0.010, top + 0.165)
    wood = colour("#7a5637") * (1 + grain)[..., None]
    for left in columns:
        side = step(np.abs(x - left), 0.0085, 0.0078)
        over(
            picture,
            wood * (0.75 + 0.25 * step(x, left - 0.008, left + 0.008))[..., None] * (1 + grain)[..., None],
            side,
        )
    for top in rows:
        board = step(y, top - 0.0005, top + 0.0002) * step(y, top + 0.0105, top + 0.0098)
        over(
            picture, wood * (1.2 - 0.5 * step(y, top, top + 0.010))[..., None] * (1 + grain)[..., None], board
        )
    lamp = np.exp(-(((x - 0.22) / 0.36) ** 2 + ((y - 0.20) / 0.30) ** 2))
    fill = np.exp(-(((x - 0.95) / 0.30) ** 2 + ((y - 0.40) / 0.45) ** 2))
    light = (
        lamp[..., None] * colour("#ffd9a6", 2.3)
        + fill[..., None] * colour("#9db4d8", 0.45)
        + colour("#c9a98a", 0.40)
    )
    return develop(lens(bloom(picture * light, 0.25, 60), 9), rng, 1.15)


BINDINGS = ["#6b2f2b", "#2c4154", "#33493c", "#9b8148", "#c9bda4", "#4f3a4b", "#7a5638"]
BINDINGS += ["#3b3b40", "#8d5641", "#d8d0bf", "#52656e", "#66704e", "#59463a", "#3f4f5c"]


def _bay(
    picture: Picture, rng: np.random.Generator, left: float, right: float, top: float, bottom: float
) -> None:
    """One bay of the shelves with its books, and the shade that the boards throw into it."""
    x, y = grid()
    inside = (
        step(x, left, left + 0.0005)
        * step(x, right, right - 0.0005)
        * step(y, top, top + 0.0005)
        * step(y, bottom, bottom - 0.0005)
    )
    at, gap_at = left + rng.uniform(0.002, 0.02), rng.uniform(left, right)
    while at < right - 0.010:
        if abs(at - gap_at) < 0.007:
            at += rng.uniform(0.015, 0.05)
            gap_at = -1.0
        thick, tall = rng.uniform(0.009, 0.023), rng.uniform(0.098, 0.137)
        if at + thick > right:
            break
        tall *= 1 - 0.10 * (rng.random() < 0.2)
        _book(picture, rng, at, bottom, thick, tall)
        at += thick + 0.0006
    depth = (
        0.55 * step(y, top + 0.05, top)
        + 0.30 * step(x, left + 0.03, left)
        + 0.30 * step(x, right - 0.03, right)
    )
    picture *= (1 - np.clip(depth, 0, 0.8) * inside)[..., None]


def _book(
    picture: Picture, rng: np.random.Generator, left: float, bottom: float, thick: float, tall: float
) -> None:
    a, b = round(left * WIDTH), round((left + thick) * WIDTH)
    c, d = round((bottom - tall) * WIDTH), round(bottom * WIDTH)
    a, b, c, d = max(a, 0), min(b, WIDTH), max(c, 0), min(d, HEIGHT)
    if a >= b or c >= d:
        return
    across = np.linspace(-1, 1, b - a, dtype=np.float32)
    spine = 0.30 + 0.70 * np.sqrt(1 - 0.92 * (across + 0.15).clip(-1, 1) ** 2)
    binding = colour(str(rng.choice(np.array(BINDINGS))), rng.uniform(0.7, 1.15))
    block = np.broadcast_to(binding, (d - c, b - a, 3)).copy()
    gilt = colour("#d6b25e") if binding.sum() < 0.8 else colour("#4a3a2c")
    for band in rng.choice([0.08, 0.14, 0.22, 0.72, 0.86, 0.92], rng.integers(0, 4), replace=False):
        row, high = int(band * (d - c)), int(rng.integers(3, 9))
        block[row : row + high] = gilt * 0.8
    if rng.random() < 0.35:
        row, high = int(rng.uniform(0.28, 0.36) * (d - c)), int(rng.uniform(0.2, 0.32) * (d - c))
        block[row : row + high, (b - a) // 4 : -(b - a) // 4 or None] = block[row, 0] * 0.55 + gilt * 0.45
    picture[c:d, a:b] = (
        block * spine[None, :, None] * np.linspace(1.05, 0.8, d - c, dtype=np.float32)[:, None, None]
    )
