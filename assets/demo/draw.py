"""Draw person.png, the person in the demo camera: the head of NASA's portrait, with a drawn jumper.

    python assets/demo/draw.py

A webcam at a desk rarely sees a space suit. The portrait's pixels end at the neck, so nothing of the suit, the helmet
or the photograph's background is left. person.png has straight (not premultiplied) BGR and an exact alpha.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

HERE = Path(__file__).parent
SIZE = 512  # of the portrait; all coordinates below are its pixels
FINE = 4  # shapes are drawn larger by this factor, then reduced
BOTTOM = 360
ORANGE = (62.0, 98.0, 206.0)  # BGR of the wool in full light
BLACK = (30.0, 27.0, 28.0)  # BGR of the polo neck

NECK = [
    (150, 0),
    (312, 0),
    (312, 138),
    (262, 150),
    (256, 168),
    (255, 200),
    (186, 200),
    (185, 148),
    (150, 130),
]
POLO = [
    (186.5, 181),
    (200, 185.5),
    (215, 188),
    (228, 190.5),
    (240, 190.5),
    (255.5, 184),
    (262, 236),
    (180, 236),
]
# The jumper's outline, down the left side and up the right one: shoulder, then sleeve.
LEFT = [(182, 198), (168, 207), (144, 217), (116, 229), (94, 246), (79, 276), (70, 318), (64, 372)]
RIGHT = [(378, 372), (371, 318), (360, 278), (343, 248), (321, 230), (295, 217), (274, 207), (260, 198)]
# The front of the collar: its upper and its lower edge, from left to right.
UPPER = [(182, 197), (186, 207), (199, 216), (221, 221), (243, 216), (256, 207), (260, 197)]
LOWER = [(176, 200), (179, 213), (195, 227), (221, 234), (247, 227), (263, 213), (266, 200)]
# Creases: their path, width, and how dark (+) or light (-) they are.
CREASES = [
    ([(118, 372), (119, 335), (125, 306), (136, 286)], 3.6, 0.24),
    ([(128, 372), (130, 336), (137, 306)], 5.0, -0.09),
    ([(326, 372), (325, 335), (318, 304), (305, 282)], 3.6, 0.28),
    ([(316, 372), (314, 338), (306, 308)], 5.0, -0.09),
    ([(139, 288), (152, 300), (172, 306)], 6.0, 0.09),
    ([(302, 286), (284, 300), (262, 303)], 6.0, 0.11),
    ([(134, 300), (146, 322), (166, 334)], 7.0, 0.08),
    ([(306, 302), (290, 324), (268, 340)], 7.0, 0.09),
    ([(106, 248), (110, 280), (105, 330)], 7.0, -0.09),
    ([(156, 226), (172, 244), (190, 252)], 7.0, 0.07),
    ([(286, 226), (272, 246), (254, 254)], 7.0, 0.08),
    ([(72, 316), (86, 323), (104, 318)], 4.0, 0.10),
    ([(370, 308), (354, 318), (338, 314)], 4.0, 0.11),
]


def curve(points: list[tuple[float, float]], steps: int = 16) -> NDArray[np.float32]:
    """A smooth line through points (Catmull-Rom), as (N, 2) x, y."""
    given = np.array([points[0], *points, points[-1]], np.float32)
    found = []
    for a, b, c, d in zip(given, given[1:], given[2:], given[3:], strict=False):
        for t in np.linspace(0, 1, steps, endpoint=False, dtype=np.float32):
            found.append(
                0.5
                * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            )
    return np.array([*found, given[-1]], np.float32)


def filled(outline: NDArray[np.float32]) -> Plane:
    """How much of each pixel lies inside an outline, (SIZE, SIZE) from 0 to 1."""
    large = np.zeros((SIZE * FINE, SIZE * FINE), np.uint8)
    cv2.fillPoly(large, [np.round(outline * FINE).astype(np.int32)], 255)
    return np.asarray(cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.float32) / 255


def soft(plane: NDArray[np.float32], by: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), by), np.float32)


def wool(random: np.random.Generator, front: Plane, collar: Plane) -> Plane:
    """Brightness of the jumper at each pixel, around 1: its shape, creases and stitches."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    turned = np.clip(soft(front, 15) * 2 - 1, 0, 1)  # 0 at the outline, where the wool turns away, 1 inside
    light = 0.62 + 0.40 * turned**0.7
    light *= 1.06 - 0.16 * np.clip((x - 120) / 240, 0, 1) - 0.14 * np.clip((y - 250) / 110, 0, 1)
    for points, width, dark in CREASES:
        line = np.zeros((SIZE, SIZE), np.float32)
        cv2.polylines(
            line, [np.round(curve(points) * 16).astype(np.int32)], False, 1.0, 2, cv2.LINE_AA, shift=4
        )
        line = soft(line, width)
        light *= 1 - dark * line / line.max()
    shadow = filled(curve([(176, 200), (198, 232), (221, 243), (246, 238), (270, 204), (221, 180)]))
    light *= 1 - 0.30 * soft(shadow, 9)  # of the chin and the collar
    ribs = np.sin(np.arctan2(y - 140, x - 221) * 150)
    stitches = 0.016 * np.sin(x * 2.1 + 0.8 * np.sin(y * 2.4)) + 0.03 * soft(
        random.normal(0, 1, (SIZE, SIZE)).astype(np.float32), 0.8
    )
    light *= 1 + np.where(collar > 0.5, 0.045 * ribs, stitches)
    edge = soft(collar, 1.6)
    light *= 1 - 0.22 * np.where(collar > 0.5, 0, edge * 2) + np.where(collar > 0.5, 0.10 * (edge - 0.5), 0)
    return np.asarray(light, np.float32)


