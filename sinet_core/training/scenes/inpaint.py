"""The background of photos with people, to put others in front of: streets, trees and skies, which the rooms lack."""

import cv2
import numpy as np
from numpy.typing import NDArray

COARSE = 4  # inpainting runs at a quarter of the size: the result is blurred and mostly hidden


def inpaint_background(frame: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Inpaint the people of a frame (H, W, 3) uint8 BGR with the surrounding colours, blurred into one another."""
    height, width = alpha.shape
    near = cv2.dilate((alpha > 25).astype(np.uint8), np.ones((7, 7), np.uint8))
    seen = 1 - near
    size = width // COARSE, height // COARSE
    colours = cv2.resize((frame * seen[..., None]).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    weights = cv2.resize(seen.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    filled = np.full_like(colours, np.array(cv2.mean(frame, seen)[:3]))
    for sigma in (16, 8, 4, 2):  # from far to near: near colours win where there are any
        spread = cv2.GaussianBlur(weights, (0, 0), sigma)[..., None]
        colour = cv2.GaussianBlur(colours, (0, 0), sigma) / np.maximum(spread, 1e-4)
        trust = np.minimum(1, 8 * spread)
        filled = filled + trust * (colour - filled)
    made_up = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)
    hole = np.maximum(cv2.GaussianBlur(near.astype(np.float32), (0, 0), 1.5), near)  # fades outwards only
    filled = np.clip(made_up, 0, 255).astype(np.uint8)
    return cv2.blendLinear(filled, frame, hole, 1 - hole).astype(np.uint8, copy=False)
