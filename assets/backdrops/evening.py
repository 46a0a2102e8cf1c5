"""Two rooms full of small lights, which the lens turns into discs: a café, and a winter's evening at home."""

import math
from typing import Any

import numpy as np
from furniture import pendant, pot
from scene import (
    Material,
    Point,
    again,
    area,
    ball,
    box,
    bricks,
    bulb,
    camera,
    cloth,
    curtain,
    empty,
    glass,
    glow,
    leaf,
    mesh,
    planks,
    plant,
    plaster,
    rod,
    surroundings,
    turned,
    wood,
)  # fmt: skip

MEDIUM = "AgX - Medium High Contrast"


def _lights(rng: np.random.Generator, count: int, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float],
            colours: list[tuple[str, float]], radius: float) -> None:  # fmt: skip
    kinds = [glow(colour, power) for colour, power in colours]
    first = [ball((0, 0, -60), radius, kind) for kind in kinds]
    for _ in range(count):
        at = (rng.uniform(*x), rng.uniform(*y), rng.uniform(*z))
        again(first[int(rng.integers(len(kinds)))], at, size=rng.uniform(0.5, 1.3))


def _chair(at: tuple[float, float], turn: float, material: Material, seat: Material) -> None:
    c, s = math.cos(turn), math.sin(turn)

    def place(a: float, b: float, z: float) -> tuple[float, float, float]:
        return at[0] + c * a - s * b, at[1] + s * a + c * b, z

    for a in (-0.19, 0.19):
        for b in (-0.19, 0.19):
            rod(place(a, b, 0), place(a, b, 0.9 if b > 0 else 0.45), 0.014, material)
    turned([(0, 0.45), (0.24, 0.45), (0.25, 0.465), (0.24, 0.48), (0, 0.48)], seat, (at[0], at[1], 0))
    for z in (0.68, 0.78, 0.88):
        rod(place(-0.19, 0.19, z), place(0.19, 0.19, z), 0.016, material)


