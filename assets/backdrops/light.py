"""Painting in linear light: what the built-in pictures share.

A picture is (H, W, 3) float32 BGR in linear light, 1 is white paper in full light; lamps are brighter than 1.
Blurring happens in linear light too, so that lamps out of focus become discs as in a lens.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1920, 1080
Picture = NDArray[np.float32]
Plane = NDArray[np.float32]  # (H, W): a coordinate, a value, or how much is covered, 0 to 1
Photo = NDArray[np.uint8]  # a developed picture, (H, W, 3) uint8 BGR


def colour(text: str, gain: float = 1.0) -> Picture:
    """The linear light of an sRGB colour such as "#a0522d": (3,) float32 BGR, times gain."""
    srgb = np.array([int(text[i : i + 2], 16) for i in (5, 3, 1)], np.float32) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return (linear * gain).astype(np.float32)


def grid() -> tuple[Plane, Plane]:
    """x and y of every pixel, 0 to 1 across and 0 to 0.5625 down, so that circles are round."""
    x = (np.arange(WIDTH, dtype=np.float32) + 0.5) / WIDTH
    y = (np.arange(HEIGHT, dtype=np.float32) + 0.5) / WIDTH
    across, down = np.meshgrid(x, y)
    return across.astype(np.float32), down.astype(np.float32)


def filled(paint: Picture) -> Picture:
    """A whole picture of one colour."""
    return np.full((HEIGHT, WIDTH, 3), paint, np.float32)


def ramp(values: Plane, stops: list[tuple[float, Picture]]) -> Picture:
    """Colours along (H, W) values, between stops (value, colour) in rising order."""
    at = [stop for stop, _ in stops]
    channels = [np.interp(values, at, [paint[c] for _, paint in stops]) for c in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def step(values: Plane, low: float, high: float) -> Plane:
    """0 below low, 1 above high, smooth between (high may be below low to turn it round)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def noise(rng: np.random.Generator, cells_across: float, octaves: int = 1) -> Plane:
    """Smooth noise with mean about 0 and range about -1 to 1; more octaves add finer detail."""
    total, gain = np.zeros((HEIGHT, WIDTH), np.float32), 1.0
    for octave in range(octaves):
        cells = cells_across * 2**octave
        shape = (max(4, round(cells * HEIGHT / WIDTH)), max(4, round(cells)))
        small = rng.uniform(-1, 1, shape).astype(np.float32)
        total += gain * cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        gain *= 0.5
    return total / (2 - 2 * gain)


def lens(picture: Picture, radius: float) -> Picture:
    """The picture through a lens that is out of focus: every point becomes a disc of radius pixels."""
    reach = int(np.ceil(radius)) + 1
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(across, down)
    disc = np.clip(radius - distance + 0.5, 0, 1) * (0.8 + 0.2 * (distance / max(radius, 1)) ** 2)
    return cv2.filter2D(picture, -1, (disc / disc.sum()).astype(np.float32), borderType=cv2.BORDER_REFLECT)


def soft(picture: Picture, sigma: float) -> Picture:
    """A wide Gaussian blur, done on a smaller picture when sigma is large."""
    scale = max(1, int(sigma / 4))
    small = cv2.resize(picture, (WIDTH // scale, HEIGHT // scale), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / scale, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def over(picture: Picture, paint: Picture, coverage: Plane) -> None:
    """Lay paint, a colour or a picture, on the picture where coverage says, in place."""
    picture += (paint - picture) * coverage[..., None]


def shape(points: list[tuple[float, float]]) -> Plane:
    """The polygon through points in grid coordinates, with smooth edges."""
    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    corners = np.round(np.array(points) * WIDTH * 16).astype(np.int32)
    cv2.fillPoly(drawn, [corners], 255, cv2.LINE_AA, 4)
    return drawn.astype(np.float32) / 255


def box(left: float, right: float, top: float, bottom: float, edge: float = 0.0008) -> Plane:
    """An upright rectangle in grid coordinates, its edges as soft as edge."""
    x, y = grid()
    across = step(x, left, left + edge) * step(x, right, right - edge)
    return across * step(y, top, top + edge) * step(y, bottom, bottom - edge)


def bloom(picture: Picture, amount: float, sigma: float) -> Picture:
    """The veil that bright parts spread in a lens."""
    return picture + amount * soft(np.maximum(picture - 0.6, 0), sigma)


def develop(picture: Picture, rng: np.random.Generator, exposure: float = 1.0) -> Photo:
    """Film: roll off the highlights, encode as sRGB, add fine grain against banding."""
    light = np.maximum(picture * exposure, 0)
    knee = 0.62
    light = np.where(light > knee, knee + (1 - knee) * (1 - np.exp(-(light - knee) / (1 - knee))), light)
    srgb = np.where(
        light <= 0.0031308, light * 12.92, 1.055 * np.power(np.maximum(light, 1e-6), 1 / 2.4) - 0.055
    )
    grain = rng.normal(0, 1.15, (HEIGHT, WIDTH, 1)) + rng.normal(0, 0.35, (HEIGHT, WIDTH, 3))
    return np.clip(np.round(srgb * 255 + grain), 0, 255).astype(np.uint8)