def draw() -> NDArray[np.uint8]:
    """The person, (BOTTOM, SIZE, 4) uint8: BGR and alpha."""
    random = np.random.default_rng(11)
    portrait = cv2.imread(str(HERE / "astronaut.png")).astype(np.float32)
    known = cv2.imread(str(HERE / "astronaut.alpha.png"), cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
    head = known * soft(filled(np.array(NECK, np.float32)), 0.5)
    # Half-transparent hair shows the wall of the photograph, so take its colour from inside the head.
    solid = (head > 0.94).astype(np.float32)
    near = soft(portrait * solid[..., None], 3) / (soft(solid, 3)[..., None] + 1e-3)
    colours = np.where(solid[..., None] > 0, portrait, near)

    polo = soft(filled(np.array(POLO, np.float32)), 0.7)
    upper, lower = curve(UPPER), curve(LOWER)
    collar = filled(np.concatenate([upper, lower[::-1]]))
    body = filled(np.concatenate([curve(LEFT), curve(RIGHT), upper[::-1]]))
    front = np.maximum(body, collar)
    folds = 1 + 0.9 * soft(random.normal(0, 1, (SIZE, SIZE)).astype(np.float32), 3)
    x = np.arange(SIZE, dtype=np.float32)
    folds *= 1.15 - 0.55 * np.clip(np.abs(x - 214) / 44, 0, 1) ** 2  # round, as the neck is
    black = np.array(BLACK, np.float32) * folds[..., None]
    light = wool(random, front, soft(collar, 0.5))
    orange = np.clip(np.array(ORANGE, np.float32) * light[..., None], 0, 255)

    alpha = head
    for layer, cover in ((black, polo), (orange, soft(front, 0.6))):
        colours = colours * (1 - cover[..., None]) + layer * cover[..., None]
        alpha = np.maximum(alpha, cover)
    # Continue the jumper's colour beyond its edge, so that the original pixels there do not mix in.
    outside = (alpha < 0.98) & (soft(front, 2) > 0.02) & (head < 0.02)
    colours[outside] = orange[outside]
    return np.dstack([np.clip(colours, 0, 255), alpha * 255]).round().astype(np.uint8)[:BOTTOM]


def main() -> None:
    person = draw()
    person[person[..., 3] == 0] = 0
    cv2.imwrite(str(HERE / "person.png"), person, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