def cafe() -> tuple[float, str, float]:
    """A café in the evening: bricks, a counter, hanging lamps, and the lights of a street behind the window."""
    empty()
    surroundings("#6d7fa6", 0.04)
    rng = np.random.default_rng(12)
    dark, oak = wood("#5c3c25", "#3a2415", 0), wood("#9c6b3f", "#74492a", 0)
    box((-5, 5), (-3, 7.5), (-0.1, 0), planks("#7d5a3a", "#5f4229"))
    box((-5, 5), (-3, 7.5), (3.2, 3.3), Material("#2b2724", 0.9))
    box((0.1, 5), (6.4, 6.6), (0, 3.2), bricks("#754436", "#5a3329", "#8a7d70"))
    box((3.3, 3.5), (-3, 6.5), (0, 3.2), bricks("#754436", "#5a3329", "#8a7d70"))
    # The window and its street.
    frame = Material("#1d1c1b", 0.4)
    box((-5, 0.1), (6.4, 6.6), (0, 0.45), dark)
    box((-5, 0.1), (6.4, 6.6), (2.75, 3.2), Material("#2b2724", 0.9))
    for x in (-3.4, -2.25, -1.1, 0.05):
        box((x - 0.03, x + 0.03), (6.42, 6.5), (0.4, 2.8), frame)
    box((-5, 0.1), (6.42, 6.5), (2.1, 2.15), frame)
    box((-14, 8), (26, 26.2), (-1, 10), glow("#3d5688", 0.8), 0)
    for k in range(14):
        left = -14 + 1.5 * k
        box(
            (left, left + 1.4),
            (24, 25),
            (-1, rng.uniform(3, 7)),
            glow(str(rng.choice(["#26324d", "#33405c", "#3a3a48"])), 0.35),
            0,
        )
    street = [
        ("#ffa94d", 9),
        ("#ffc67f", 14),
        ("#ff9a3d", 5),
        ("#ff4a2f", 5),
        ("#ffe3b8", 11),
        ("#86b6ff", 4),
    ]
    _lights(rng, 60, (-10, 1.5), (15, 23), (0.3, 1.9), street, 0.085)
    _lights(rng, 34, (-10, 1.5), (12, 23), (1.9, 5.2), [("#ffb45e", 5), ("#ffd59a", 3), ("#ffa94d", 2)], 0.07)  # fmt: skip
    area((-1.8, 7.4, 1.8), (-1.4, 2, 0.6), (3, 2), 60, "#7f9fe0")
    # The counter, with shelves of bottles in warm light.
    box((0.85, 3.3), (4.6, 5.2), (0, 1.02), dark)
    box((0.75, 3.3), (4.5, 5.25), (1.02, 1.07), oak)
    for z in (1.45, 1.85, 2.25):
        box((0.7, 3.1), (6.15, 6.4), (z, z + 0.03), oak)
        box((0.7, 3.1), (6.37, 6.39), (z - 0.03, z - 0.005), glow("#ffb765", 5), 0)
        at = 0.78
        while at < 3.0:
            colour = str(
                rng.choice(["#5a3a1c", "#27422f", "#d9d2c2", "#7a2d22", "#c79a4b", "#e9e3d8", "#39322c"])
            )
            tall, wide = rng.uniform(0.16, 0.3), rng.uniform(0.028, 0.05)
            shine = Material(colour, 0.12)
            turned([(0, 0), (wide, 0), (wide, tall * 0.6), (wide * 0.35, tall * 0.78), (wide * 0.35, tall), (0, tall)], shine,
                   (at, 6.25, z + 0.03), 20)  # fmt: skip
            at += wide * 2 + rng.uniform(0.005, 0.05)
    steel = Material("#c9ccce", 0.18, 1)
    box((1.5, 2.2), (4.7, 5.1), (1.12, 1.5), steel, 0.03)
    box((1.45, 2.25), (4.65, 5.15), (1.48, 1.53), Material("#26221f", 0.3), 0.01)
    for k in range(9):
        turned(
            [(0.025, 0), (0.04, 0.07), (0.035, 0.07), (0, 0.01)],
            Material("#f0ece4", 0.2),
            (1.55 + 0.075 * k, 4.9, 1.53),
            20,
        )
    board = Material("#1b1f1e", 0.8)
    box((2.2, 3.2), (6.36, 6.4), (2.45, 3.05), board)
    # Tables, chairs, lamps.
    for x, y in ((-1.75, 4.2), (-0.55, 5.4), (-2.7, 5.6), (-1.35, 2.6)):
        turned([(0, 0.72), (0.36, 0.72), (0.37, 0.735), (0.36, 0.75), (0, 0.75)], oak, (x, y, 0))
        rod((x, y, 0), (x, y, 0.72), 0.03, frame)
        turned([(0, 0), (0.22, 0), (0.2, 0.02), (0.03, 0.04)], frame, (x, y, 0))
        for turn in (0.4, 3.4):
            _chair((x + 0.5 * math.sin(turn), y - 0.5 * math.cos(turn)), turn + math.pi, dark, oak)
        turned(
            [(0, 0), (0.03, 0), (0.035, 0.09), (0.032, 0.09), (0, 0.005)],
            glass("#ffe9c8"),
            (x + 0.05, y, 0.75),
            24,
        )
        ball((x + 0.05, y, 0.785), 0.013, glow("#ffb050", 160))
        bulb((x + 0.05, y, 0.8), 1.2, "#ffab5a", 0.02)
    shade = Material("#22261f", 0.35)
    for x, y, z in (
        (-1.75, 4.2, 1.98),
        (-0.55, 5.4, 2.0),
        (-2.7, 5.6, 2.02),
        (1.15, 4.85, 1.95),
        (1.95, 4.85, 1.95),
        (2.75, 4.85, 1.95),
    ):
        pendant((x, y, z), 3.2, 0.17, shade, 90, "#ffb469", 40)
    green = leaf(cloth("#4f7a3c", 0.3), 0.5, 0.6)
    soil = pot((0.42, 6.0, 0.0), 0.2, 0.42, Material("#b3683f", 0.8))
    plant(soil, 1.25, 26, green, 0.32, Material("#6c5a41", 0.8), 5, 0.16, 4, 0.15)
    area((0, 0.5, 3.0), (0.3, 4.5, 0.8), (3, 2), 95, "#ffcf9f")
    area((2.6, 4.0, 2.9), (1.9, 6.4, 1.6), (1.6, 0.8), 32, "#ffc88f")
    camera(40, aim=(0, 3, 1.36))
    return 1.0, MEDIUM, 13


