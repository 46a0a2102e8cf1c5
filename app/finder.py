"""Where the person is in a frame: found by the network, or carried along from the frame in which it last found them."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.frame import Frame
from app.language import _
from app.watch import Watch, unwatched
from sinet_core.detail import HighDetail
from sinet_core.matte import Steady
from sinet_core.motion import carried, is_cut
from sinet_core.presence import Presence
from sinet_core.region import Gaze, Region
from sinet_core.small import reduced_by_halves

MULTIPLE = 16  # pixels; the alpha's size is a multiple of it, and so not quite of the frame's shape
ENOUGH = 200_000  # pixels of a frame that the network's input, a quarter of it, is reduced from without loss
OLDEST = 0.3  # seconds; an alpha that was seen longer ago says nothing any more


class FrameError(Exception):
    """A frame or an alpha is not what it should be. str() is one sentence for a person."""


class PersonFinder(Protocol):
    """What the line needs of sinet_core.Segmenter."""

    def coarse(self, frame: NDArray[np.uint8], share: float = 1.0) -> NDArray[np.float32]:
        """frame: (H, W, 3) uint8 BGR. share: of the network's usual area. Returns alpha (h, w) float32, at half its size."""
        ...


@dataclass(frozen=True, slots=True)
class Detail:
    """How closely the network looks.

    share: of its usual area. high: at a whole frame with more than that, where the person leaves room (HighDetail).
    """

    share: float = 1.0
    high: bool = False


USUAL = Detail()


@dataclass(frozen=True, slots=True)
class Sighting:
    """The person in one frame.

    region: the part of the frame that was looked at; outside of it is nobody. alpha: (h, w) float32 in [0, 1], at
    half the network's size, and small: the frame at that size, (h', w', 3) uint8 BGR, both of the region. shape: of
    the frame itself. captured_at: when it was; of a sighting that was carried along, too.
    """

    region: Region
    alpha: NDArray[np.float32]
    small: NDArray[np.uint8]
    shape: tuple[int, ...]
    captured_at: float


class Finder:
    """Finds the person in frames, one after another, by the network, steadied. Used by one thread."""

    def __init__(self, segmenter: PersonFinder, watch: Watch = unwatched) -> None:
        self._gaze = Gaze()
        self._presence = Presence()
        self._memory = Steady()
        self._high_detail = HighDetail()
        self._before: tuple[Region, NDArray[np.uint8]] | None = None
        self._segment = watch("segment", segmenter.coarse)
        self._reduce = watch("reduce", reduced_by_halves)
        self._steady = watch("steady", self._memory)

    def reset(self) -> None:
        """Forget the frames before."""
        self._gaze.reset()
        self._presence.reset()
        self._memory.reset()
        self._high_detail.reset()
        self._before = None

    def __call__(self, frame: Frame, half: NDArray[np.uint8], detail: Detail = USUAL) -> Sighting:
        """Find the person. half: halved(frame.pixels).

        Raises FrameError when the network answers what is no alpha, and what the network raises.
        """
        find = partial(self._looked, frame.pixels, half, detail)
        region, alpha = self._gaze.look(frame.pixels, find, frame.captured_at)
        small = self._reduce(region.of(half), *alpha.shape)
        if self._is_cut(region, small):
            self.reset()
            if not region.is_whole:  # nobody knows where the people are now
                return self(frame, half, detail)
        self._before = region, small
        somebody, alpha = self._presence.somebody, self._presence(alpha, frame.captured_at)
        if self._presence.somebody and not somebody:  # who comes does not fade in from an empty room
            self._memory.reset()
        alpha = self._steady(alpha, frame.captured_at, small, region)
        self._gaze.follow(alpha, frame.captured_at)
        if region.is_whole:
            self._high_detail.follow(alpha)
        return Sighting(region, alpha, small, frame.pixels.shape, frame.captured_at)

    def _is_cut(self, region: Region, small: NDArray[np.uint8]) -> bool:
        """Whether what is seen in a region is another scene than before; fewer or more pixels of one are no other."""
        if self._before is None or self._before[0] != region:
            return False
        before = self._before[1]
        if before.shape != small.shape:
            before = cv2.resize(before, small.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
        return is_cut(before, small)

    def _looked(
        self,
        pixels: NDArray[np.uint8],
        half: NDArray[np.uint8],
        detail: Detail,
        region: Region,
    ) -> NDArray[np.float32]:
        """The network's answer for a region of a frame. A part of it is near enough without more detail."""
        share = detail.share
        if detail.high and region.is_whole:
            share *= self._high_detail.share
        part, seen = region.of(pixels), region.of(half)
        seen = seen if seen.shape[0] * seen.shape[1] >= ENOUGH else part
        return _checked(self._segment(seen) if share == 1 else self._segment(seen, share), part)


class Follower:
    """Carries a sighting along to frames that the network has not looked at."""

    def __init__(self, watch: Watch = unwatched) -> None:
        self._reduce = watch("reduce", reduced_by_halves)
        self._carry = watch("carry", carried)

    def __call__(self, sighting: Sighting, frame: Frame, half: NDArray[np.uint8]) -> Sighting | None:
        """Return the person in this frame, or None where the sighting says nothing of it: after a cut, another size, too long."""
        age = frame.captured_at - sighting.captured_at
        if sighting.shape != frame.pixels.shape or not 0 <= age <= OLDEST:
            return None
        small = self._reduce(sighting.region.of(half), *sighting.small.shape[:2])
        if is_cut(sighting.small, small):
            return None
        alpha = self._carry(sighting.alpha, sighting.small, small)
        return Sighting(sighting.region, alpha, small, sighting.shape, frame.captured_at)


def _checked(alpha: object, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return alpha if it is one. A person would not want to be shown with anything else."""
    broken = FrameError(_("The network's answer cannot be used: install Backdrop again."))
    if not isinstance(alpha, np.ndarray) or alpha.dtype != np.float32 or alpha.ndim != 2 or alpha.size == 0:
        raise broken
    height, width = alpha.shape
    stretched = (height / width) / (frame.shape[0] / frame.shape[1])
    # Each side is rounded, and for a strip of a frame the nearest area, too, counts for more than its shape.
    rounding = ((1 + MULTIPLE / height) * (1 + MULTIPLE / width)) ** 2
    if not 1 / rounding <= stretched <= rounding:  # it lies where the frame stands
        raise broken
    if not (alpha.min() >= -1e-3 and alpha.max() <= 1.001):  # also where there is NaN
        raise broken
    return alpha
