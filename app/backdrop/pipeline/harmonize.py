"""Harmonize: make a person look right in front of a backdrop that is not their room.

Three things give a composite away: the room's colour in the edge pixels, no light from the backdrop over the edge, and a person
who is lit differently from the backdrop. Harmonizer estimates all three on a small grid around the person. At the frame's own
size, composite() multiplies the person's colours, and despill_and_light_wrap() changes only pixels near the edge.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.pixel_format import PixelFormat
from backdrop.settings.settings import Settings
from sinet_core import native
from sinet_core.matting.resize import halved
from sinet_core.native import finishing

ROWS = 45  # of the small grid, roughly, for a whole frame
MARGIN = 2  # pixels of the small grid around the person, which show the room
LEAST = 0.02  # of a neighbourhood that must be person, or room, for a reliable colour of it
WRAP = 2.0  # pixels of the small grid that light wraps around the edge, as a standard deviation
FAINT = 5  # of 255: an alpha closer than this to 0 or 255 needs no visible change
EVERY = 0.1  # seconds between two measurements of a backdrop that moves
SETTLING = 0.7  # seconds until 63 % of a change of the light has been followed
DARKER, BRIGHTER = 0.75, 1.2  # limits of the factor for the person's brightness
WARMER = 0.12  # the most that red gains and blue loses, or the other way round
DARK = 16.0  # added before a division, so that nearly black colours count as grey

Small = NDArray[np.float32]
Colour: TypeAlias = Sequence[float]  # blue, green and red


@dataclass(frozen=True, slots=True)
class CompositeAdjustments:
    """What has to change in one composite. None stands for no change.

    rows, columns: the person's part of the small grid. halvings: how often the frame was halved for that grid. half_alpha:
    (H / 2, W / 2) uint8. gains: factors for the person's blue, green and red. change: (h, w, 3) float32 BGR, the person's
    colour minus their room's. light: (h, w, 3) uint8 BGR, the backdrop's light over the edge.
    """

    rows: slice
    columns: slice
    halvings: int
    half_alpha: NDArray[np.uint8]
    gains: NDArray[np.float32] | None
    change: Small | None
    light: NDArray[np.uint8] | None


class Harmonizer:
    """A stage of the line: compares frame and backdrop, and returns what has to change in the composite."""

    def __init__(self) -> None:
        self._lighting = _BackdropLighting()
        self.reset()

    def reset(self) -> None:
        """Forget all earlier frames: the next gains are used at once, without smoothing."""
        self._gains: NDArray[np.float32] | None = None
        self._at = 0.0

    def __call__(
        self,
        half: NDArray[np.uint8],
        alpha: NDArray[np.uint8],
        backdrop: NDArray[np.uint8],
        settings: Settings,
        captured_at: float,
    ) -> CompositeAdjustments | None:
        """Return the adjustments for a composite; None if the settings ask for none, or nobody is in the frame.

        half: halved(frame), (H / 2, W / 2, 3) uint8 BGR. alpha: (H, W) uint8. backdrop: (H, W, 3) uint8 BGR or I420. None
        of them is written to. captured_at: the frame's time in seconds.
        """
        despill, wrap, brightness, warmth = _asked(settings)
        if not (despill or wrap or brightness or warmth):
            return None
        halvings = max(1, round(math.log2(max(len(alpha) / ROWS, 2))))
        half_alpha = halved(alpha)
        share = half_alpha
        for _ in range(halvings - 1):
            share = halved(share)
        x, y, width, height = cv2.boundingRect(share)
        if width == 0:
            return None
        rows, columns = _span(y, height, share.shape[0]), _span(x, width, share.shape[1])
        estimate = _ForegroundEstimate(_reduced(half, rows, columns, halvings - 1), share[rows, columns])
        if wrap or brightness or warmth:
            self._lighting.update(backdrop, halvings, captured_at)
        gains = None
        if brightness or warmth:
            gains = self._smoothed(_gains(estimate, self._lighting.mean, brightness, warmth), captured_at)
        light = estimate.wrapped(self._lighting.light[rows, columns], gains, wrap) if wrap else None
        change = None
        if despill:
            change = (estimate.own - estimate.room) * (
                np.float32(despill) if gains is None else gains * np.float32(despill)
            )
        return CompositeAdjustments(rows, columns, halvings, half_alpha, gains, change, light)

    def _smoothed(self, gains: NDArray[np.float32], at: float) -> NDArray[np.float32]:
        """Smooth the gains over time: sudden changes of the light come from the camera's exposure or from a passer-by."""
        if self._gains is not None and 0 <= at - self._at < 1:
            gains = gains + (self._gains - gains) * np.float32(math.exp((self._at - at) / SETTLING))
        self._gains, self._at = gains, at
        return gains