def _twig(material: Material) -> Any:
    """A twig of a fir, 1 long, with needles on all sides: a pattern for again()."""
    rng = np.random.default_rng(0)
    points: list[Any] = []
    faces = []
    for k in range(150):
        t, side = k / 150, rng.uniform(0, 2 * np.pi)
        out = (
            np.array([math.cos(side), 0.8, 0.7 * math.sin(side)])
            * 0.2
            * (1 - 0.55 * t)
            * rng.uniform(0.7, 1.1)
        )
        start, across = np.array([0, t, -0.15 * t * t]), np.array([0.013, 0, 0.008])
        faces.append((len(points), len(points) + 1, len(points) + 2))
        points += [start - across, start + across, start + out]
    made = mesh(points, faces, material)
    made.location = (0, 0, -50)
    return made


def _fir(
    at: Point, high: float, wide: float, twigs: list[Any], count: int, rng: np.random.Generator
) -> list[Point]:
    """A fir tree of twigs. Returns points on its outside."""
    rod(at, (at[0], at[1], at[2] + high * 0.95), 0.012 * high, Material("#3a2a1e", 0.9))
    outside = []
    for k in range(count):
        up, turn = ((k + rng.uniform()) / count) ** 0.85, 2.399963 * k + rng.normal(0, 0.2)
        reach = wide * (1 - up) ** 0.9 + 0.03 * high
        long = min(0.5, max(0.18, reach * 0.6)) * rng.uniform(0.8, 1.2) * high / 2.1
        inner = max(0.0, reach - long * 0.9) * rng.uniform(0.2, 1)
        around = (-math.sin(turn), math.cos(turn))
        z = at[2] + 0.05 + high * up
        again(twigs[int(rng.integers(len(twigs)))], (at[0] + inner * around[0], at[1] + inner * around[1], z),
              (rng.normal(0.25 * up - 0.15, 0.15), rng.normal(0, 0.4), turn), long)  # fmt: skip
        out = inner + long * 0.9
        outside.append((at[0] + out * around[0], at[1] + out * around[1], z - 0.12 * long))
    return outside


def _sky(low: str, high: str, strength: float) -> Material:
    """A surface that shines in one colour below and another above."""
    made = Material("#000000").set("Emission Strength", strength)
    place = made.node("ShaderNodeTexCoord").outputs["Generated"]
    up = made.node("ShaderNodeSeparateXYZ", Vector=place).outputs["Z"]
    made.link(made.colours(up, [(0.1, low), (0.5, high)]), "Emission Color")
    return made


WINDOW = (-1.3, 0.35, 0.98, 2.42)  # left, right, low, high of what is open, in metres, at the depth of:
DEPTH = 3.5


