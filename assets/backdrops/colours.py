"""The two backdrops without a room: `python assets/backdrops/colours.py` writes dawn.jpg and ocean.jpg."""

import cv2
import numpy as np
from film import LARGEST, finished, written

SETS = {
    "dawn": ("#f6d9c4", "#eeb7a0", "#d993a0", "#a987b5", "#6f7fb4", "#4d679f"),
    "ocean": ("#0d2233", "#123a52", "#1b5a74", "#2f8291", "#5ba7a8", "#a9d3c9"),
}


def silk(colours: tuple[str, ...], seed: int) -> np.ndarray:
    """Soft folds that run from one colour to the next: (1080, 1920, 3) float32 RGB, 0 to 1."""
    rng, (width, height) = np.random.default_rng(seed), LARGEST
    x, y = np.meshgrid(np.linspace(0, 16 / 9, width), np.linspace(0, 1, height))
    for strength in (0.22, 0.12):  # bend the plane twice, slowly
        dx, dy = (
            cv2.resize(rng.normal(0, 1, (3, 4)).astype(np.float32), LARGEST, interpolation=cv2.INTER_CUBIC)
            for _ in "xy"
        )
        x, y = (
            x + strength * cv2.GaussianBlur(dx, (0, 0), 90),
            y + strength * cv2.GaussianBlur(dy, (0, 0), 90),
        )
    along = 0.42 * x + 0.9 * y
    fold = np.sin(5.2 * along + 1.5 * np.sin(1.7 * x))
    value = np.clip(0.08 + 0.62 * (along - along.min()) / np.ptp(along) + 0.12 * (fold + 1), 0, 1)
    stops = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours]) ** 2.2
    at = np.linspace(0, 1, len(stops))
    paint = np.stack([np.interp(value, at, stops[:, c]) for c in range(3)], -1)
    slope = cv2.Sobel(cv2.GaussianBlur(fold, (0, 0), 25).astype(np.float32), cv2.CV_32F, 0, 1, ksize=5)
    lit = paint * (1 + 0.16 * slope / np.abs(slope).max())[..., None]
    return np.asarray(np.clip(lit, 0, 1) ** (1 / 2.2), np.float32)


if __name__ == "__main__":
    for seed, (name, colours) in enumerate(SETS.items()):
        written(name, finished(silk(colours, 11 + seed), 1.5))
