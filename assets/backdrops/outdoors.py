"""The built-in pictures of the open air."""

import cv2
import numpy as np
from light import (
    HEIGHT,
    WIDTH,
    Photo,
    Picture,
    bloom,
    colour,
    develop,
    grid,
    lens,
    noise,
    over,
    ramp,
    soft,
    step,
)
from plants import foliage


def dunes(rng: np.random.Generator) -> Photo:
    """Ridges of sand one behind the other in late light."""
    x, y = grid()
    picture = ramp(y, [(0, colour("#8fa9c4")), (0.17, colour("#e2cdbb")), (0.25, colour("#f6dcbd"))])
    sun = np.exp(-(((x - 0.76) ** 2 + (y - 0.155) ** 2) / 0.012))
    picture += sun[..., None] * colour("#ffd9a0", 0.7)
    rows = 7
    for row in range(rows):
        depth = row / (rows - 1)
        base = 0.17 + 0.36 * depth**1.35
        sway = sum(
            rng.uniform(0.4, 1)
            / (k + 1)
            * np.sin(2 * np.pi * ((k + 0.6) * x * rng.uniform(0.5, 0.9) + rng.uniform(0, 1)))
            for k in range(3)
        )
        crest = base + (0.012 + 0.038 * depth) * sway
        below = y - crest
        slope = np.gradient(crest, axis=1) * WIDTH
        lit = np.clip(0.62 + 1.9 * slope, 0, 1)
        sand = ramp(lit, [(0, colour("#6d4a4a")), (0.5, colour("#b8805c")), (1, colour("#f0c592"))])
        shade = 1 - 0.42 * step(below, 0, 0.10 + 0.10 * depth)
        ripples = 1 + 0.05 * depth * np.sin(
            2 * np.pi * (below * (150 - 70 * depth) + 1.4 * sway + 0.6 * soft(noise(rng, 8), 8))
        )
        sand *= (shade * ripples)[..., None]
        haze = colour("#ecd0b8")
        sand += (haze - sand) * (0.72 * (1 - depth) ** 1.4)
        over(picture, sand, step(below, -0.0012 - 0.001 * depth, 0.0012 + 0.001 * depth))
    return develop(lens(bloom(picture, 0.10, 60), 4), rng)


SKY = [(0.0, "#1c2848"), (0.16, "#3d4670"), (0.27, "#8a6a83"), (0.335, "#d08f78"), (0.40, "#3a3245")]
ROOM_LAMPS = np.array(["#ffc27a", "#ffd9a3", "#ffe8c9", "#bcd6ff", "#ff9f5c"])
STREET_LAMPS = np.array(["#ffb45e", "#ffd08a", "#ff5a44", "#fff1d8", "#7ad0c0"])


def dusk(rng: np.random.Generator) -> Photo:
    """A city in the evening, far out of focus behind a window."""
    x, y = grid()
    picture = ramp(
        y,
        [
            (0, colour("#1c2848")),
            (0.16, colour("#3d4670")),
            (0.27, colour("#8a6a83")),
            (0.335, colour("#d08f78")),
            (0.40, colour("#3a3245")),
        ],
    )
    picture *= (1 + 0.10 * soft(noise(rng, 4, 3), 30))[..., None]
    for depth, (tone, count) in enumerate([("#544c68", 26), ("#332f47", 20), ("#1b1b2b", 13)]):
        for _ in range(count):
            wide = rng.uniform(0.025, 0.075) * (1 + 0.4 * depth)
            left, top = rng.uniform(-0.05, 1), 0.34 - rng.uniform(0.01, 0.15) + 0.05 * depth
            block = (
                step(x, left, left + 0.001)
                * step(x, left + wide, left + wide - 0.001)
                * step(y, top, top + 0.001)
            )
            over(picture, colour(tone, rng.uniform(0.8, 1.15)), block)
            _lit_windows(picture, rng, left, top, wide, depth)
    over(picture, colour("#15151f"), step(y, 0.455, 0.50) * 0.75)
    _street_lamps(picture, rng)
    picture = bloom(lens(picture, 21), 0.18, 70)
    frame = colour("#0d0e14")
    post = step(np.abs(x - 0.815), 0.0125, 0.0095)
    sill = step(y, 0.535, 0.540)
    glow = 1 + 1.6 * step(x, 0.815, 0.805)
    picture = picture * (1 - post)[..., None] + frame * (post * glow)[..., None]
    over(picture, frame * 1.3, sill)
    return develop(lens(picture, 6), rng, 1.12)


