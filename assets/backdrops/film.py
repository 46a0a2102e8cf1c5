"""The lens and the film, which all built-in backdrops share, and the files."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]  # (H, W, 3) RGB: linear light, or a picture for a screen, 0 to 1
LARGEST = (1920, 1080)
HEAVIEST = 250_000  # bytes of a file


def lens(light: Light, radius: float) -> Light:
    """Linear light through a lens that is out of focus: every point becomes a disc of radius pixels."""
    reach = int(np.ceil(radius)) + 1
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(across, down)
    disc = np.clip(radius - distance + 0.5, 0, 1) * (0.8 + 0.2 * (distance / radius) ** 2)
    kernel = (disc / disc.sum()).astype(np.float32)
    return np.asarray(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT), np.float32)


def finished(shown: Light, grain: float = 1.3, seed: int = 0) -> NDArray[np.uint8]:
    """A picture with slightly darker corners and fine grain against banding: (H, W, 3) uint8 BGR."""
    rng, (height, width) = np.random.default_rng(seed), shown.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    corners = 1 - 0.11 * np.clip(np.hypot(x, y) - 0.4, 0, 1) ** 1.5
    noise = rng.normal(0, grain, (height, width, 1)) + rng.normal(0, 0.3 * grain, (height, width, 3))
    levels = shown[..., ::-1] * corners[..., None] * 255 + noise
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)


def written(name: str, pixels: NDArray[np.uint8]) -> None:
    """Write NAME.jpg beside this file, as good as HEAVIEST bytes allow."""
    for quality in range(92, 60, -3):
        good, file = cv2.imencode(
            ".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        )
        if good and len(file) <= HEAVIEST:
            break
    Path(__file__).with_name(f"{name}.jpg").write_bytes(file.tobytes())
    print(f"{name}.jpg: {len(file) / 1000:.0f} kB at quality {quality}", flush=True)
