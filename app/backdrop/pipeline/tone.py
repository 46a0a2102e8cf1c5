"""The tone of a frame: its exposure, colours and noise, by one curve for each of blue, green and red."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core import native
from sinet_core.native import toning

WHITE = 255 << 7  # in the curve's units


@dataclass(frozen=True, slots=True)
class Tone:
    """How a frame is changed, in this order.

    gains: factors for blue, green and red, 0 to 2. lift: −1 to 1; x becomes x + lift · x · (1 − x), twice, which keeps black
    and white. contrast: −1 to 1; 1 is a smooth step, −1 the opposite. saturation: 0 (grey) to 2.
    """

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lift: float = 0.0
    contrast: float = 0.0
    saturation: float = 1.0

    @property
    def curve(self) -> tuple[tuple[int, int, int], int, int, int]:
        """The same as integers; see toning.py. Equal curves make equal pixels."""
        blue, green, red = (
            min(max(round(gain * toning.GAIN), 0), 2 * toning.GAIN - 1) for gain in self.gains
        )
        lift, contrast = (min(max(value, -1.0), 1.0) for value in (self.lift, self.contrast))
        saturation = round(min(max(self.saturation, 0.0), 2.0) * toning.SATURATION)
        return (blue, green, red), round(lift * toning.LIFT), round(contrast * toning.CONTRAST), saturation


AS_IT_IS = Tone().curve


def toned(
    frame: NDArray[np.uint8],
    tone: Tone,
    *,
    alpha: NDArray[np.uint8] | None = None,
    glow: NDArray[np.uint8] | None = None,
    steadied: NDArray[np.uint8] | None = None,
    follow: float = 1.0,
    noise: int = 0,
) -> NDArray[np.uint8]:
    """Return a frame with another tone: a new (H, W, 3) uint8 BGR array.

    frame: (H, W, 3) uint8 BGR, not written to. alpha: (H, W) uint8; some pixels where it is 0 stay as they are.
    glow: (ceil(H / 2), ceil(W / 2)) uint8, a lift for every four pixels in units of 1/256: x becomes x + lift · x · (1 − x).
    steadied: (H, W, 3) uint8, the last steadied frame. This one is mixed into it before anything else: where a value has changed
    by no more than `noise` levels it moves by the share `follow` of the change; beyond, faster, and soon all the way.
    """
    curve, share = tone.curve, round(256 * follow)
    made = np.empty(frame.shape, np.uint8)
    if native.takes(*(each for each in (frame, alpha, glow, steadied) if each is not None)):
        toning.tone(frame, curve, made, alpha, glow, steadied, share, noise)
        return made
    part = np.s_[: len(frame), :]
    if alpha is not None:
        x, y, width, height = cv2.boundingRect(alpha)
        part = np.s_[y : y + height, x : x + width]
        made[:] = frame
    if made[part].size == 0:
        return made
    pixels = frame[part]
    if steadied is not None:
        _follow(pixels, steadied[part], share, noise)
        pixels = steadied[part]
    gains, lift, contrast, saturation = curve
    table = np.stack([_table(gain, lift, contrast) for gain in gains], axis=-1)[None]
    made[part] = cv2.LUT(pixels, table)
    if saturation != toning.SATURATION:
        made[part] = _saturated(made[part], saturation)
    if glow is not None:
        light = glow.repeat(2, axis=0).repeat(2, axis=1)[: len(frame), : frame.shape[1]][part]
        made[part] = _rounded(
            _lifted(made[part].astype(np.int32) << 7, (light.astype(np.int32) << 6)[..., None])
        )
    return made


@lru_cache(maxsize=8)
def _table(gain: int, lifting: int, contrast: int) -> NDArray[np.uint8]:
    """What tone.c makes of 0 to 255."""
    values = np.minimum((np.arange(256) << 8) * gain >> 16, WHITE)
    values = _lifted(_lifted(values, lifting), lifting)
    turn = (_bulge(values) * (2 * values - WHITE) >> 16) << 2
    return _rounded(values + (turn * contrast >> 16))


def _bulge(values: NDArray) -> NDArray:
    return (2 * values * (WHITE - values) >> 16) << 2


def _lifted(values: NDArray, lifting: int | NDArray) -> NDArray:
    return values + (_bulge(values) * lifting >> 16)


def _rounded(values: NDArray) -> NDArray[np.uint8]:
    return (values + 64 >> 7).astype(np.uint8)


def _follow(frame: NDArray[np.uint8], steadied: NDArray[np.uint8], share: int, noise: int) -> None:
    change = np.arange(256)
    step = np.minimum((change * share + 255 >> 8) + 2 * np.maximum(change - noise, 0), change).astype(
        np.uint8
    )
    up, down = cv2.subtract(frame, steadied), cv2.subtract(steadied, frame)  # one of the two is 0
    steadied[:] = cv2.subtract(cv2.add(steadied, cv2.LUT(up, step)), cv2.LUT(down, step))


def _saturated(pixels: NDArray[np.uint8], saturation: int) -> NDArray[np.uint8]:
    values = pixels.astype(np.int32)
    grey = (values @ np.array([29, 150, 77], np.int32) + 128 >> 8)[..., None]
    return np.clip(grey + ((values - grey) * saturation + 32 >> 6), 0, 255).astype(np.uint8)