def _asked(settings: Settings) -> tuple[float, float, float, float]:
    """Strengths from 0 to 1. A blurred room is the person's own, a colour has no lighting, and a key emits no light."""
    kind = settings.backdrop
    return (
        settings.despill / 100 if kind in ("picture", "colour", "transparent") else 0.0,
        settings.light_wrap / 100 if kind in ("picture", "colour") else 0.0,
        settings.match_brightness / 100 if kind == "picture" else 0.0,
        settings.match_warmth / 100 if kind == "picture" else 0.0,
    )


class _ForegroundEstimate:
    """The colours of the person and of the room around them, on the small grid. own, room: (h, w, 3) float32 BGR.

    Both are local means of the frame's colours, weighted by alpha and by 1 − alpha: the blurs of "Approximate Fast
    Foreground Colour Estimation" (Forte and Pitié, ICIP 2021). inside: (h, w) float32, the light wrap mask: largest at the
    edge, 0 deep inside, and never more than alpha. persons, whole: the mean colours of the person, times alpha, and of
    everything. people: the mean alpha.
    """

    def __init__(self, colours: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
        """colours: (h, w, 3) uint8 BGR. alpha: (h, w) uint8."""
        share: Small = alpha * np.float32(1 / 255)
        persons = cv2.multiply(colours, _three(share), dtype=cv2.CV_32F)
        self.persons, self.whole = cv2.mean(persons)[:3], cv2.mean(colours)[:3]
        self.people = cv2.mean(share)[0]
        self.inside = share * share * (1 - _blurred(share, WRAP))
        everything, persons, share = _soft(colours), _soft(persons), _three(_soft(share))
        little = everything * np.float32(LEAST)
        self.own = cv2.divide(persons + little, share + np.float32(LEAST))
        self.room = cv2.divide(everything - persons + little, np.float32(1 + LEAST) - share)

    def wrapped(self, light: Small, gains: NDArray[np.float32] | None, strength: float) -> NDArray[np.uint8]:
        """The light that the backdrop adds, (h, w, 3) uint8."""
        inside = self.inside * np.float32(strength)
        gains = np.ones(3, np.float32) if gains is None else gains
        return cv2.multiply(light - self.own * gains, _three(inside), dtype=cv2.CV_8U)


class _BackdropLighting:
    """The light of the backdrop, on the small grid. mean: its mean colour. light: (h, w, 3) float32 BGR, per pixel."""

    def __init__(self) -> None:
        self._backdrop: NDArray[np.uint8] | None = None
        self._at = -math.inf
        self._sizes: tuple[object, int] | None = None
        self.mean: Colour = (0.0, 0.0, 0.0)
        self.light: Small = np.empty((0, 0, 3), np.float32)

    def update(self, backdrop: NDArray[np.uint8], halvings: int, at: float) -> None:
        """Measure a backdrop, unless it is the last one: a read-only backdrop does not change.

        The next frames of a video are skipped, too, because its light does not change so fast. at: the frame's time in
        seconds.
        """
        sizes = (backdrop.shape, halvings)
        known = sizes == self._sizes and not backdrop.flags.writeable
        if known and (backdrop is self._backdrop or 0 <= at - self._at < EVERY):
            return
        self._backdrop, self._at, self._sizes = backdrop, at, sizes
        small = i420.reduced(backdrop, halvings)
        self.mean = cv2.mean(small)[:3]
        self.light = _blurred(small.astype(np.float32), 2 * WRAP)


def _gains(
    estimate: _ForegroundEstimate, place: Colour, brightness: float, warmth: float
) -> NDArray[np.float32]:
    """Factors for the person's blue, green and red, so that their lighting matches the backdrop."""
    people = max(estimate.people, 1e-3)
    person = [colour / people for colour in estimate.persons]
    # The room shows the person's light: skin and shirts have colours of their own.
    room: Colour = (128.0,) * 3
    if people < 0.95:
        room = [
            (whole - own) / (1 - people) for whole, own in zip(estimate.whole, estimate.persons, strict=True)
        ]
    warm = warmth * min(max(0.5 * (_warmth(place) - _warmth(room)), -WARMER), WARMER)
    gains = np.array([1 - warm, 1, 1 + warm])
    lit = [gain * colour for gain, colour in zip((1 - warm, 1, 1 + warm), person, strict=True)]
    bright = math.sqrt(_brightness(place) / _brightness(person))
    gains *= _brightness(person) / _brightness(lit)  # warmer must not mean brighter
    gains *= 1 + brightness * (min(max(bright, DARKER), BRIGHTER) - 1)
    return gains.astype(np.float32)


def _warmth(colour: Colour) -> float:
    return math.log((colour[2] + DARK) / (colour[0] + DARK))


def _brightness(colour: Colour) -> float:
    """How bright blue, green and red adjustments."""
    return 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] + DARK


