"""Making a person belong in front of a backdrop that is not their room.

Three things give a composite away: the old room's colour in the edge, an edge over which the new place throws no light,
and a person who is lit otherwise than the place. All are judged on a small grid round the person (Harmonizer); at the
frame's own size, composite() multiplies the person's colours, and despill_and_light_wrap() changes only what is near the edge.
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

ROWS = 45  # of the small grid, about, in a whole frame
MARGIN = 2  # pixels of the small grid round the person in which their room is seen
LEAST = 0.02  # of a neighbourhood that must be person, or room, for its colour to be believed
WRAP = 2.0  # pixels of the small grid over which light comes round the edge, as a standard deviation
FAINT = (
    5  # of 255: what is nearer to all room or all person than this has too little wrong with it to be seen
)
EVERY = 0.1  # seconds between two looks at a backdrop that moves
SETTLING = 0.7  # seconds in which 63 % of a change of the light is followed
DARKER, BRIGHTER = 0.75, 1.2  # what the person's brightness is multiplied by at the most
WARMER = 0.12  # what red gains and blue loses, or the other way round, at the most
DARK = 16.0  # added before dividing, so that what is nearly black has no colour

Small = NDArray[np.float32]
Colour: TypeAlias = Sequence[float]  # blue, green and red


@dataclass(frozen=True, slots=True)
class CompositeAdjustments:
    """What makes one composite look like one picture.

    rows, columns: of the small grid, where the person is; halvings: how often the frame was halved for it. gains: what
    the person's blue, green and red are multiplied by, None for 1. change: (h, w, 3) float32 BGR, what the person's
    colours are more than their room's there. light: (h, w, 3) uint8 BGR, what falls over the edge. None: nothing.
    """

    rows: slice
    columns: slice
    halvings: int
    half_alpha: NDArray[np.uint8]
    gains: NDArray[np.float32] | None
    change: Small | None
    light: NDArray[np.uint8] | None


class Harmonizer:
    """A stage of the line: looks at frame and backdrop, and says what makes the person belong there."""

    def __init__(self) -> None:
        self._place = _BackdropLighting()
        self.reset()

    def reset(self) -> None:
        """Forget the frames before: the next person is matched at once."""
        self._gains: NDArray[np.float32] | None = None
        self._at = 0.0

    def __call__(
        self,
        half: NDArray[np.uint8],
        alpha: NDArray[np.uint8],
        backdrop: NDArray[np.uint8],
        settings: Settings,
        at: float,
    ) -> CompositeAdjustments | None:
        """Return the look of a composite; None where nothing is asked for, or nobody is there.

        half: halved(frame), (H / 2, W / 2, 3) uint8 BGR. alpha: (H, W) uint8. backdrop: (H, W, 3) uint8 BGR or I420. None
        of them is written to. at: the frame's time in seconds.
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
        seen = _ForegroundEstimate(_reduced(half, rows, columns, halvings - 1), share[rows, columns])
        if wrap or brightness or warmth:
            self._place.look_at(backdrop, halvings, at)
        gains = None
        if brightness or warmth:
            gains = self._guided_filter(_gains(seen, self._place.mean, brightness, warmth), at)
        light = seen.wrapped(self._place.light[rows, columns], gains, wrap) if wrap else None
        change = None
        if despill:
            change = (seen.own - seen.room) * (
                np.float32(despill) if gains is None else gains * np.float32(despill)
            )
        return CompositeAdjustments(rows, columns, halvings, half_alpha, gains, change, light)

    def _guided_filter(self, gains: NDArray[np.float32], at: float) -> NDArray[np.float32]:
        """Go there gently: a change of the light within a second is the camera's or a passer-by's."""
        if self._gains is not None and 0 <= at - self._at < 1:
            gains = gains + (self._gains - gains) * np.float32(math.exp((self._at - at) / SETTLING))
        self._gains, self._at = gains, at
        return gains


