"""What stands in the rooms."""

import math
from itertools import pairwise

import numpy as np
from scene import Material, Point, ball, box, bulb, cloth, glow, mesh, rod, turned, wood

SPINES = (
    "#e9e2d3", "#d8cdb8", "#f2efe8", "#2d3a4a", "#1f2a38", "#6b2b2b", "#8a3b2e", "#3c5145", "#56705f", "#c2903f",
    "#a9763a", "#3a3634", "#575250", "#7d8a94", "#b5aca0", "#27474e", "#93513c", "#cbb79a", "#4a4f6a", "#ded6c8",
)  # fmt: skip


def books(x: tuple[float, float], y: float, z: float, tall: float, rng: np.random.Generator) -> None:
    """A row of books whose spines face the camera at y, from x[0] until x[1] is reached; some are leaning or lie."""
    foil, paper = Material("#c9a45c", 0.35, 0.8), Material("#efe7d6", 0.8)
    at = x[0] + rng.uniform(0, 0.02)
    while at < x[1] - 0.06:
        if rng.random() < 0.06 and x[1] - at > 0.32:  # a pile of lying books
            level, wide = z, rng.uniform(0.2, 0.26)
            for _ in range(rng.integers(2, 5)):
                thick, inset = rng.uniform(0.02, 0.045), rng.uniform(0, 0.03)
                colour = Material(str(rng.choice(SPINES)), rng.uniform(0.5, 0.8))
                box((at + inset, at + wide - inset / 2), (y, y + 0.17), (level, level + thick), colour, 0.003)
                level += thick
            at += wide + 0.02
            continue
        shelfmates = int(rng.integers(1, 5)) if rng.random() < 0.35 else 1  # volumes of one edition
        thick, high = rng.uniform(0.016, 0.048), tall * rng.uniform(0.66, 0.97)
        colour = Material(str(rng.choice(SPINES)), rng.uniform(0.45, 0.85))
        banded, push = rng.random() < 0.6, rng.uniform(0, 0.03)
        trim = foil if rng.random() < 0.55 else paper
        for _ in range(shelfmates):
            if at + thick > x[1]:
                return
            lean = rng.normal(0, 0.012)
            parts = [
                box((at, at + thick), (y + push, y + 0.19), (z, z + high), colour, min(0.006, thick / 3))
            ]
            if banded:
                for low, up in ((0.82, 0.835), (0.12, 0.135)):
                    parts.append(box((at + 0.0015, at + thick - 0.0015), (y + push - 0.001, y + 0.1),
                                     (z + high * low, z + high * up), trim, 0))  # fmt: skip
                parts.append(box((at + thick * 0.3, at + thick * 0.7), (y + push - 0.001, y + 0.1),
                                 (z + high * 0.35, z + high * rng.uniform(0.5, 0.75)), trim, 0))  # fmt: skip
            for part in parts:
                part.rotation_euler = (0, lean, 0)
            at += thick + 0.0015
        at += rng.uniform(0.05, 0.12) if rng.random() < 0.07 else 0.0005


def table_lamp(at: Point, size: float, foot: Material, power: float, warm: str = "#ffb469") -> None:
    """A lamp with a turned foot and a shade of cloth that glows."""
    x, y, z = at
    profile = [(0, 0), (0.075, 0), (0.078, 0.012), (0.05, 0.03), (0.085, 0.1), (0.1, 0.16), (0.08, 0.22), (0.03, 0.27),
               (0.014, 0.29), (0.012, 0.36)]  # fmt: skip
    turned([(r * size, h * size) for r, h in profile], foot, at)
    shade = cloth("#f3dfc0", 0.62)
    turned([(0.19 * size, 0.32 * size), (0.13 * size, 0.58 * size)], shade, at, 64)
    bulb((x, y, z + 0.43 * size), power, warm, 0.035 * size)
    ball((x, y, z + 0.43 * size), 0.028 * size, glow(warm, 30))


def pendant(at: Point, ceiling: float, radius: float, shade: Material, power: float, warm: str = "#ffb469",
            bright: float = 60) -> None:  # fmt: skip
    """A lamp that hangs from the ceiling; at is the middle of its bulb."""
    x, y, z = at
    cord = Material("#1c1a18", 0.5)
    rod((x, y, z + radius * 0.6), (x, y, ceiling), 0.004, cord)
    turned([(radius, -radius * 0.25), (radius * 0.93, 0.05 * radius), (radius * 0.6, 0.5 * radius),
            (radius * 0.15, 0.68 * radius), (0.012, 0.75 * radius)], shade, at, 48)  # fmt: skip
    ball(at, 0.035, glow(warm, bright))
    bulb((x, y, z - radius * 0.3), power, warm, 0.05)


