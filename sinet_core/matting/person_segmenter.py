"""The people in the frames of one video, at the network's resolution: crop, predict, filter over time."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.detail import predict_in_detail
from sinet_core.matting.flow import is_cut, warp_by_flow
from sinet_core.matting.presence import Presence
from sinet_core.matting.resize import downscale
from sinet_core.matting.roi import Region, RoiTracker
from sinet_core.matting.stage_profiler import StageProfiler, not_profiled
from sinet_core.matting.temporal_filter import TemporalFilter

ENOUGH = 200_000  # pixels of half a frame from which on it has enough detail for the network's input
OLDEST = 0.3  # seconds; an older alpha is not warped


class AlphaPredictor(Protocol):
    """A network. sinet_core.Segmenter is one."""

    def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
        """frame: (H, W, 3) uint8 BGR. input_scale: factor of the usual input area. Returns alpha (h, w) float32 in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class MatteOptions:
    """Quality against time. The options may change with every frame.

    network_every: run the network on every n-th frame, and warp the alpha by optical flow in between.
    input_scale: factor of the network's usual input area.
    high_detail: let the network look twice, see matting/detail.py.
    track_region: crop to the people found before, so that distant people are seen in detail.
    low_latency: never wait for the network. It runs on its own thread, and its latest alpha is warped to the current frame.
    """

    network_every: int = 1
    input_scale: float = 1.0
    high_detail: bool = False
    track_region: bool = True
    low_latency: bool = False


USUAL = MatteOptions()


@dataclass(frozen=True, slots=True)
class SegmentationResult:
    """The people in one frame, at the network's resolution.

    region: the part of the frame that the network saw. Outside it the alpha is 0.
    alpha: (h, w) float32 in [0, 1] of the region, at half the network's input size, filtered over time.
    small: the region at about the same size, (h', w', 3) uint8 BGR.
    shape: of the whole frame, (H, W, 3).
    captured_at: of the frame, also if its alpha was warped from an earlier one; seconds.
    """

    region: Region
    alpha: NDArray[np.float32]
    small: NDArray[np.uint8]
    shape: tuple[int, ...]
    captured_at: float


class PersonSegmenter:
    """Runs the network on consecutive frames and filters its alphas over time. Use it from one thread."""

    def __init__(self, predictor: AlphaPredictor, profiler: StageProfiler = not_profiled) -> None:
        self._regions = RoiTracker()
        self._presence = Presence()
        self._memory = TemporalFilter()
        self._before: tuple[Region, NDArray[np.uint8]] | None = None
        self._predict = profiler("segment", predictor.predict_lowres)
        self._predict_in_detail = profiler("segment", partial(predict_in_detail, predictor.predict_lowres))
        self._reduce = profiler("reduce", downscale)
        self._filter = profiler("steady", self._memory)

    def reset(self) -> None:
        """Forget all earlier frames."""
        self._regions.reset()
        self._presence.reset()
        self._memory.reset()
        self._before = None

    def __call__(
        self,
        frame: NDArray[np.uint8],
        half: NDArray[np.uint8],
        captured_at: float,
        options: MatteOptions = USUAL,
    ) -> SegmentationResult:
        """Segment the people in a frame, (H, W, 3) uint8 BGR. half: halved(frame). Raises what the network raises."""
        find = partial(self._predicted, frame, half, options)
        if options.track_region:
            region, alpha = self._regions.crop(frame, find, captured_at)
        else:
            region = Region.whole(frame.shape[1], frame.shape[0])
            alpha = find(region)
        small = self._reduce(region.of(half), *alpha.shape)
        if self._is_cut(region, small):
            self.reset()
            if not region.is_whole:  # the people may be outside the region now
                return self(frame, half, captured_at, options)
        self._before = region, small
        somebody, alpha = self._presence.somebody, self._presence(alpha, captured_at)
        if self._presence.somebody and not somebody:  # somebody who appears does not fade in
            self._memory.reset()
        alpha = self._filter(alpha, captured_at, small, region)
        if options.track_region:
            self._regions.update(alpha, captured_at)
        return SegmentationResult(region, alpha, small, frame.shape, captured_at)

    def _is_cut(self, region: Region, small: NDArray[np.uint8]) -> bool:
        """Whether the scene in the region has changed since the last frame. A change of resolution is not a cut."""
        if self._before is None or self._before[0] != region:
            return False
        before = self._before[1]
        if before.shape != small.shape:
            before = cv2.resize(before, small.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
        return is_cut(before, small)

    def _predicted(
        self, frame: NDArray[np.uint8], half: NDArray[np.uint8], options: MatteOptions, region: Region
    ) -> NDArray[np.float32]:
        """Return the network's alpha for a region of a frame."""
        seen = region.of(half)
        seen = seen if seen.shape[0] * seen.shape[1] >= ENOUGH else region.of(frame)
        predict = self._predict_in_detail if options.high_detail else self._predict
        return predict(seen, options.input_scale)


class FlowPropagator:
    """Warps a result by optical flow to a later frame on which the network did not run."""

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
        """Return the result for a later frame. None after a cut, for a frame of another size, and if the result is too old."""
        if result.shape != frame.shape or not 0 <= captured_at - result.captured_at <= OLDEST:
            return None
        small = self._reduce(result.region.of(half), *result.small.shape[:2])
        if is_cut(result.small, small):
            return None
        alpha = self._warp(result.alpha, result.small, small)
        return SegmentationResult(result.region, alpha, small, result.shape, captured_at)