def _asked(settings: Settings) -> tuple[float, float, float, float]:
    """How much of each, 0 to 1. A blurred room is the person's own; a colour is no place, and what is keyed out no light."""
    kind = settings.backdrop
    return (
        settings.despill / 100 if kind in ("picture", "colour", "transparent") else 0.0,
        settings.light_wrap / 100 if kind in ("picture", "colour") else 0.0,
        settings.match_brightness / 100 if kind == "picture" else 0.0,
        settings.match_warmth / 100 if kind == "picture" else 0.0,
    )


class _ForegroundEstimate:
    """The person and the room round them, small. own, room: (h, w, 3) float32 BGR, the colour of either hereabouts.

    From sums of the frame's colours weighted by alpha and by what it lacks to 1, over the same neighbourhood: the blurs
    of "Approximate Fast Foreground Colour Estimation" (Forte and Pitié, ICIP 2021). inside: (h, w) float32, what of the
    light that falls on the edge a pixel gets: most at the edge, nothing deep inside, and nowhere more than there is
    alpha. persons, whole: the mean colours of the person, times alpha, and of everything; people: the mean alpha.
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
        """What the backdrop's light adds, (h, w, 3) uint8."""
        inside = self.inside * np.float32(strength)
        gains = np.ones(3, np.float32) if gains is None else gains
        return cv2.multiply(light - self.own * gains, _three(inside), dtype=cv2.CV_8U)


class _BackdropLighting:
    """The backdrop, small. mean: its colour. light: (h, w, 3) float32 BGR, what it sends to the person at each pixel."""

    def __init__(self) -> None:
        self._backdrop: NDArray[np.uint8] | None = None
        self._at = -math.inf
        self._sizes: tuple[object, int] | None = None
        self.mean: Colour = (0.0, 0.0, 0.0)
        self.light: Small = np.empty((0, 0, 3), np.float32)

    def look_at(self, backdrop: NDArray[np.uint8], halvings: int, at: float) -> None:
        """Does nothing for one that it has looked at already: those that cannot be written to stay what they are.

        Nor for the next frames of a video, whose light does not change so fast: at is the frame's time in seconds.
        """
        sizes = (backdrop.shape, halvings)
        known = sizes == self._sizes and not backdrop.flags.writeable
        if known and (backdrop is self._backdrop or 0 <= at - self._at < EVERY):
            return
        self._backdrop, self._at, self._sizes = backdrop, at, sizes
        small = i420.reduced(backdrop, halvings)
        self.mean = cv2.mean(small)[:3]
        self.light = _blurred(small.astype(np.float32), 2 * WRAP)


def _gains(seen: _ForegroundEstimate, place: Colour, brightness: float, warmth: float) -> NDArray[np.float32]:
    """What blue, green and red of the person are multiplied by, so that they are lit more like the place."""
    people = max(seen.people, 1e-3)
    person = [colour / people for colour in seen.persons]
    # The light that they sit in is told by their room: skin and shirts have colours of their own.
    room: Colour = (128.0,) * 3
    if people < 0.95:
        room = [(whole - own) / (1 - people) for whole, own in zip(seen.whole, seen.persons, strict=True)]
    warm = warmth * min(max(0.5 * (_warmth(place) - _warmth(room)), -WARMER), WARMER)
    gains = np.array([1 - warm, 1, 1 + warm])
    lit = [gain * colour for gain, colour in zip((1 - warm, 1, 1 + warm), person, strict=True)]
    bright = math.sqrt(_brightness(place) / _brightness(person))
    gains *= _brightness(person) / _brightness(lit)  # warmer is not brighter
    gains *= 1 + brightness * (min(max(bright, DARKER), BRIGHTER) - 1)
    return gains.astype(np.float32)


def _warmth(colour: Colour) -> float:
    return math.log((colour[2] + DARK) / (colour[0] + DARK))


def _brightness(colour: Colour) -> float:
    """How bright blue, green and red look."""
    return 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] + DARK


