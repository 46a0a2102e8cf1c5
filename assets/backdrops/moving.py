"""The loops, which begin where they end, as every movement in them repeats a whole number of times.

`python assets/backdrops/moving.py` draws sunlight.webm; render.py draws snow.webm, which is winter.jpg in motion.
"""

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from film import Light, finished
from numpy.typing import NDArray

SIZE, RATE, SECONDS = (1280, 720), 20, 8
Flake = tuple[float, float, float, int, float]  # across, down, radius in px of 1920, falls per loop, phase


def encoded(name: str, picture: Callable[[float], NDArray[np.uint8]], quality: int) -> None:
    """Write NAME.webm from picture(time), time from 0 to 1: (720, 1280, 3) uint8 BGR."""
    path = Path(__file__).with_name(f"{name}.webm")
    with av.open(str(path), "w") as file:
        options = {
            "crf": str(quality),
            "b": "0",
            "cpu-used": "4",
            "deadline": "good",
            "g": "400",
            "row-mt": "1",
        }
        stream = file.add_stream("libvpx-vp9", rate=RATE, options=options)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for k in range(RATE * SECONDS):
            frame = av.VideoFrame.from_ndarray(picture(k / (RATE * SECONDS)), format="bgr24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def _noise(rng: np.random.Generator, cells: int, size: tuple[int, int]) -> Light:
    small = rng.normal(0, 1, (max(3, cells * size[1] // size[0]), cells)).astype(np.float32)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)


# Sunlight through a window and leaves on a wall


def _panes() -> Light:
    """Where the sun comes through the window: (720, 1280) float32, two by three panes, slanted."""
    mask = np.zeros(SIZE[::-1], np.float32)
    for column in range(2):
        for row in range(3):
            left, top = 430 + 265 * column, -130 + 255 * row
            corners = [(left, top), (left + 240, top), (left + 240, top + 230), (left, top + 230)]
            slanted = np.array([(x - 0.42 * (y - 200), y + 0.16 * (x - 600)) for x, y in corners])
            cv2.fillPoly(mask, [np.round(slanted * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 9), np.float32)


class _Leaves:
    """Twigs in front of the window, which sway: shade(time) is how much light they let through, (360, 640) float32."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._twigs = []
        for _ in range(24):
            root = np.array([rng.uniform(60, 700), rng.choice([-20, 380, rng.uniform(0, 200)])])
            turn = np.arctan2(150 - root[1], 320 - root[0]) + rng.normal(0, 0.5)
            leaves = [(rng.uniform(0.15, 1), rng.choice([-1, 1]), rng.uniform(13, 30), rng.uniform(0, 2 * np.pi),
                       int(rng.integers(1, 4))) for _ in range(13)]  # fmt: skip
            self._twigs.append(
                (root, turn, rng.uniform(120, 260), rng.uniform(0, 2 * np.pi), rng.uniform(1.5, 6), leaves)
            )

    def shade(self, time: float) -> Light:
        through = np.ones((360, 640), np.float32)
        for far in range(3):
            mask = np.zeros((360, 640), np.float32)
            for root, turn, long, phase, _soft, leaves in self._twigs[far::3]:
                sway = 0.035 * np.sin(2 * np.pi * time + phase) + 0.015 * np.sin(4 * np.pi * time + 2 * phase)
                along = np.array([np.cos(turn + sway), np.sin(turn + sway)])
                end = root + long * along
                cv2.line(mask, _fixed(root), _fixed(end), 1.0, 2, cv2.LINE_AA, 4)
                for at, side, size, own, often in leaves:
                    flutter = 0.16 * np.sin(2 * np.pi * often * time + own)
                    lean = turn + sway + side * (0.8 + flutter)
                    way = np.array([np.cos(lean), np.sin(lean)])
                    across = np.array([-way[1], way[0]]) * 0.24 * (1 + 0.3 * np.sin(2 * np.pi * time + own))
                    start = root + at * long * along
                    ahead = np.linspace(0.1, 1, 9)
                    edges = [(t, 1) for t in ahead] + [(t, -1) for t in ahead[::-1]]
                    outline = [
                        start + size * (t * way + side * np.sin(np.pi * t) * across) for t, side in edges
                    ]
                    points = [start, *outline]
                    cv2.fillPoly(mask, [np.array([_fixed(point) for point in points])], 1.0, cv2.LINE_AA, 4)
            through *= 1 - 0.78 * cv2.GaussianBlur(mask, (0, 0), (2.0, 4.0, 8.0)[far])
        return through


def _fixed(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0]) * 16), round(float(point[1]) * 16)


def sunlight() -> Callable[[float], NDArray[np.uint8]]:
    """Warm light on a plastered wall, with the shadows of leaves that sway."""
    rng = np.random.default_rng(5)
    wall = 1 + 0.012 * _noise(rng, 9, SIZE) + 0.008 * _noise(rng, 40, SIZE) + 0.010 * _noise(rng, 260, SIZE)
    wall = np.asarray(cv2.GaussianBlur(wall, (0, 0), 1.6), np.float32)[..., None]
    x, y = np.meshgrid(np.linspace(0, 1, SIZE[0]), np.linspace(0, 1, SIZE[1]))
    room = (0.32 + 0.10 * x - 0.07 * y)[..., None] * np.array([0.95, 0.89, 0.84])  # RGB, linear
    sun = np.array([0.62, 0.47, 0.31])
    panes, leaves = _panes(), _Leaves(3)
    glow = np.asarray(cv2.GaussianBlur(panes, (0, 0), 130), np.float32)[..., None] * np.array(
        [0.10, 0.075, 0.05]
    )
    grain = np.random.default_rng(1).normal(0, 0.8, (*SIZE[::-1], 1))

    def picture(time: float) -> NDArray[np.uint8]:
        through = cv2.resize(leaves.shade(time), SIZE, interpolation=cv2.INTER_CUBIC)
        light = wall * (room + glow + (panes * through)[..., None] * sun)
        srgb = (
            255 * np.clip(light, 0, 1) ** (1 / 2.2) * (1 - 0.10 * np.hypot(x - 0.5, y - 0.5) ** 2)[..., None]
        )
        return np.clip(srgb[..., ::-1] + grain, 0, 255).astype(np.uint8)

    return picture


# Snow behind the window of the winter room


def _glass(shown: Light) -> Light:
    """Where snow is seen in the picture of the winter room: (H, W, 1) float32; in front of what is warm there is none."""
    from evening import DEPTH, WINDOW

    height, width = shown.shape[:2]
    left, right, low, high = WINDOW
    pitch, focal = np.arctan2(1.3 - 1.22, 3), 33 / 36 * width
    mask = np.zeros((height, width), np.float32)
    middle, bar = (left + right) / 2, low * 0.35 + high * 0.65
    for x0, x1 in ((left + 0.04, middle - 0.035), (middle + 0.035, right - 0.04)):
        for z0, z1 in ((low + 0.03, bar - 0.03), (bar + 0.03, high - 0.03)):
            corners = []
            for x, z in ((x0, z0), (x1, z0), (x1, z1), (x0, z1)):
                ahead = DEPTH * np.cos(pitch) + (z - 1.22) * np.sin(pitch)
                up = (z - 1.22) * np.cos(pitch) - DEPTH * np.sin(pitch)
                corners.append((width / 2 + focal * x / ahead, height / 2 - focal * up / ahead))
            cv2.fillPoly(mask, [np.round(np.array(corners) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    mask = cv2.GaussianBlur(mask, (0, 0), width / 240)
    cold = np.clip((shown[..., 2] - shown[..., 0]) * 8, 0, 1)
    return np.asarray(mask * cv2.GaussianBlur(cold, (0, 0), width / 480), np.float32)[..., None]


def _flakes() -> list[Flake]:
    rng = np.random.default_rng(8)
    found = []
    for _ in range(420):
        near = rng.random() ** 3
        found.append(
            (
                rng.uniform(0.1, 0.62),
                rng.uniform(0, 1),
                2.2 + 7 * near,
                1 + round(2 * near),
                rng.uniform(0, 2 * np.pi),
            )
        )
    return found


def with_flakes(shown: Light, time: float) -> Light:
    """The picture of the winter room, (H, W, 3) float32 RGB 0 to 1, with snow at a time from 0 to 1."""
    height, width = shown.shape[:2]
    scale = width / 1920
    snow = np.zeros((height, width), np.float32)
    for across, down, radius, falls, phase in _flakes():
        x = (
            across + 0.006 * np.sin(2 * np.pi * time + phase) + 0.003 * np.sin(4 * np.pi * time + 2 * phase)
        ) * width
        y = ((down + falls * time) % 1 * 0.8 - 0.1) * height
        size = radius * scale
        drawn = min(1.0, 1.6 / radius + 0.12)
        cv2.circle(snow, (round(x * 16), round(y * 16)), round(size * 16), drawn, -1, cv2.LINE_AA, 4)
    snow = (
        np.asarray(cv2.GaussianBlur(snow, (0, 0), 1.3 * scale), np.float32)[..., None] * _glass(shown) * 0.75
    )
    return np.asarray(shown + snow * (np.array([0.86, 0.90, 0.97], np.float32) - shown), np.float32)


def snow(shown: Light) -> None:
    """Write snow.webm from the picture of the winter room without snow."""
    small = np.asarray(cv2.resize(shown, SIZE, interpolation=cv2.INTER_AREA), np.float32)
    encoded("snow", lambda time: finished(with_flakes(small, time), 0.8), 28)


if __name__ == "__main__":
    encoded("sunlight", sunlight(), 23)
