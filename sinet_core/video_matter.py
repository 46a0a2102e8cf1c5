"""Video → alphas: everything that Backdrop does to find a person in the frames of a webcam, in one object."""

import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.async_segmenter import AsyncSegmenter, Task
from sinet_core.matting.guided_upsampling import guided_upsample
from sinet_core.matting.person_segmenter import (
    USUAL,
    AlphaPredictor,
    FlowPropagator,
    MatteOptions,
    PersonSegmenter,
    SegmentationResult,
)
from sinet_core.matting.resize import halved
from sinet_core.matting.stage_profiler import StageProfiler, not_profiled
from sinet_core.segmenter import Segmenter

NEVER = 1 << 30  # frames since the network ran, where it has not


class NotReadyError(Exception):
    """With low latency: the network has not seen this scene yet, or too long ago. The next frames may bring it."""


class VideoMatter:
    """Finds the person in the frames of one video, one after another. Used by one thread.

        matter = VideoMatter()
        for frame, captured_at in video:
            alpha = matter(frame, captured_at)

    It holds all that is known from earlier frames: the region of interest, the temporal filter, and the last alpha for
    optical flow. A cut, another frame size and a gap in time are noticed; call reset() before another video.
    """

    def __init__(
        self, predictor: AlphaPredictor | None = None, *, profiler: StageProfiler = not_profiled
    ) -> None:
        """predictor: the network, by default the one that comes with the library. profiler: wraps each stage."""
        self._predictor = Segmenter.load() if predictor is None else predictor
        self._profiler = profiler
        self._segment = PersonSegmenter(self._predictor, profiler)
        self._propagate = FlowPropagator(profiler)
        self._upsample = profiler("refine", guided_upsample)
        self._async: AsyncSegmenter | None = None  # with low latency, and a PersonSegmenter of its own
        self._submission: Task | None = None  # for it
        self._last: SegmentationResult | None = None  # of the last frame that the network ran on
        self._since = NEVER  # frames since then

    def __call__(
        self, frame: NDArray[np.uint8], captured_at: float, options: MatteOptions = USUAL
    ) -> NDArray[np.uint8]:
        """Return the alpha of the next frame.

        frame: (H, W, 3) uint8 BGR, at least 32 × 32. It is not written to, and with low latency nobody else may write to it
        afterwards. captured_at: seconds, on a clock that only goes forward.
        Returns (H, W) uint8, 255 is all person. Raises ValueError for any other frame, SegmenterError where the network
        fails, and NotReadyError where options.low_latency is set and there is no recent alpha.
        """
        half = halved(frame)
        try:
            return self.upsample(self.segment(frame, captured_at, options, half=half), frame, half=half)
        finally:
            self.submit()

    def segment(
        self,
        frame: NDArray[np.uint8],
        captured_at: float,
        options: MatteOptions = USUAL,
        *,
        half: NDArray[np.uint8] | None = None,
    ) -> SegmentationResult:
        """The first step of a call, for those who need its result: the alpha at the network's resolution.

        half: halved(frame), where the caller has it. The steps after it are upsample() and, with low latency, submit().
        """
        half = halved(frame) if half is None else half
        try:
            if options.low_latency:
                return self._newest(frame, half, captured_at, options)
            self.close()
            last, self._since = self._last, self._since + 1
            if last is not None and self._since < options.network_every:
                warped = self._propagate(last, frame, half, captured_at)
                if warped is not None:
                    return warped
            self._last, self._since = self._segment(frame, half, captured_at, options), 0
            return self._last
        except Exception:
            self.reset(pending=False)
            raise

    def upsample(
        self, result: SegmentationResult, frame: NDArray[np.uint8], *, half: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        """The second step: a result at its frame's size, fitted to the frame's edges. Returns (H, W) uint8."""
        half = halved(frame) if half is None else half
        region = result.region
        return region.uncropped(self._upsample(result.alpha, region.of(frame), region.of(half), result.small))

    def submit(self) -> None:
        """The last step, with low latency: hand the frame to the network's thread, now that it delays nobody."""
        if self._async is not None and self._submission is not None:
            self._async.submit(self._submission)
        self._submission = None

    @property
    def network_runs(self) -> bool:
        """Whether the network runs on the last frame that was segmented; otherwise its alpha is warped from an earlier one."""
        return self._since == 0

    def wait(self, deadline: float = 10.0) -> bool:
        """With low latency: wait for the network's thread, so many seconds at most. Returns whether it is done."""
        return self._async is None or self._async.wait(deadline)

    def reset(self, *, pending: bool = True) -> None:
        """Forget all earlier frames. pending: also those that the thread of low latency has segmented or is segmenting."""
        self._segment.reset()
        self._last, self._since = None, NEVER
        if pending and self._async is not None:
            self._async.reset()

    def close(self) -> None:
        """End the thread of low latency; it starts again when it is needed."""
        if self._async is not None:
            self._async.close()
            self._async = None

    def _newest(
        self, frame: NDArray[np.uint8], half: NDArray[np.uint8], captured_at: float, options: MatteOptions
    ) -> SegmentationResult:
        if self._async is None or not self._async.alive:
            self._async = AsyncSegmenter(PersonSegmenter(self._predictor, self._profiler))
        self._since += 1
        if self._since >= options.network_every:
            self._submission, self._since = (frame, half, captured_at, options), 0
        newest = self._async.newest()
        warped = None if newest is None else self._propagate(newest, frame, half, captured_at)
        if warped is None:
            raise NotReadyError("the network has not seen this scene yet")
        return warped
