"""A folder of photos, alphas and rooms that a test can train on: bright people (an ellipse on a box) before dark rooms."""

from pathlib import Path

import cv2
import numpy as np


def write_small_data(root: Path, people: int = 12, rooms: int = 4) -> Path:
    """Write eg1800-train, ccp, desk-val and rooms below root, 96 × 128 pixels each; the same every time."""
    rng = np.random.default_rng(0)
    for folder, count in (("eg1800-train", people), ("ccp", people), ("desk-val", 3)):
        (root / folder).mkdir(parents=True)
        for index in range(count):
            frame, alpha = small_photo(rng)
            cv2.imwrite(str(root / folder / f"{index:03}.webp"), frame)
            cv2.imwrite(str(root / folder / f"{index:03}.png"), alpha)
    (root / "rooms").mkdir()
    for index in range(rooms):
        cv2.imwrite(str(root / "rooms" / f"{index:03}.webp"), small_room(rng))
    return root


def small_room(rng: np.random.Generator) -> np.ndarray:
    patches = rng.integers(0, 110, (12, 16, 3)).astype(np.uint8)
    return cv2.resize(patches, (128, 96), interpolation=cv2.INTER_NEAREST)


def small_photo(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    alpha = np.zeros((96, 128), np.uint8)
    x, y = int(rng.integers(45, 85)), int(rng.integers(30, 45))
    cv2.ellipse(alpha, (x, y), (12, 16), 0, 0, 360, 255, -1)
    cv2.rectangle(alpha, (x - 22, y + 18), (x + 22, 95), 255, -1)
    frame = small_room(rng)
    frame[alpha > 0] = rng.integers(150, 250, 3)
    return frame, alpha
