"""The rooms, each a function that builds a scene and returns how it is exposed: (stops, Blender's look)."""

from itertools import pairwise

import numpy as np
from furniture import books, picture, pot, sideboard, table_lamp, twigs, vase
from scene import (
    Material,
    area,
    box,
    bulb,
    camera,
    cloth,
    curtain,
    empty,
    leaf,
    planks,
    plant,
    plaster,
    rod,
    sun,
    surroundings,
    wood,
)  # fmt: skip

MEDIUM, PUNCHY, SOFT = "AgX - Medium High Contrast", "AgX - Punchy", "AgX - Base Contrast"


def wall() -> tuple[float, str, float]:
    """An evening wall: plaster, a sideboard, a lamp that glows at the right, dry stalks at the left."""
    empty()
    surroundings("#8fa3c0", 0.05)
    box((-4, 4), (3.2, 3.4), (0, 3), plaster("#b9ada0", "#a99c8e", 0.002))
    box((-4, 4), (3.18, 3.2), (0, 0.12), Material("#e6e0d6", 0.5))
    box((-4, 4), (-2, 3.3), (-0.1, 0), planks("#9a7449", "#7d5a38"))
    sideboard((-1.62, 1.75), (2.72, 3.17), 0.72, 4, "#8a5f3c", "#5f3f27")
    table_lamp((1.18, 2.95, 0.72), 1.22, Material("#d9d2c6", 0.25), 34)
    vase((-1.12, 2.95, 0.72), 1.15, Material("#51595a", 0.35))
    twigs((-1.12, 2.95, 1.02), 0.62, 11, 3, Material("#9b8565", 0.9), Material("#dccbaa", 1.0))
    vase((-0.86, 2.9, 0.72), 0.55, Material("#c48a64", 0.6))
    for k, colour in enumerate(("#e8e0d0", "#35444e", "#94553f")):
        box(
            (0.62 - 0.01 * k, 0.9 - 0.015 * k),
            (2.85, 3.03),
            (0.72 + 0.033 * k, 0.753 + 0.033 * k),
            Material(colour, 0.7),
        )
    picture((-0.78, -0.3), 3.2, (1.33, 1.97), wood("#a57b4d", "#7c5832", 2), "#e6d9c3",
            [(0.5, 0.62, 0.24, "#c26a43"), (0.36, 0.27, 0.17, "#39505a"), (0.7, 0.25, 0.12, "#d8a95d")])  # fmt: skip
    area((-3.4, 0.4, 2.3), (0, 3.2, 1.2), (1.5, 1.5), 34, "#c9d8f5")
    area((0.6, -1.5, 2.6), (0, 3.2, 1.0), (2, 1), 18, "#ffe1bd")
    camera(34)
    return 1.35, MEDIUM, 7


def office() -> tuple[float, str, float]:
    """A light office: daylight from the left, white walls, oak, a desk at the back, plants."""
    empty()
    surroundings("#cfe0f5", 0.35)
    white, oak = plaster("#f0ede7", "#e6e2da", 0.001), wood("#d8b98c", "#bd9a6a", 0)
    box((-2.2, 2.9), (4.2, 4.4), (0, 2.9), white)
    box((2.7, 2.9), (-2, 4.3), (0, 2.9), white)
    box((-4, 4), (-2, 4.4), (2.85, 3.0), Material("#f4f2ee", 0.9))
    box((-4, 4), (-2, 4.4), (-0.1, 0), planks("#cfae82", "#b7946a"))
    # The left wall is glass from the sill up, in slim frames.
    frame = Material("#f2f0ec", 0.4)
    box((-2.1, -2.0), (-2, 4.3), (0, 0.5), white)
    box((-2.1, -2.0), (-2, 4.3), (2.6, 2.9), white)
    for y in (-0.6, 0.6, 1.8, 3.0, 4.14):
        box((-2.08, -2.0), (y, y + 0.06), (0.5, 2.6), frame)
    box((-2.1, -1.9), (-2, 4.25), (0.47, 0.5), oak)
    curtain((0, 0.75), 0, (0.02, 2.7), cloth("#f6f3ec", 0.55), 7, 0.04).rotation_euler = (0, 0, np.pi / 2)
    last = __import__("bpy").context.collection.objects[-1]
    last.location = (-1.9, 3.5, 0)
    outside = Material("#000000")
    view = outside.colours(
        outside.noise(0.35, (1, 1, 0.6), 2, 0.0), [(0.3, "#c9d8bb"), (0.5, "#e6efe2"), (0.7, "#f3f8ff")]
    )
    outside.link(view, "Emission Color")
    outside.set("Emission Strength", 2.6)
    box((-7, -6.9), (-3, 14), (-1, 6), outside, 0).visible_shadow = False
    area((-2.6, 1.9, 1.8), (0, 2.2, 1.0), (4.6, 2.3), 200, "#eaf2ff")
    sun((1.2, 0, -1.05), 2.6, "#ffeacb", 1.2)
    # The desk at the back wall, with a screen, and shelves above it.
    box((-0.3, 1.75), (3.5, 4.2), (0.72, 0.75), oak)
    for x in (-0.22, 1.68):
        for y in (3.56, 4.12):
            rod((x, y, 0), (x, y, 0.72), 0.018, Material("#e9e6e0", 0.4))
    box((0.35, 1.05), (3.9, 3.93), (0.9, 1.3), Material("#191b1e", 0.25), 0.006)
    box((0.62, 0.78), (3.93, 3.97), (0.76, 1.1), Material("#b9bcc0", 0.3, 1))
    box((0.55, 0.85), (3.8, 4.0), (0.75, 0.76), Material("#b9bcc0", 0.3, 1))
    box((0.42, 0.86), (3.6, 3.72), (0.75, 0.765), Material("#e8e8e8", 0.5))
    rng = np.random.default_rng(4)
    for z in (1.62, 2.02):
        box((0.1, 1.9), (3.97, 4.2), (z, z + 0.028), oak, 0.003)
    books((0.15, 0.95), 3.99, 1.648, 0.27, rng)
    books((1.2, 1.85), 3.99, 2.048, 0.27, rng)
    green, stem = cloth("#4d7a3f", 0.25), Material("#6c5a41", 0.8)
    pattern = leaf(green, 0.55)
    soil = pot((0.38, 4.07, 2.048), 0.075, 0.12, Material("#d9cfc0", 0.7))
    plant(soil, 0.2, 16, leaf(cloth("#6b9a52", 0.3), 0.5, 0.9), 0.13, stem, 8, 0.5, 3, 0.1)
    vase((1.55, 4.06, 1.648), 0.62, Material("#e2ddd4", 0.3))
    picture(
        (1.05, 1.4), 4.06, (1.65, 1.97), Material("#22211f", 0.4), "#dfe5e2", [(0.5, 0.5, 0.2, "#7fa196")]
    )
    soil = pot((-1.4, 3.7, 0.0), 0.21, 0.4, Material("#dcd6cc", 0.6))
    plant(soil, 1.45, 22, pattern, 0.33, stem, 5, 0.06, 2, 0.2)
    soil = pot((2.3, 3.6, 0.0), 0.16, 0.3, Material("#a9684a", 0.8))
    plant(soil, 0.75, 12, pattern, 0.26, stem, 9, 0.25, 3, 0.1)
    picture((-0.75, -0.2), 4.2, (1.3, 2.0), Material("#2a2826", 0.4), "#eee9df",
            [(0.45, 0.6, 0.22, "#d9a441"), (0.6, 0.32, 0.2, "#4f6d7a")])  # fmt: skip
    camera(30)
    return 0.35, MEDIUM, 6


