"""High dynamic range on an ordinary screen: a colour table for FFmpeg's filter lut3d.

White paper has 203 cd/m² in such a video (ITU-R BT.2408). Everything darker than 0.6 of that, such as faces, looks as it does
in other videos. Brighter colours, up to 1000 cd/m², are compressed into the range that is left.
"""

from functools import lru_cache
from io import StringIO

import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18  # FFmpeg's numbers for transfers
WHITE, PEAK = 203.0, 1000.0  # cd/m²
KNEE = 0.6  # of white; below it nothing changes
SIDE = 33  # entries along each side of the table
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


@lru_cache(maxsize=2)
def table(transfer: int) -> str:
    """The text of a .cube file that converts BT.2020 to sRGB. transfer: PQ or HLG."""
    steps = np.linspace(0, 1, SIDE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red changes fastest
    nits = _from_pq(np.stack([red, green, blue], axis=-1)) if transfer == PQ else _from_hlg(red, green, blue)
    linear = _squeezed(np.maximum(nits / WHITE @ _TO_BT709.T, 0))
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    text = StringIO()
    np.savetxt(text, srgb.reshape(-1, 3), "%.5f", header=f"LUT_3D_SIZE {SIDE}", comments="")
    return text.getvalue()


def _from_pq(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    power = signal ** (1 / 78.84375)
    return 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (
        1 / 0.1593017578125
    )


def _from_hlg(*channels: NDArray[np.float64]) -> NDArray[np.float64]:
    signal = np.stack(channels, axis=-1)
    scene = np.where(
        signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    brightness = scene @ (0.2627, 0.6780, 0.0593)
    return PEAK * scene * brightness[..., None] ** 0.2  # the curve of a screen with that peak


def _squeezed(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring colours, where 1 is white, below 1: by their brightest channel, so that they keep their hue."""
    most = np.maximum(linear.max(axis=-1, keepdims=True), 1e-6)
    room, over = 1 - KNEE, np.clip((most - KNEE) / (PEAK / WHITE - KNEE), 0, 1)
    # The curve leaves the knee at the same slope, and bends so that the peak comes to 1.
    slope = (PEAK / WHITE - KNEE) / room
    bent = KNEE + room * over * slope / (1 + over * (slope - 1))
    return np.where(most <= KNEE, linear, linear / most * bent)