def winter() -> tuple[float, str, float]:
    """A winter's evening: a window on snow at the blue hour, a candle on its sill, a tree with lights at the right."""
    empty()
    surroundings("#90a6cc", 0.05)
    rng = np.random.default_rng(2)
    left, right, low, high = WINDOW
    paint, frame = plaster("#b7a795", "#a99884", 0.0015), Material("#ece7df", 0.45)
    for x, z in (
        ((-4, left), (0, 3)),
        ((right, 4), (0, 3)),
        ((left, right), (0, low)),
        ((left, right), (high, 3)),
    ):
        box(x, (DEPTH, DEPTH + 0.25), z, paint, 0)
    box((-4, 4), (-2, 3.6), (-0.1, 0), planks("#8c6743", "#6d4e31"))
    for x in (left, (left + right) / 2, right):
        box((x - 0.035, x + 0.035), (DEPTH - 0.01, DEPTH + 0.06), (low, high), frame)
    for z in (low, (low * 0.35 + high * 0.65), high):
        box((left - 0.034, right + 0.034), (DEPTH - 0.006, DEPTH + 0.056), (z - 0.03, z + 0.03), frame)
    box((left - 0.12, right + 0.12), (DEPTH - 0.22, DEPTH + 0.05), (low - 0.05, low - 0.02), frame, 0.006)
    # Outside: snow, firs, the lit windows of a house.
    box((-14, 12), (4.2, 24), (0.05, 0.3), glow("#7f9cd0", 0.45), 0)
    box((-20, 16), (30, 30.2), (-2, 16), _sky("#9a95b8", "#4a66a0", 0.8), 0)
    dark = [_twig(glow(colour, 0.4)) for colour in ("#16233c", "#1c2c4a", "#121d33", "#5f7bb0")]
    for x, y, tall in ((-3.9, 20, 4.0), (-2.9, 22, 5.0), (-2.2, 19, 3.2), (-0.2, 18, 4.6), (0.6, 14, 2.8), (-1.1, 21, 3.8),
                       (1.3, 17, 4.4), (-5.3, 18, 4.8), (-6.3, 21, 4.2), (2.2, 19, 5.0), (-1.5, 12, 1.5)):  # fmt: skip
        _fir((x, y, 0.3), tall, tall * 0.24, dark, 150, rng)
    box((-4.6, -2.4), (15.0, 17), (0.2, 1.7), glow("#27314c", 0.4), 0)
    box((-4.9, -2.1), (14.8, 17.2), (1.7, 1.95), glow("#8ea8d8", 0.55), 0)
    for x in (-4.25, -3.55, -2.95):
        box((x, x + 0.3), (14.9, 15.0), (0.75, 1.25), glow("#ffab4a", 3), 0)
    _lights(rng, 7, (-7, 4), (12, 19), (0.7, 1.9), [("#ffb85e", 8), ("#ffd08f", 6)], 0.05)
    area((-0.5, 4.4, 1.9), (-0.4, 2, 0.7), (1.7, 1.5), 46, "#86a6ee")
    # The sill, the curtain, a string of lights.
    for x, tall in ((-1.08, 0.17), (-0.98, 0.11), (-0.18, 0.14)):
        turned(
            [(0, 0), (0.035, 0), (0.035, tall), (0.001, tall)],
            cloth("#efe6d4", 0.4),
            (x, DEPTH - 0.12, low - 0.02),
            24,
        )
        turned(
            [(0.001, 0), (0.008, 0.012), (0.006, 0.03), (0.001, 0.05)],
            glow("#ffb04a", 14),
            (x, DEPTH - 0.12, low - 0.01 + tall),
            12,
        )
        bulb((x, DEPTH - 0.12, low + 0.05 + tall), 1.8, "#ffa850", 0.02)
    linen = cloth("#cbbca6", 0.3)
    curtain((-1.95, -1.3), DEPTH - 0.14, (0.03, 2.62), linen, 6, 0.05, 1)
    curtain((0.35, 0.75), DEPTH - 0.14, (0.03, 2.62), linen, 4, 0.05, 2)
    rod((-2.1, DEPTH - 0.14, 2.62), (0.95, DEPTH - 0.14, 2.62), 0.014, Material("#8c6f42", 0.3, 1))
    spark = ball((0, 0, -60), 0.009, glow("#ffb24f", 26))
    for k in range(34):
        t = k / 33
        sag = 0.06 + 0.1 * abs(math.sin(3 * math.pi * t)) + rng.normal(0, 0.008)
        again(spark, (left + (right - left) * t, DEPTH - 0.03, high - sag))
    needles = [_twig(cloth(colour, 0.1)) for colour in ("#1f3d29", "#284a30", "#19331f")]
    tips = _fir((1.42, 2.9, 0.12), 2.15, 0.78, needles, 1500, rng)
    bright = [
        ball((0, 0, -60), 0.011, glow(colour, power)) for colour, power in (("#ffb95c", 40), ("#ffa63f", 26))
    ]
    baubles = [
        ball((0, 0, -60), 0.042, Material(colour, 0.15, 0.8)) for colour in ("#a32a24", "#c79a4b", "#d8d4cc")
    ]
    for k, tip in enumerate(rng.permutation(np.array(tips))[:150]):
        if k < 110:
            again(bright[k % 2], tuple(tip), size=rng.uniform(0.7, 1.2))
        else:
            again(baubles[k % 3], (tip[0], tip[1], tip[2] - 0.05), size=rng.uniform(0.7, 1.1))
    bulb((1.1, 1.9, 1.2), 7, "#ffb868", 0.3)
    area((0.4, -0.8, 2.6), (0.5, 3.2, 1.0), (2, 1), 48, "#ffdcb8")
    camera(33, aim=(0, 3, 1.3))
    return 0.7, MEDIUM, 9