def bookshelf() -> tuple[float, str, float]:
    """A wall of books in warm light."""
    empty()
    surroundings("#93a5c0", 0.06)
    rng = np.random.default_rng(21)
    oak = wood("#6e4a2d", "#4a2f1c", 0)
    upright = wood("#6e4a2d", "#4a2f1c", 2)
    box((-4, 4), (3.3, 3.5), (-0.2, 3.2), Material("#4d3320", 0.6))
    box((-5, 5), (-2, 3.4), (-0.3, 0), planks("#8a6239", "#6b4a2a"))
    edges = np.linspace(-2.4, 2.4, 7)
    levels = [0.1, 0.52, 0.9, 1.28, 1.66, 2.04, 2.42]
    for z in levels:
        box((-2.4, 2.4), (2.98, 3.3), (z - 0.026, z), oak, 0.003)
    for x in edges:
        box((x - 0.013, x + 0.013), (2.97, 3.3), (0.05, 2.6), upright, 0.003)
    brass, clay, white = Material("#b08d4f", 0.25, 1), Material("#b5714d", 0.7), Material("#e4ddd0", 0.35)
    stem = Material("#6c5a41", 0.8)
    trailing = leaf(cloth("#5f8a45", 0.3), 0.6, 0.5)
    for row, z in enumerate(levels[:-1]):
        tall = min(0.33, levels[row + 1] - z - 0.05)
        for bay, (left, right) in enumerate(pairwise(edges)):
            left, right, kind = left + 0.02, right - 0.02, (row * 5 + bay * 3) % 11
            middle = (left + right) / 2
            if kind == 3:
                books((left, middle), 3.02, z, tall, rng)
                vase((middle + 0.2, 3.12, z), 0.75, white)
            elif kind == 7:
                books((middle - 0.05, right), 3.02, z, tall, rng)
                soil = pot((left + 0.16, 3.1, z), 0.07, 0.11, clay)
                plant(soil, 0.16, 12, trailing, 0.12, stem, row + bay, 0.6, 4, 0.1)
            elif kind == 5:
                books((left, right - 0.32), 3.02, z, tall, rng)
                picture(
                    (right - 0.28, right - 0.04),
                    3.12,
                    (z, z + 0.29),
                    brass,
                    "#e6ddcb",
                    [(0.5, 0.5, 0.22, "#5d7c80")],
                )
            else:
                books(
                    (left, right - (rng.uniform(0.05, 0.2) if rng.random() < 0.4 else 0)), 3.02, z, tall, rng
                )
    bulb((1.9, 2.2, 1.35), 22, "#ffb469", 0.15)
    area((-1.6, 0.6, 2.6), (-0.4, 3.2, 1.2), (1.2, 0.8), 70, "#ffdcae")
    area((2.6, 0.2, 1.8), (0.8, 3.2, 1.2), (1.0, 1.4), 26, "#d5e2ff")
    camera(36)
    return 0.55, MEDIUM, 7
