"""Video matting: from the frames of a video to alphas at the frames' size."""

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

NEVER = 1 << 30  # frames since the network last ran, if it never did


class NotReadyError(Exception):
    """With low latency: there is no alpha recent enough to warp to this frame. Try again with the next frame."""


class VideoMatter:
    """Computes an alpha for each frame of one video, in order. Use it from one thread.

        matter = VideoMatter()
        for frame, captured_at in video:
            alpha = matter(frame, captured_at)

    It keeps the state between frames: the region of interest, the temporal filter, and the last alpha for optical flow.
    It detects cuts, changes of the frame size and gaps in time, and starts again after them. Call reset() before another video.
    A call runs three steps, which can also be called one by one: segment(), upsample() and submit().
    """

    def __init__(
        self, predictor: AlphaPredictor | None = None, *, profiler: StageProfiler = not_profiled
    ) -> None:
        """predictor: the network; by default the one that comes with the package. profiler: wraps each stage to time it."""
        self._predictor = Segmenter.load() if predictor is None else predictor
        self._profiler = profiler
        self._segment = PersonSegmenter(self._predictor, profiler)
        self._propagate = FlowPropagator(profiler)
        self._upsample = profiler("refine", guided_upsample)
        self._async: AsyncSegmenter | None = None  # for low latency; it has a PersonSegmenter of its own
        self._submission: Task | None = None  # the next frame for it
        self._last: SegmentationResult | None = None  # of the last frame that the network ran on
        self._since = NEVER  # frames since then

    def __call__(
        self, frame: NDArray[np.uint8], captured_at: float, options: MatteOptions = USUAL
    ) -> NDArray[np.uint8]:
        """Return the alpha of the next frame.

        frame: (H, W, 3) uint8 BGR, at least 32 × 32. It is not modified. With low latency you must not modify it afterwards,
        because the network may still be reading it. captured_at: seconds, on a monotonic clock. options: quality against time;
        they may change with every frame.
        Returns (H, W) uint8, 255 is all person. Raises ValueError for any other frame, SegmenterError if the network
        fails, and NotReadyError if options.low_latency is set and there is no recent alpha.
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
        """Run the first step of a call: the alpha at the network's resolution. Arguments and errors are those of a call.

        half: halved(frame), if the caller has it already. Next come upsample() and, with low latency, submit().
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
        """Run the second step: bring a result to its frame's size, fitted to the frame's edges. Returns (H, W) uint8."""
        half = halved(frame) if half is None else half
        region = result.region
        return region.uncropped(self._upsample(result.alpha, region.of(frame), region.of(half), result.small))

    def submit(self) -> None:
        """Run the last step, for low latency: pass the frame to the network's thread. Last, so as not to delay the alpha."""
        if self._async is not None and self._submission is not None:
            self._async.submit(self._submission)
        self._submission = None

    @property
    def network_runs(self) -> bool:
        """Whether the network ran on the last segmented frame; otherwise its alpha was warped from an earlier one."""
        return self._since == 0

    def wait(self, deadline: float = 10.0) -> bool:
        """With low latency: wait for the network's thread, for `deadline` seconds at most. Returns whether it has finished."""
        return self._async is None or self._async.wait(deadline)

    def reset(self, *, pending: bool = True) -> None:
        """Forget all earlier frames. pending: also the result of the low-latency thread and the frame it is working on."""
        self._segment.reset()
        self._last, self._since = None, NEVER
        if pending and self._async is not None:
            self._async.reset()

    def close(self) -> None:
        """Stop the low-latency thread. It starts again when needed."""
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