def despill_and_light_wrap(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], look: CompositeAdjustments | None
) -> NDArray[np.uint8]:
    """Take the room's colour out of a composite's edge and let the backdrop's light fall over it, in place.

    pixels: (H, W, 3) uint8 BGR or I420. alpha: (H, W) uint8, not written to. Returns pixels.
    """
    if look is not None and PixelFormat.of(pixels) is PixelFormat.I420 and native.takes(pixels, alpha):
        _finish_planes(pixels, alpha, look)
        return pixels
    if look is not None and look.change is not None:
        _despill(pixels, alpha, look, look.change)
    if look is not None and look.light is not None:
        _wrap(pixels, look, look.light)
    return pixels


def _finish_planes(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], look: CompositeAdjustments) -> None:
    """Both at once for an I420, plane by plane."""
    changes: list[NDArray[np.int16] | None] = [None] * 3
    lights: list[NDArray[np.uint8] | None] = [None] * 3
    if look.change is not None:
        factors = i420.BT601[:, :3] * np.float32(finishing.CHANGE)
        finer, _ = _finer(
            look, cv2.transform(look.change, factors)
        )  # before it is enlarged: a quarter of the work
        changes = list(cv2.split(finer.astype(np.int16)))
    if look.light is not None:
        lights = list(cv2.split(cv2.transform(look.light, i420.BT601)))
    shares = (alpha, look.half_alpha, look.half_alpha)
    for number, (plane, share, nothing) in enumerate(
        zip(i420.planes(pixels), shares, (16, 128, 128), strict=True)
    ):
        halvings = look.halvings - min(number, 1)
        part = np.s_[
            look.rows.start << halvings : look.rows.stop << halvings,
            look.columns.start << halvings : look.columns.stop << halvings,
        ]
        finishing.despill_and_light_wrap(plane[part], share[part], changes[number], lights[number], nothing)


def _finer(look: CompositeAdjustments, change: Small) -> tuple[Small, int]:
    """A change on a grid so fine that its pixels are not seen, and how often half of the frame was halved for it."""
    finer = min(look.halvings - 1, 1)
    size = (change.shape[1] << finer, change.shape[0] << finer)
    return cv2.resize(change, size, interpolation=cv2.INTER_LINEAR), look.halvings - 1 - finer


def _despill(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], look: CompositeAdjustments, change: Small
) -> None:
    """Put the person's own colour for the room's share of every pixel of the edge.

    A pixel of the frame is alpha · person + (1 - alpha) · room; to make it the person's, as much of change is added as
    alpha lacks to 1, and alpha times that in the composite. Done for every four pixels of which some are of the edge.
    """
    width = alpha.shape[1]
    top, left = (span.start << (look.halvings - 1) for span in (look.rows, look.columns))
    tall, wide = (span.stop - span.start << (look.halvings - 1) for span in (look.rows, look.columns))
    half = look.half_alpha[top : top + tall, left : left + wide]
    row, column = np.divmod(np.flatnonzero(half - np.uint8(FAINT) <= 255 - 2 * FAINT), half.shape[1])
    if len(row) == 0:
        return
    change, step = _finer(look, change)
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
    share = _mixed(look.half_alpha.reshape(-1).take(quarter))
    for tint, more in zip(tints, change.T[1:], strict=True):
        _add(tint.reshape(-1), quarter, share * more)


def _mixed(alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    """alpha · (1 - alpha)."""
    share = alpha * np.float32(1 / 255)
    return share - share * share


def _add(pixels: NDArray[np.uint8], where: NDArray[np.intp], more: NDArray[np.float32]) -> None:
    """pixels: (n,) or (n, 3) uint8, written to. more: as many rows as where has."""
    whole = np.dtype((np.void, pixels[:1].nbytes))  # a pixel moved whole takes a third of the time
    mended = cv2.add(pixels.take(where, axis=0), more, dtype=cv2.CV_8U)
    np.put(pixels.reshape(-1).view(whole), where, mended.reshape(-1).view(whole))


def _wrap(pixels: NDArray[np.uint8], look: CompositeAdjustments, light: NDArray[np.uint8]) -> None:
    rows, columns = (
        slice(span.start << look.halvings, span.stop << look.halvings) for span in (look.rows, look.columns)
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
