"""The person in the frames of one video, at the network's resolution: cropped to, predicted, filtered over time."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.detail import HighDetail
from sinet_core.matting.flow import is_cut, warp_by_flow
from sinet_core.matting.presence import Presence
from sinet_core.matting.resize import downscale
from sinet_core.matting.roi import Region, RoiTracker
from sinet_core.matting.stage_profiler import StageProfiler, not_profiled
from sinet_core.matting.temporal_filter import TemporalFilter

ENOUGH = 200_000  # pixels of half a frame from which the network's input, a quarter of them, loses nothing
OLDEST = 0.3  # seconds; an older alpha says nothing about the frame at hand


class AlphaPredictor(Protocol):
    """The network, as sinet_core.Segmenter has it."""

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """frame: (H, W, 3) uint8 BGR. input_scale: of the network's usual input area. Returns alpha (h, w) float32 in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class MatteOptions:
    """What an alpha may cost. They may change with every frame.

    network_every: run the network on every n-th frame, and warp the alpha by optical flow in between. input_scale: of the
    network's usual input area. high_detail: twice that area for a whole frame in which the person leaves room. track_region:
    crop to the people that were found before, so that distant ones are seen from near. low_latency: never wait for the
    network; it runs on a thread of its own, and its newest alpha is warped to the frame at hand.
    """

    network_every: int = 1
    input_scale: float = 1.0
    high_detail: bool = False
    track_region: bool = True
    low_latency: bool = False


USUAL = MatteOptions()


@dataclass(frozen=True, slots=True)
class SegmentationResult:
    """The person in one frame.

    region: the part of the frame that the network saw; outside it is nobody. alpha: (h, w) float32 in [0, 1], at half the
    network's input size, filtered over time. small: the frame at about that size, (h', w', 3) uint8 BGR. Both cover the
    region. shape: of the frame itself. captured_at: when the frame was captured, also where the alpha was warped to it.
    """

    region: Region
    alpha: NDArray[np.float32]
    small: NDArray[np.uint8]
    shape: tuple[int, ...]
    captured_at: float


class PersonSegmenter:
    """Runs the network on frames, one after another, and filters its alphas over time. Used by one thread."""

    def __init__(self, predictor: AlphaPredictor, profiler: StageProfiler = not_profiled) -> None:
        self._regions = RoiTracker()
        self._presence = Presence()
        self._memory = TemporalFilter()
        self._high_detail = HighDetail()
        self._before: tuple[Region, NDArray[np.uint8]] | None = None
        self._predict = profiler("segment", predictor.predict_lowres)
        self._reduce = profiler("reduce", downscale)
        self._filter = profiler("steady", self._memory)

    def reset(self) -> None:
        """Forget all earlier frames."""
        self._regions.reset()
        self._presence.reset()
        self._memory.reset()
        self._high_detail.reset()
        self._before = None

    def __call__(
        self,
        frame: NDArray[np.uint8],
        half: NDArray[np.uint8],
        captured_at: float,
        options: MatteOptions = USUAL,
    ) -> SegmentationResult:
        """Find the person in a frame, (H, W, 3) uint8 BGR. half: halved(frame). Raises what the network raises."""
        find = partial(self._predicted, frame, half, options)
        if options.track_region:
            region, alpha = self._regions.crop(frame, find, captured_at)
        else:
            region = Region.whole(frame.shape[1], frame.shape[0])
            alpha = find(region)
        small = self._reduce(region.of(half), *alpha.shape)
        if self._is_cut(region, small):
            self.reset()
            if not region.is_whole:  # nobody knows where the people are now
                return self(frame, half, captured_at, options)
        self._before = region, small
        somebody, alpha = self._presence.somebody, self._presence(alpha, captured_at)
        if self._presence.somebody and not somebody:  # who comes does not fade in from an empty room
            self._memory.reset()
        if region.is_whole:
            self._high_detail.update(alpha)  # before it is filtered, for then who has gone stays a little
        alpha = self._filter(alpha, captured_at, small, region)
        if options.track_region:
            self._regions.update(alpha, captured_at)
        return SegmentationResult(region, alpha, small, frame.shape, captured_at)

    def _is_cut(self, region: Region, small: NDArray[np.uint8]) -> bool:
        """Whether a region shows another scene than before. Another resolution of the same scene is no cut."""
        if self._before is None or self._before[0] != region:
            return False
        before = self._before[1]
        if before.shape != small.shape:
            before = cv2.resize(before, small.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
        return is_cut(before, small)

    def _predicted(
        self, frame: NDArray[np.uint8], half: NDArray[np.uint8], options: MatteOptions, region: Region
    ) -> NDArray[np.float32]:
        """The network's alpha for a region of a frame. A crop is near enough without high detail."""
        scale = options.input_scale
        if options.high_detail and region.is_whole:
            scale *= self._high_detail.input_scale
        seen = region.of(half)
        seen = seen if seen.shape[0] * seen.shape[1] >= ENOUGH else region.of(frame)
        return self._predict(seen) if scale == 1 else self._predict(seen, scale)


class FlowPropagator:
    """Warps a result by optical flow to a later frame that the network has not seen."""

    def __init__(self, profiler: StageProfiler = not_profiled) -> None:
        self._reduce = profiler("reduce", downscale)
        self._warp = profiler("carry", warp_by_flow)

    def __call__(
        self,
        result: SegmentationResult,
        frame: NDArray[np.uint8],
        half: NDArray[np.uint8],
        captured_at: float,
    ) -> SegmentationResult | None:
        """Return the person in a later frame; None after a cut, for a frame of another size, and where the result is too old."""
        if result.shape != frame.shape or not 0 <= captured_at - result.captured_at <= OLDEST:
            return None
        small = self._reduce(result.region.of(half), *result.small.shape[:2])
        if is_cut(result.small, small):
            return None
        alpha = self._warp(result.alpha, result.small, small)
        return SegmentationResult(result.region, alpha, small, result.shape, captured_at)
