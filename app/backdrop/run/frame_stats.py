"""Frame times: what a frame costs, how old it is when it is sent, and at which quality level the next one is processed."""

import time

from backdrop.frames.frame import Frame
from backdrop.language import _
from backdrop.pipeline.quality import QualityLevel
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.run.quality_controller import QualityController
from backdrop.run.rates import Rate


class FrameStats:
    """The processing thread reports every frame; any thread may read.

    governed: whether the quality level follows from what frames cost; otherwise it is always the best.
    """

    def __init__(
        self, governed: bool = True, *, limits: Limits = USUAL_LIMITS, clock: Clock = time.monotonic
    ) -> None:
        self.processed = Rate(clock=clock)  # with the time from a frame to its sent composite
        self.ages = Rate(clock=clock)  # of sent composites, since the camera delivered the frame
        self._governed = governed
        self._clock = clock
        self._quality_controller = QualityController(window=limits.quality_window, calm=limits.quality_calm)

    @property
    def quality_level(self) -> QualityLevel:
        """For the next frame."""
        return self._quality_controller.quality_level

    @property
    def notice(self) -> str | None:
        """A sentence for the person if even the lowest quality level is too much, else None."""
        if not self._quality_controller.too_slow:
            return None
        if self._quality_controller.over_budget:
            return _("Backdrop exceeds its CPU limit even at the lowest quality: set a higher limit.")
        return _(
            "This computer is too busy for Backdrop to keep up: close other programs, or choose a "
            "smaller size."
        )

    def sent(
        self, frame: Frame, begun: float, *, hidden: bool, fps: float, dropped: int, budget: int
    ) -> None:
        """Note that the result of a frame has just been sent.

        begun: when its processing began, on the clock of captured_at. hidden: a placeholder was sent instead. fps: the
        camera's. dropped: frames never processed, since the start. budget: percent of one core, 0 for no limit.
        """
        now = self._clock()
        self.processed.count(now - begun, now)
        if not hidden:
            self.ages.count(now - frame.captured_at, now)
        if self._governed:
            self._quality_controller.note(now, now - begun, 1 / fps, dropped, time.process_time(), budget)
