"""Leaves for the built-in pictures: by the hundred, as a potted palm, as the shadow of a branch."""

import cv2
import numpy as np
from light import HEIGHT, WIDTH, Picture, Plane, colour, shape


def leaf(size: int, width: float, bend: float) -> tuple[Picture, Plane]:
    """One leaf that points to the right: its shade, (size, size) float32 about 1, and its coverage."""
    down, across = np.mgrid[0:size, 0:size].astype(np.float32) / size
    along = np.clip((across - 0.04) / 0.92, 0, 1)
    middle = 0.5 + bend * (along - 0.5) ** 2 - bend * 0.12
    half = 0.5 * width * np.maximum(np.sin(np.pi * along**0.72), 0) ** 0.85
    offset = down - middle
    coverage = np.clip((half - np.abs(offset)) * size / 2, 0, 1) * (across > 0.04) * (across < 0.96)
    side = np.where(offset < 0, 1.12, 0.80)
    rib = 1 + 0.5 * np.exp(-((offset / 0.008) ** 2))
    veins = 1 + 0.04 * np.sin(60 * (along - 1.2 * np.abs(offset)))
    shade = side * rib * veins * (0.75 + 0.35 * along)
    return shade.astype(np.float32), coverage.astype(np.float32)


def paste(
    paint: Picture,
    cover: Plane,
    drawn: tuple[Picture, Plane],
    at: tuple[float, float],
    angle: float,
    size: float,
    tint: Picture,
) -> None:
    """Lay a leaf, turned by angle in degrees about its stalk, on paint and cover, in place."""
    shade, coverage = drawn
    pixels = shade.shape[0]
    scale = size * WIDTH / pixels
    turn = cv2.getRotationMatrix2D((0.04 * pixels, 0.5 * pixels), angle, scale)
    reach = int(size * WIDTH * 1.15) + 2
    turn[:, 2] += np.array([reach - 0.04 * pixels, reach - 0.5 * pixels])
    box = (2 * reach, 2 * reach)
    shade = cv2.warpAffine(shade, turn, box, flags=cv2.INTER_AREA)
    coverage = cv2.warpAffine(coverage, turn, box, flags=cv2.INTER_AREA)
    left, top = round(at[0] * WIDTH) - reach, round(at[1] * WIDTH) - reach
    a, b, c, d = max(left, 0), min(left + box[0], WIDTH), max(top, 0), min(top + box[1], HEIGHT)
    if a >= b or c >= d:
        return
    shade, coverage = (part[c - top : d - top, a - left : b - left] for part in (shade, coverage))
    into, under = paint[c:d, a:b], cover[c:d, a:b]
    into += (shade[..., None] * tint - into) * coverage[..., None]
    under += (1 - under) * coverage


def empty() -> tuple[Picture, Plane]:
    return np.zeros((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)


def foliage(
    rng: np.random.Generator, count: int, size: float, low: Picture, high: Picture
) -> tuple[Picture, Plane]:
    """Leaves all over the picture, hanging in tufts; colours between low and high."""
    paint, cover = empty()
    kinds = [
        leaf(160, width, bend) for width, bend in ((0.30, 0.2), (0.42, -0.15), (0.36, 0.35), (0.20, 0.4))
    ]
    for _ in range(count // 5):
        root = (rng.uniform(-0.05, 1.05), rng.uniform(-0.08, HEIGHT / WIDTH))
        kind, mood, lean = kinds[rng.integers(len(kinds))], rng.uniform(0, 1), rng.uniform(-110, -70)
        for angle in np.linspace(-75, 75, 5) + rng.uniform(-12, 12, 5):
            warm = np.array([0.85, 1.0, 1.12], np.float32) if rng.random() < 0.25 else np.ones(3, np.float32)
            tint = (low + (high - low) * np.clip(mood + rng.uniform(-0.25, 0.25), 0, 1)) * warm
            paste(
                paint, cover, kind, root, lean + angle, size * rng.uniform(0.75, 1.3), tint.astype(np.float32)
            )
    return paint, cover


def palm(rng: np.random.Generator, root: tuple[float, float], length: float) -> tuple[Picture, Plane]:
    """A potted palm that grows from root: arching stems with leaflets on both sides."""
    paint, cover = empty()
    leaflet = leaf(160, 0.12, 0.25)
    for lean in rng.permutation(np.linspace(-62, 62, 11)) + rng.uniform(-5, 5, 11):
        mood, steps = rng.uniform(0.55, 1.1), 22
        reach = length * rng.uniform(0.8, 1.1) * (1 - 0.25 * abs(lean) / 62)
        x, y = root
        for i in range(steps):
            t = i / (steps - 1)
            heading = np.radians(90 - lean * (0.35 + 1.05 * t**1.6))
            x1, y1 = x + reach / steps * np.cos(heading), y - reach / steps * np.sin(heading)
            stem = shape([(x - 0.0013, y), (x + 0.0013, y), (x1 + 0.0012, y1), (x1 - 0.0012, y1)])
            paint += (colour("#56733f") * mood - paint) * stem[..., None]
            np.maximum(cover, stem, out=cover)
            x, y = x1, y1
            if t < 0.30:
                continue
            for side in (-1, 1):
                tint = colour("#6a9455") * mood * rng.uniform(0.75, 1.2)
                size = length * 0.34 * (1.15 - 0.75 * t) * min(1, 6 * (t - 0.24)) * rng.uniform(0.85, 1.1)
                angle = np.degrees(heading) + side * (52 - 26 * t) + rng.uniform(-5, 5)
                paste(paint, cover, leaflet, (x, y), angle, size, tint.astype(np.float32))
    return paint, cover


def branch_shadow(rng: np.random.Generator) -> Plane:
    """Where the leaves of a branch outside keep the sun from the wall."""
    paint, cover = empty()
    blade, white = leaf(160, 0.30, 0.25), np.ones(3, np.float32)
    for x0, y0, heading, length in (
        (0.98, 0.10, 196, 0.46),
        (1.02, 0.36, 172, 0.42),
        (0.90, 0.60, 128, 0.40),
    ):
        x, y, steps = x0, y0, 13
        for i in range(steps):
            turn = np.radians(heading + 26 * (i / steps) ** 1.5)
            x1, y1 = x + length / steps * np.cos(turn), y - length / steps * np.sin(turn)
            cover[:] = np.maximum(cover, shape([(x, y), (x1, y1), (x1, y1 + 0.003), (x, y + 0.003)]))
            x, y = x1, y1
            for side in (-1, 1):
                angle = np.degrees(turn) + side * rng.uniform(30, 58)
                paste(paint, cover, blade, (x, y), angle, rng.uniform(0.065, 0.095), white)
    return cover