def _lit_windows(
    picture: Picture, rng: np.random.Generator, left: float, top: float, wide: float, depth: int
) -> None:
    """Windows with a lamp behind them, as bright dots that the lens will turn into discs."""
    for _ in range(rng.poisson(5 + 2 * depth)):
        across, down = rng.uniform(left + 0.004, left + wide - 0.004), rng.uniform(top + 0.01, top + 0.16)
        tint = rng.choice(
            np.array(["#ffc27a", "#ffd9a3", "#ffe8c9", "#bcd6ff", "#ff9f5c"]), p=[0.36, 0.27, 0.2, 0.1, 0.07]
        )
        _dot(picture, across, down, colour(str(tint), rng.uniform(6, 26) * (0.5 + 0.3 * depth)), 3)


def _street_lamps(picture: Picture, rng: np.random.Generator) -> None:
    """Street and traffic lamps along a road that comes nearer, larger and brighter below."""
    for _ in range(46):
        near = rng.uniform(0, 1) ** 1.5
        across = 0.5 + (rng.uniform(-0.12, 0.12) + rng.choice([-1, 1]) * 0.06) * (1 + 5.5 * near)
        tint = rng.choice(
            np.array(["#ffb45e", "#ffd08a", "#ff5a44", "#fff1d8", "#7ad0c0"]),
            p=[0.38, 0.24, 0.18, 0.14, 0.06],
        )
        _dot(picture, across, 0.405 + 0.13 * near, colour(str(tint), rng.uniform(20, 70) * (0.5 + near)), 4)


def _dot(picture: Picture, across: float, down: float, paint: Picture, radius: int) -> None:
    at = (round(across * WIDTH), round(down * WIDTH))
    cv2.circle(picture, at, radius, [float(c) for c in paint], -1, cv2.LINE_AA)


def leaves(rng: np.random.Generator) -> Photo:
    """A wall of plants, deep shade behind, light from above."""
    x, y = grid()
    picture = ramp(y, [(0, colour("#1b2b1f")), (0.5625, colour("#0b140e"))])
    for layer, (count, size, low, high, blur) in enumerate(
        [
            (420, 0.085, "#16291b", "#2d4c31", 15),
            (380, 0.090, "#1d3a22", "#44703c", 10),
            (300, 0.095, "#2a5230", "#6f9a54", 7),
        ]
    ):
        paint, coverage = foliage(rng, count, size, colour(low), colour(high))
        together = lens(np.dstack([paint * coverage[..., None], coverage]), blur)
        if layer:
            cover = soft(coverage, 26) * 0.45
            picture *= (1 - cover)[..., None]
        picture = picture * (1 - together[..., 3:]) + together[..., :3]
    lamp = np.exp(-(((x - 0.36) / 0.44) ** 2 + ((y + 0.02) / 0.40) ** 2))
    picture *= (0.55 + 0.95 * lamp)[..., None] * (1 + lamp[..., None] * (colour("#fff0cf") - 1) * 0.5)
    return develop(lens(bloom(picture, 0.25, 50), 2.5), rng, 1.1)


HILLS = [(0.0, "#c3cfd3"), (0.4, "#8aa0a4"), (0.75, "#47605c"), (1.0, "#22382f")]


def mist(rng: np.random.Generator) -> Photo:
    """Wooded hills one behind the other in the morning."""
    x, y = grid()
    picture = ramp(y, [(0, colour("#b9cddb")), (0.2, colour("#e6e4da")), (0.32, colour("#f2e6d4"))])
    glow = np.exp(-(((x - 0.30) / 0.30) ** 2 + ((y - 0.17) / 0.13) ** 2))
    picture += glow[..., None] * colour("#ffe2b8", 0.35)
    rows = 6
    for row in range(rows):
        depth = row / (rows - 1)
        rolling = soft(noise(rng, 3 + 2 * depth, 3), 8)[HEIGHT // 2]
        ridge = 0.20 + 0.30 * depth**1.25 - (0.055 + 0.02 * depth) * rolling
        trees = np.abs(noise(rng, 260 - 130 * depth, 2)[HEIGHT // 3])
        below = y - (ridge - (0.003 + 0.016 * depth) * trees * (depth > 0.1))[None, :]
        tone = ramp(np.full((1, 1), depth, np.float32), [(at, colour(name)) for at, name in HILLS])
        drift = 1 + 0.5 * soft(noise(rng, 7, 3), 20)
        fog = 0.80 * (1 - 0.5 * depth) * drift * step(y - ridge[None, :], 0.0, 0.15)
        hill = tone + (colour("#ece8dd") - tone) * np.clip(fog, 0, 1)[..., None]
        over(picture, hill, step(below, -0.001, 0.001))
    return develop(lens(bloom(picture, 0.12, 60), 6), rng)
