"""Region of interest: crop to the people, and check the whole frame from time to time.

The network's input is small: somebody at the back of the room is only a few of its pixels high. The region is the part of
the frame round the people found before, with a margin. Everything outside it is background.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.glance import Glance
from sinet_core.matting.people import Box, Person, people_in

Plane: TypeAlias = NDArray[np.float32]

WHOLE_FRAME_EVERY = 0.4  # seconds between two checks of the whole frame for newcomers
# The same where something moves outside the region, in seconds; doubled each time that it was not a person.
WHOLE_FRAME_SOON = 0.1
MARGIN, HEADROOM = 0.2, 0.1  # of the people's box: on every side, and in addition above
MARGIN_LEFT = 0.07  # of the box: with less margin than this the region moves
AHEAD = 0.2  # seconds by which movements are extrapolated
SHAPES = (1.0, 0.75)  # width / height, besides the frame's own. Few, as the network has a session for each
NEAREST, LEAST = 0.25, 192  # of the frame's height, and in pixels: the minimum height of a region
STEP = 16  # pixels: sides of a region are multiples of it, and positions too, except at the frame's end
WORTH = 0.6  # of the frame's area: a larger region gains hardly any detail or stability
TOO_LARGE = 1.5  # times the area needed: a region larger than that shrinks …
SETTLING, LONGEST = (
    0.7,
    12.0,
)  # … after this many seconds, doubled each time that it had to grow again soon, up to LONGEST


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in a frame, in pixels of the frame. frame: (width, height) of the frame."""

    left: int
    top: int
    width: int
    height: int
    frame: tuple[int, int]

    @staticmethod
    def whole(width: int, height: int) -> "Region":
        return Region(0, 0, width, height, (width, height))

    @property
    def is_whole(self) -> bool:
        return (self.width, self.height) == self.frame

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns in the frame."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the region of a frame (H, W, 3), or of halved(frame), as a view."""
        if self.is_whole:
            return pixels
        by = 1 if pixels.shape[1] == self.frame[0] else 2
        rows = slice(self.top // by, (self.top + self.height) // by)
        return pixels[rows, self.left // by : (self.left + self.width) // by]

    def uncropped(self, alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the alpha of the whole frame, (H, W) uint8, from the region's, (height, width) uint8. It is 0 outside."""
        if self.is_whole:
            return alpha
        whole = np.zeros(self.frame[::-1], np.uint8)
        self.of(whole)[:] = alpha
        return whole

    def resampled(self, plane: Plane, to: "Region", shape: tuple[int, int], unknown: float) -> Plane:
        """Resample a plane (h, w) float32 from this region to another one, at shape (h', w'), with `unknown` outside this one."""
        height, width = plane.shape
        across, down = (
            width / self.width,
            height / self.height,
        )  # from pixels of the frame to those of the plane
        scale_x, scale_y = to.width / shape[1] * across, to.height / shape[0] * down
        left, top = (to.left - self.left) * across, (to.top - self.top) * down
        # Pixel centres map to pixel centres.
        places = np.array([[scale_x, 0, left + scale_x / 2 - 0.5], [0, scale_y, top + scale_y / 2 - 0.5]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        answer = cv2.warpAffine(plane, places, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)
        outside = np.ones(shape, np.bool_)
        rows = _pixels(self.top - to.top, self.height, shape[0] / to.height)
        outside[rows, _pixels(self.left - to.left, self.width, shape[1] / to.width)] = False
        answer[outside] = unknown
        return np.asarray(answer, np.float32)


def _pixels(first: int, length: int, scale: float) -> slice:
    """The pixels whose centres lie in a range of `length` from `first` on, multiplied by `scale`."""
    return slice(max(0, math.ceil(first * scale - 0.5)), max(0, math.ceil((first + length) * scale - 0.5)))


class RoiTracker:
    """Chooses the region for the network, frame by frame.

    When people fill much of the frame, the region is the whole frame. Otherwise it stays where it is as long as the people
    stay in it, because each move of the region changes the network's answer a little. It grows at once and shrinks late.
    The network also sees the whole frame every WHOLE_FRAME_EVERY seconds, and sooner if something moves outside the region;
    people found there are added.
    """

    def __init__(self) -> None:
        self._size = (0, 0)
        self.reset()

    def reset(self) -> None:
        """Forget the people: the next region is the whole frame."""
        self._region = Region.whole(*self._size)
        self._next = self._region
        self._people: Box | None = None
        self._speed = 0.0, 0.0  # pixels per second, across and down
        self._whole_frame_at = -math.inf  # capture time of the last whole frame that the network saw
        self._updated_at = -math.inf
        self._too_large_since: float | None = None
        self._shrunk_at = -math.inf
        self._patience = SETTLING
        self._glance = Glance()
        self._soon = WHOLE_FRAME_SOON

    def crop(
        self, frame: NDArray[np.uint8], find: Callable[[Region], Plane], captured_at: float
    ) -> tuple[Region, Plane]:
        """Choose the region of a frame and segment it. Returns the region and its alpha.

        frame: (H, W, 3) uint8 BGR. find: returns the alpha (h, w) float32 in [0, 1] of a region. captured_at: seconds.
        Raises what find raises.
        """
        size = frame.shape[1], frame.shape[0]
        if size != self._size or captured_at < self._updated_at:
            self._size = size
            self.reset()
        self._region = self._next
        if not self._region.is_whole and self._is_due(frame, captured_at):
            alpha = find(Region.whole(*size))
            before = self._region
            self._region = self._next = self._with_newcomers(alpha, captured_at)
            self._whole_frame_at = captured_at
            self._glance.keep(frame)
            if self._region != before:
                self._soon = WHOLE_FRAME_SOON
            if self._region.is_whole:
                return self._region, alpha
        alpha = find(self._region)
        if self._region.is_whole:
            self._whole_frame_at = captured_at
            self._glance.keep(frame)
        return self._region, alpha

    def _is_due(self, frame: NDArray[np.uint8], captured_at: float) -> bool:
        """Whether the network should see the whole frame now."""
        waited = captured_at - self._whole_frame_at
        if waited < min(self._soon, WHOLE_FRAME_EVERY):
            return False
        if self._glance.moved(frame, self._region.slices):
            self._soon = min(2 * self._soon, WHOLE_FRAME_EVERY)  # reset if it turns out to be a person
            return True
        if waited < WHOLE_FRAME_EVERY:
            return False
        self._soon = WHOLE_FRAME_SOON
        return True

    def update(self, alpha: Plane, captured_at: float) -> None:
        """Choose the next region from the filtered alpha of the last one.

        alpha: (h, w) float32 in [0, 1], of the region that crop() returned, filtered over time. captured_at: seconds.
        """
        here, before = self._region, self._people
        self._people = people_box(alpha, here)
        seconds, self._updated_at = captured_at - self._updated_at, captured_at
        if self._people is None:
            self._whole_frame_at = -math.inf  # check the whole frame: have they left, or only moved?
            return
        self._measure_speed(before, self._people, seconds)
        expected = _extrapolated(self._people, self._speed)
        wanted = _region_around(expected, *self._size)
        if not _contains(here, expected):
            self._grow_to(wanted, captured_at)
        elif not _is_too_large(here, wanted):
            self._too_large_since = None
        elif self._too_large_since is None:
            self._too_large_since = captured_at
        elif captured_at - self._too_large_since >= self._patience:
            self._next, self._too_large_since, self._shrunk_at = wanted, None, captured_at

    def _measure_speed(self, before: Box | None, box: Box, seconds: float) -> None:
        if before is None or not 0 < seconds < WHOLE_FRAME_EVERY:
            self._speed = 0.0, 0.0
            return
        new = min(1.0, seconds / AHEAD)  # averaged, because boxes are unsteady
        across = (box[0] + box[2] - before[0] - before[2]) / 2 / seconds
        down = (box[1] + box[3] - before[1] - before[3]) / 2 / seconds
        x, y = self._speed
        self._speed = x + (across - x) * new, y + (down - y) * new

    def _with_newcomers(self, alpha: Plane, captured_at: float) -> Region:
        """The region, extended by people in the whole frame's alpha who are mostly outside it."""
        people = people_in(alpha)
        if self._people is None:
            box = _box_of(people, Region.whole(*self._size))
            if box is None:
                return Region.whole(*self._size)
            if _contains(self._region, box):
                return self._region
        else:
            newcomers = [one for one in people if _fraction_in(one, self._region) < 0.5]
            box = _box_of(newcomers, Region.whole(*self._size))
            if box is None:
                return self._region
            box = _union(box, self._people)
        self._grow_to(_region_around(box, *self._size), captured_at)
        return self._next

    def _grow_to(self, region: Region, captured_at: float) -> None:
        soon = captured_at - self._shrunk_at < LONGEST  # it should not have shrunk
        self._patience = min(2 * self._patience, LONGEST) if soon else SETTLING
        self._next, self._too_large_since = region, None


def people_box(alpha: Plane, region: Region) -> Box | None:
    """The bounding box of the people in a region's alpha (h, w): left, top, right, bottom in the frame's pixels. None: nobody."""
    return _box_of(people_in(alpha), region)


def _is_too_large(region: Region, wanted: Region) -> bool:
    area, needed = region.width * region.height, wanted.width * wanted.height
    return area > TOO_LARGE * needed or (region.is_whole and not wanted.is_whole)


def _fraction_in(person: Person, region: Region) -> float:
    """The fraction of a person, found in the whole frame's alpha, that lies in a region."""
    mask = person.mask()
    height, width = mask.shape
    rows = _pixels(region.top, region.height, height / region.frame[1])
    columns = _pixels(region.left, region.width, width / region.frame[0])
    return float(np.count_nonzero(mask[rows, columns]) / np.count_nonzero(mask))


def _box_of(people: list[Person], region: Region) -> Box | None:
    """The bounding box of people found in a region's alpha, in the frame's pixels."""
    if not people:
        return None
    lefts, tops, rights, bottoms = zip(*(person.box for person in people), strict=True)
    left, right = (region.left + place * region.width for place in (min(lefts), max(rights)))
    top, bottom = (region.top + place * region.height for place in (min(tops), max(bottoms)))
    return left, top, right, bottom


def _union(box: Box, other: Box | None) -> Box:
    if other is None:
        return box
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _extrapolated(box: Box, speed: tuple[float, float]) -> Box:
    """The union of a box and where it will be in AHEAD seconds. speed: pixels per second, across and down."""
    width, height = box[2] - box[0], box[3] - box[1]
    across, down = (
        max(-side / 2, min(AHEAD * way, side / 2)) for way, side in zip(speed, (width, height), strict=True)
    )
    return _union(box, (box[0] + across, box[1] + down, box[2] + across, box[3] + down))


def _with_margin(box: Box, margin: float, headroom: float, width: int, height: int) -> Box:
    """A box with a margin, as a fraction of its sides, clipped to the frame."""
    across, down = box[2] - box[0], box[3] - box[1]
    left, top = max(0, box[0] - margin * across), max(0, box[1] - (margin + headroom) * down)
    return left, top, min(width, box[2] + margin * across), min(height, box[3] + margin * down)


def _contains(region: Region, box: Box) -> bool:
    """Whether a region contains a box with MARGIN_LEFT round it, or as much of that as the frame has."""
    left, top, right, bottom = _with_margin(box, MARGIN_LEFT, 0, *region.frame)
    in_width = region.left <= left and right <= region.left + region.width
    return in_width and region.top <= top and bottom <= region.top + region.height


def _region_around(box: Box, width: int, height: int) -> Region:
    """The smallest region round a box with margins, in one of SHAPES or the frame's; the whole frame if that gains little."""
    whole = Region.whole(width, height)
    left, top, right, bottom = _with_margin(box, MARGIN, HEADROOM, width, height)
    best = whole
    for shape in (width / height, *SHAPES):
        least = max(bottom - top, (right - left) / shape, NEAREST * height, LEAST)
        tall = math.ceil(least / STEP) * STEP
        wide = math.ceil(tall * shape / STEP) * STEP
        if tall <= height and wide <= width and tall * wide < best.width * best.height:
            best = Region(
                _centred(left, right, wide, width),
                _centred(top, bottom, tall, height),
                wide,
                tall,
                whole.frame,
            )
    worth = best.width * best.height <= WORTH * width * height
    return best if worth else whole


def _centred(first: float, last: float, length: int, whole: int) -> int:
    """The start of a range of a length, centred on another range and inside the frame."""
    begin = round(((first + last) - length) / 2 / STEP) * STEP
    return max(0, min(begin, whole - length))