def picture(x: tuple[float, float], y: float, z: tuple[float, float], frame: Material, ground: str,
            shapes: list[tuple[float, float, float, str]]) -> None:  # fmt: skip
    """A framed print on a wall whose surface is at y: round shapes (across, up, radius, colour), 0 to 1 of its width."""
    wide, edge, mount = x[1] - x[0], 0.018, 0.06 * (x[1] - x[0]) + 0.02
    for left, right, low, up in (
        (x[0], x[1], z[0], z[0] + edge), (x[0], x[1], z[1] - edge, z[1]),
        (x[0], x[0] + edge, z[0], z[1]), (x[1] - edge, x[1], z[0], z[1]),
    ):  # fmt: skip
        box((left, right), (y - 0.03, y), (low, up), frame, 0.002)
    box((x[0] + edge, x[1] - edge), (y - 0.015, y), (z[0] + edge, z[1] - edge), Material("#f4f1ea", 0.9), 0)
    inner = (x[0] + mount, x[1] - mount, z[0] + mount, z[1] - mount)
    box(inner[:2], (y - 0.016, y), inner[2:], Material(ground, 0.9), 0)
    for layer, (across, up, radius, colour) in enumerate(shapes):
        cx, cz, r = x[0] + across * wide, z[0] + up * (z[1] - z[0]), radius * wide
        turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        ring = [(np.clip(cx + r * math.cos(a), *inner[:2]), y - 0.0165 - 0.0004 * layer,
                 np.clip(cz + r * math.sin(a), *inner[2:])) for a in turn]  # fmt: skip
        mesh(ring, [list(range(64))], Material(colour, 0.9))


def pot(at: Point, radius: float, high: float, material: Material) -> Point:
    """A flower pot. Returns the middle of its soil."""
    x, y, z = at
    turned(
        [(0, 0), (radius * 0.72, 0), (radius, high), (radius * 0.93, high), (radius * 0.9, high * 0.9)],
        material,
        at,
    )
    turned([(radius * 0.92, high * 0.9), (0.001, high * 0.92)], Material("#2b211a", 1.0), at)
    return x, y, z + high * 0.9


def vase(at: Point, size: float, material: Material) -> None:
    profile = [(0, 0), (0.045, 0), (0.075, 0.06), (0.085, 0.12), (0.06, 0.2), (0.03, 0.26), (0.026, 0.31), (0.034, 0.33),
               (0.028, 0.32)]  # fmt: skip
    turned([(r * size, h * size) for r, h in profile], material, at)


def twigs(at: Point, high: float, count: int, seed: int, material: Material, tuft: Material | None) -> None:
    """Dry stalks in a vase, with tufts at their ends."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        lean = rng.normal(0, 0.28, 2)
        path = [(at[0] + lean[0] * t * t * high, at[1] + lean[1] * t * t * high, at[2] + high * t)
                for t in np.linspace(0, rng.uniform(0.7, 1), 6)]  # fmt: skip
        for start, end in pairwise(path):
            rod(start, end, 0.0022, material)
        if tuft is not None:
            for t in np.linspace(0.55, 1, 9):
                k = min(4, int(t * 5))
                mixed = np.array(path[k]) * (1 - (t * 5 - k)) + np.array(path[min(5, k + 1)]) * (t * 5 - k)
                ball(tuple(mixed + rng.normal(0, 0.008, 3)), 0.012 * (1.2 - 0.5 * t), tuft)


def sideboard(
    x: tuple[float, float], y: tuple[float, float], top: float, doors: int, light: str, dark: str
) -> None:
    """A low cupboard on legs."""
    body, front = wood(light, dark, 0), wood(light, dark, 2)
    legs, gap = Material("#2a2522", 0.5), 0.003
    box(x, y, (top - 0.025, top), body, 0.003)
    box((x[0] + 0.004, x[1] - 0.004), (y[0] + 0.03, y[1]), (0.2, top - 0.025), body, 0.002)
    wide = (x[1] - x[0] - 0.02) / doors
    for k in range(doors):
        left = x[0] + 0.01 + k * wide
        box((left + gap, left + wide - gap), (y[0] + 0.01, y[0] + 0.03), (0.205, top - 0.03), front, 0.002)
        rod(
            (left + wide * 0.44, y[0], top - 0.1),
            (left + wide * 0.56, y[0], top - 0.1),
            0.005,
            Material("#8d7350", 0.3, 1),
        )
    for at in (x[0] + 0.08, x[1] - 0.08):
        for deep in (y[0] + 0.06, y[1] - 0.06):
            rod((at, deep, 0.2), (at, deep, 0), 0.015, legs)
