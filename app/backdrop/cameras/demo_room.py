"""The room of the demo camera, drawn by code: window, curtains, shelves, plant, lamp, door."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (H, W, 3) BGR, 0 black to 1 white
Colour = tuple[float, float, float]  # BGR, 0 to 1

WIDTH, HEIGHT = 1600, 900  # of the drawing below


def draw_room(width: int, height: int) -> NDArray[np.uint8]:
    """The room as (height, width, 3) uint8 BGR, cropped from its middle. Always the same."""
    return _cover(_whole_room(), width, height)


@lru_cache(maxsize=1)
def _whole_room() -> NDArray[np.uint8]:
    """Takes half a second, so it is cached: the demo camera is opened again whenever its settings change."""
    random = np.random.default_rng(7)
    room = _wall(random)
    _door(room)
    _window(room, random)
    _shelf(room, random, top=470)
    _picture_on_the_wall(room)
    _sideboard(room, random)
    _plant(room, random)
    _lamp(room)
    # A webcam focuses on the person, not on the wall.
    room = np.asarray(cv2.GaussianBlur(room, (0, 0), 1.6), np.float32)
    dirt = 255 * (_grain(random, 1, 0.008) + _vignette())
    pixels = cv2.merge([_levels(255 * plane + dirt) for plane in cv2.split(room)])
    pixels.setflags(write=False)
    return pixels


def _levels(plane: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(plane, 0, 255).astype(np.uint8)


def _cover(room: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    scale = max(width / WIDTH, height / HEIGHT)
    wide, high = max(round(WIDTH * scale), width), max(round(HEIGHT * scale), height)
    sized = cv2.resize(room, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (wide - width) // 2, (high - height) // 2
    return np.ascontiguousarray(sized[top : top + height, left : left + width])


def _grain(random: np.random.Generator, size: int, strength: float) -> NDArray[np.float32]:
    """Noise, (HEIGHT, WIDTH). size: of a grain, in pixels."""
    small = random.normal(0, strength, (HEIGHT // size + 2, WIDTH // size + 2)).astype(np.float32)
    grown = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(grown, np.float32)


def _vignette() -> NDArray[np.float32]:
    """How much darker the corners are, (HEIGHT, WIDTH)."""
    rows = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :]
    far = rows**2 * np.float32(0.5) + columns**2 * np.float32(0.7)
    return np.maximum(far - np.float32(0.3), 0) * np.float32(-0.10)


def _fill(room: Picture, points: list[tuple[float, float]], colour: Colour) -> None:
    corners = np.round(np.array(points) * 16).astype(np.int32)
    cv2.fillPoly(room, [corners], colour, cv2.LINE_AA, shift=4)


def _box(room: Picture, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    _fill(room, [(left, top), (right, top), (right, bottom), (left, bottom)], colour)


def _shade(room: Picture, left: int, top: int, right: int, bottom: int, soft: float, by: float) -> None:
    """Draw a soft shadow over a box. by: 0 is none, 1 is black."""
    edge = round(soft * 3)
    shadow = np.zeros((bottom - top + 2 * edge, right - left + 2 * edge), np.float32)
    shadow[edge:-edge, edge:-edge] = 1
    shadow = np.asarray(cv2.GaussianBlur(shadow, (0, 0), soft), np.float32)
    rows, columns = slice(max(top - edge, 0), bottom + edge), slice(max(left - edge, 0), right + edge)
    part = room[rows, columns]
    over, aside = rows.start - (top - edge), columns.start - (left - edge)
    part *= 1 - by * shadow[over : over + part.shape[0], aside : aside + part.shape[1], None]


def _wall(random: np.random.Generator) -> Picture:
    columns = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :]
    rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
    light = 1.16 - 0.36 * columns - 0.10 * np.abs(rows - 0.35)
    plaster = _grain(random, 3, 0.008) + _grain(random, 40, 0.010) + _grain(random, 160, 0.016)
    # Light from the window: two slanted warm patches on the wall to the right of it.
    patch = np.zeros((HEIGHT, WIDTH), np.float32)
    for left in (520, 640):
        _fill(patch, [(left, 290), (left + 96, 318), (left + 96, 590), (left, 540)], (1.0, 1.0, 1.0))
    glow = cv2.GaussianBlur(patch, (0, 0), 9)
    colours = ((0.63, 0.10), (0.70, 0.20), (0.73, 0.26))
    # Plane by plane, here and below: NumPy takes three times as long for interleaved colours.
    return cv2.merge([(paint * light + plaster) * (1 + glow * warm) for paint, warm in colours])


def _window(room: Picture, random: np.random.Generator) -> None:
    left, top, right, bottom = 90, 90, 430, 560
    _shade(room, left - 24, top - 10, right + 34, bottom + 40, 14, 0.22)
    _box(room, left - 26, top - 26, right + 26, bottom + 26, (0.80, 0.84, 0.86))
    outside = np.zeros((bottom - top, right - left, 3), np.float32)
    sky = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None, None]
    outside += (1 - sky) * np.array((0.98, 0.90, 0.80), np.float32) + sky * np.array(
        (0.86, 0.93, 1.0), np.float32
    )
    for _ in range(170):  # trees, far out of focus
        x, y = int(random.integers(-20, right - left + 20)), int(random.normal(410, 55))
        green = 0.28 + 0.30 * random.random()
        cv2.circle(
            outside,
            (x, y),
            int(random.integers(18, 44)),
            (green * 0.55, green, green * 0.72),
            -1,
            cv2.LINE_AA,
        )
    room[top:bottom, left:right] = cv2.GaussianBlur(outside, (0, 0), 9)
    frame_colour = (0.74, 0.79, 0.81)
    _box(room, (left + right) / 2 - 9, top, (left + right) / 2 + 9, bottom, frame_colour)
    _box(room, left, 268, right, 280, frame_colour)
    _shade(room, left, top, right, top + 8, 5, 0.25)
    _box(room, left - 52, bottom + 26, right + 52, bottom + 52, (0.82, 0.86, 0.88))
    _shade(room, left - 48, bottom + 52, right + 48, bottom + 66, 6, 0.35)
    _curtain(room, 0, 130)
    _curtain(room, 400, 505)


def _curtain(room: Picture, left: int, right: int) -> None:
    """Cloth in folds, from its rail to the floor."""
    across = np.arange(right - left, dtype=np.float32)
    folds = 0.5 + 0.5 * np.sin(across / 8.5 + 0.7 * np.sin(across / 23))
    cloth = np.array((0.52, 0.50, 0.43), np.float32) * (0.62 + 0.50 * folds)[None, :, None]
    fall = np.linspace(1.08, 0.78, HEIGHT - 50, dtype=np.float32)[:, None, None]
    _shade(room, left + 8, 60, right + 16, HEIGHT, 10, 0.20)
    room[50:, left:right] = cloth * fall
    _box(room, left, 40, right, 52, (0.20, 0.24, 0.28))


def _shelf(room: Picture, random: np.random.Generator, top: int) -> None:
    left, right = 1060, 1340
    _shade(room, left + 6, top + 14, right + 10, top + 58, 14, 0.38)
    x = left + 14.0
    while x < right - 40:
        if random.random() < 0.12:
            x += float(random.integers(16, 44))
            continue
        thick, high = float(random.integers(13, 30)), float(random.integers(84, 140))
        lean = float(random.choice([0, 0, 0, 0, 7]))
        cloth = random.uniform(0.14, 0.62, 3) * np.array((1.0, 0.92, 0.88))
        _book(room, x, top, thick, high, lean, cloth)
        x += thick + 1.5 + lean
    _box(room, left, top, right, top + 20, (0.26, 0.38, 0.50))
    _box(room, left, top, right, top + 4, (0.36, 0.50, 0.63))


def _book(
    room: Picture, x: float, bottom: float, thick: float, high: float, lean: float, cloth: NDArray[np.float64]
) -> None:
    strips = 6
    for strip in range(strips):  # a spine is round, so it darkens to both sides
        dark = 1.08 - 0.42 * abs((strip + 0.4) / strips - 0.5) * 2
        a, b = x + thick * strip / strips, x + thick * (strip + 1) / strips + 0.6
        blue, green, red = (float(value * dark) for value in cloth)
        _fill(
            room,
            [(a + lean, bottom - high), (b + lean, bottom - high), (b, bottom), (a, bottom)],
            (blue, green, red),
        )
    pale = 0.72
    y = bottom - high * 0.8
    along = lean * 0.8
    _box(room, x + along + 2, y, x + along + thick - 2, y + 5, (pale * 0.75, pale * 0.9, pale))


def _picture_on_the_wall(room: Picture) -> None:
    left, top, right, bottom = 1075, 86, 1325, 262  # aside: a frame behind hair looks like a part of it
    _shade(room, left + 6, top + 8, right + 14, bottom + 16, 9, 0.35)
    _box(room, left, top, right, bottom, (0.16, 0.19, 0.22))
    _box(room, left + 9, top + 9, right - 9, bottom - 9, (0.86, 0.89, 0.90))
    inner = room[top + 34 : bottom - 34, left + 38 : right - 38]
    high, wide = inner.shape[:2]
    fade = np.linspace(0, 1, high, dtype=np.float32)[:, None, None]
    inner[:] = (1 - fade) * np.array((0.72, 0.66, 0.50), np.float32) + fade * np.array(
        (0.66, 0.78, 0.88), np.float32
    )
    for step, (level, dark) in enumerate(
        [(0.55, 0.62), (0.68, 0.46), (0.84, 0.30)]
    ):  # hills, one behind another
        x = np.arange(wide)
        ridge = high * level - 9 * np.sin(x / (21 + 9 * step) + 2 * step) - 4 * np.sin(x / 9 + step)
        points = [
            (0.0, float(high)),
            *zip(x.astype(float), ridge.astype(float), strict=True),
            (float(wide), float(high)),
        ]
        _fill(inner, points, (dark * 0.92, dark * 0.86, dark * 0.66))


def _door(room: Picture) -> None:
    left, top = 1390, 70
    _shade(room, left - 14, top - 10, WIDTH, HEIGHT, 12, 0.18)
    _box(room, left - 22, top - 22, WIDTH, HEIGHT, (0.55, 0.60, 0.63))
    _box(room, left, top, WIDTH, HEIGHT, (0.47, 0.53, 0.56))
    for low, high in ((top + 50, 420), (470, 830)):
        _box(room, left + 44, low, WIDTH + 10, high, (0.38, 0.44, 0.47))
        _box(room, left + 50, low + 6, WIDTH + 10, high, (0.50, 0.56, 0.59))
        _box(room, left + 58, low + 14, WIDTH + 10, high - 8, (0.45, 0.51, 0.54))
    _box(room, left + 12, 452, left + 30, 520, (0.42, 0.52, 0.58))
    _box(room, left + 16, 470, left + 78, 481, (0.55, 0.66, 0.72))
    _shade(room, left + 18, 482, left + 80, 490, 3, 0.35)


def _sideboard(room: Picture, random: np.random.Generator) -> None:
    left, top, right = 830, 690, 1400
    _shade(room, left - 12, top - 6, right + 14, HEIGHT, 16, 0.40)
    wood = np.array((0.24, 0.35, 0.47), np.float32)
    grain = cv2.GaussianBlur(
        random.normal(0, 1, (HEIGHT - top, right - left)).astype(np.float32), (0, 0), 42, sigmaY=1
    )
    room[top:HEIGHT, left:right] = wood * (0.92 + 0.9 * grain[..., None])
    room[top : top + 14, left:right] *= 1.35
    for edge in (left + 190, left + 380):
        _box(room, edge - 2, top + 20, edge + 2, HEIGHT, (0.09, 0.13, 0.18))
    _shade(room, left, top + 14, right, top + 30, 6, 0.30)


def _plant(room: Picture, random: np.random.Generator) -> None:
    middle, bottom = 985.0, 690.0
    _shade(room, 942, 676, 1048, 700, 8, 0.35)
    leaves = sorted(random.uniform(-1, 1, 34), key=abs, reverse=True)
    for turn in leaves:  # the outer ones first, so that the inner ones lie over them
        length = 200 * (0.55 + 0.45 * random.random()) * (1 - 0.25 * abs(turn))
        along = np.linspace(0, 1, 14)
        x = middle + turn * 26 + length * (turn * 0.95) * along**1.3
        y = bottom - 78 - length * along + length * 0.75 * abs(turn) * along**2.2
        wide = 13 * np.sin(np.pi * np.clip(along * 0.94 + 0.06, 0, 1)) ** 0.8
        green = 0.24 + 0.26 * random.random()
        points = [*zip(x - wide, y, strict=True), *zip(x[::-1] + wide[::-1], y[::-1], strict=True)]
        _fill(room, points, (green * 0.62, green, green * 0.66))
        _fill(
            room,
            [*zip(x - 1, y, strict=True), *zip(x[::-1] + 1, y[::-1], strict=True)],
            (green * 0.8, green * 1.3, green),
        )
    for strip in range(24):
        shade = 0.72 - 0.5 * abs(strip / 24 - 0.36)
        top_x, low_x = 940 + strip * 90 / 24, 950 + strip * 70 / 24
        colour = (shade * 0.80, shade * 0.88, shade * 0.94)
        _fill(room, [(top_x, 606), (top_x + 4.6, 606), (low_x + 3.6, 690), (low_x, 690)], colour)
    _shade(room, 940, 600, 1034, 612, 4, 0.28)


def _lamp(room: Picture) -> None:
    _box(room, 1262, 560, 1268, 690, (0.16, 0.19, 0.22))
    _box(room, 1232, 682, 1298, 690, (0.16, 0.19, 0.22))
    _fill(room, [(1232, 560 - 62), (1298, 560 - 62), (1322, 580), (1208, 580)], (0.72, 0.88, 0.98))
    rows = np.exp(-((np.arange(HEIGHT, dtype=np.float32) - 550) ** 2) / 2 / 100**2)
    columns = np.exp(-((np.arange(WIDTH, dtype=np.float32) - 1265) ** 2) / 2 / 100**2)
    glow = rows[:, None] * columns[None, :]
    cv2.multiply(room, cv2.merge([1 + glow * warm for warm in (0.10, 0.22, 0.30)]), dst=room)