def despill_and_light_wrap(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], adjustments: CompositeAdjustments | None
) -> NDArray[np.uint8]:
    """Remove the room's colour from the edge, and let the backdrop's light wrap around it, in place.

    pixels: the composite, (H, W, 3) uint8 BGR or I420. alpha: (H, W) uint8, not written to. Returns pixels.
    """
    if adjustments is not None and PixelFormat.of(pixels) is PixelFormat.I420 and native.takes(pixels, alpha):
        _finish_planes(pixels, alpha, adjustments)
        return pixels
    if adjustments is not None and adjustments.change is not None:
        _despill(pixels, alpha, adjustments, adjustments.change)
    if adjustments is not None and adjustments.light is not None:
        _wrap(pixels, adjustments, adjustments.light)
    return pixels


def _finish_planes(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], adjustments: CompositeAdjustments
) -> None:
    """Despill and light wrap at once for I420, plane by plane."""
    changes: list[NDArray[np.int16] | None] = [None] * 3
    lights: list[NDArray[np.uint8] | None] = [None] * 3
    if adjustments.change is not None:
        factors = i420.BT601[:, :3] * np.float32(finishing.CHANGE)
        # Converted before it is enlarged: a quarter of the work.
        finer, _ = _finer(adjustments, cv2.transform(adjustments.change, factors))
        changes = list(cv2.split(finer.astype(np.int16)))
    if adjustments.light is not None:
        lights = list(cv2.split(cv2.transform(adjustments.light, i420.BT601)))
    shares = (alpha, adjustments.half_alpha, adjustments.half_alpha)
    for number, (plane, share, nothing) in enumerate(
        zip(i420.planes(pixels), shares, (16, 128, 128), strict=True)
    ):
        halvings = adjustments.halvings - min(number, 1)
        part = np.s_[
            adjustments.rows.start << halvings : adjustments.rows.stop << halvings,
            adjustments.columns.start << halvings : adjustments.columns.stop << halvings,
        ]
        finishing.despill_and_light_wrap(plane[part], share[part], changes[number], lights[number], nothing)


def _finer(adjustments: CompositeAdjustments, change: Small) -> tuple[Small, int]:
    """Return change on a grid so fine that its pixels are invisible, and how often the half frame was halved for that grid."""
    finer = min(adjustments.halvings - 1, 1)
    size = (change.shape[1] << finer, change.shape[0] << finer)
    return cv2.resize(change, size, interpolation=cv2.INTER_LINEAR), adjustments.halvings - 1 - finer


