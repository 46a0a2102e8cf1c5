"""The demo in a dark room, with the noise that a camera has there."""

import numpy as np
from numpy.typing import NDArray

GAMMA = 2.2
LIGHT = 0.08  # of the light of the demo's room
WARM = (0.75, 1.0, 1.2)  # blue, green and red of an evening's lamp
WELL = 1500.0  # electrons that make white: a small sensor with its gain turned up
READING = 3.0  # electrons of noise in the dark, as a standard deviation


def darkened(frame: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return a frame as a camera sees it with less and warmer light, with shot noise and read noise.

    frame: (H, W, 3) uint8 BGR.
    """
    rng = np.random.default_rng(seed)
    electrons = WELL * LIGHT * np.array(WARM) * (frame / 255.0) ** GAMMA
    counted = electrons + np.sqrt(electrons + READING**2) * rng.standard_normal(frame.shape)
    return np.rint(255 * np.clip(counted / WELL, 0, 1) ** (1 / GAMMA)).astype(np.uint8)