def _despill(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], adjustments: CompositeAdjustments, change: Small
) -> None:
    """Replace the room's colour in edge pixels with the estimated colour of the person.

    A pixel of the frame is alpha · person + (1 − alpha) · room. Adding (1 − alpha) · change makes it the person's colour; in
    the composite that is weighted by alpha. Done for every 2 × 2 pixels that touch the edge.
    """
    width = alpha.shape[1]
    top, left = (span.start << (adjustments.halvings - 1) for span in (adjustments.rows, adjustments.columns))
    tall, wide = (
        span.stop - span.start << (adjustments.halvings - 1)
        for span in (adjustments.rows, adjustments.columns)
    )
    half = adjustments.half_alpha[top : top + tall, left : left + wide]
    row, column = np.divmod(np.flatnonzero(half - np.uint8(FAINT) <= 255 - 2 * FAINT), half.shape[1])
    if len(row) == 0:
        return
    change, step = _finer(adjustments, change)
    across = change.shape[1]
    change = change.reshape(-1, 3).take((row >> step) * across + (column >> step), axis=0)
    row, column = row + top, column + left
    four = np.array([0, 1, width, width + 1]) + (2 * row * width + 2 * column)[:, None]
    share = _mixed(np.ascontiguousarray(alpha).reshape(-1).take(four))
    if PixelFormat.of(pixels) is PixelFormat.BGR:
        _add(pixels.reshape(-1, 3), four.reshape(-1), (share[..., None] * change[:, None]).reshape(-1, 3))
        return
    brightness, *tints = i420.planes(pixels)
    change = change @ i420.BT601[:, :3].T
    _add(brightness.reshape(-1), four.reshape(-1), (share * change[:, :1]).reshape(-1))
    quarter = row * (width // 2) + column
    share = _mixed(adjustments.half_alpha.reshape(-1).take(quarter))
    for tint, more in zip(tints, change.T[1:], strict=True):
        _add(tint.reshape(-1), quarter, share * more)


def _mixed(alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    """alpha · (1 − alpha)."""
    share = alpha * np.float32(1 / 255)
    return share - share * share


def _add(pixels: NDArray[np.uint8], where: NDArray[np.intp], more: NDArray[np.float32]) -> None:
    """Add more to some pixels. pixels: (n,) or (n, 3) uint8, written to. more: one row for each index in where."""
    whole = np.dtype((np.void, pixels[:1].nbytes))  # moving whole pixels takes a third of the time
    changed = cv2.add(pixels.take(where, axis=0), more, dtype=cv2.CV_8U)
    np.put(pixels.reshape(-1).view(whole), where, changed.reshape(-1).view(whole))


def _wrap(pixels: NDArray[np.uint8], adjustments: CompositeAdjustments, light: NDArray[np.uint8]) -> None:
    rows, columns = (
        slice(span.start << adjustments.halvings, span.stop << adjustments.halvings)
        for span in (adjustments.rows, adjustments.columns)
    )
    if PixelFormat.of(pixels) is PixelFormat.BGR:
        _add_enlarged(pixels[rows, columns], light)
        return
    planes = i420.planes(pixels)
    more, *tints = cv2.split(cv2.transform(light, i420.BT601))
    _add_enlarged(planes[0][rows, columns], cv2.subtract(more, 16.0))
    for plane, tint in zip(planes[1:], tints, strict=True):
        part = plane[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2]
        tint = cv2.resize(tint, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        cv2.addWeighted(part, 1, tint, 1, -128, dst=part)


def _add_enlarged(part: NDArray[np.uint8], light: NDArray[np.uint8]) -> None:
    cv2.add(part, cv2.resize(light, part.shape[1::-1], interpolation=cv2.INTER_LINEAR), dst=part)


def _span(first: int, length: int, whole: int) -> slice:
    return slice(max(first - MARGIN, 0), min(first + length + MARGIN, whole))


def _reduced(half: NDArray[np.uint8], rows: slice, columns: slice, halvings: int) -> NDArray[np.uint8]:
    part = half[
        rows.start << halvings : rows.stop << halvings, columns.start << halvings : columns.stop << halvings
    ]
    for _ in range(halvings):
        part = halved(part)
    return part


def _blurred(values: Small, sigma: float) -> Small:
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def _soft(values: NDArray) -> Small:
    return cv2.boxFilter(values, cv2.CV_32F, (5, 5), borderType=cv2.BORDER_REFLECT)


def _three(plane: Small) -> Small:
    return cv2.cvtColor(plane, cv2.COLOR_GRAY2BGR)
