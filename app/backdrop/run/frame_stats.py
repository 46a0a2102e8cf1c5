"""How the line keeps time: what frames cost, how old they are when they leave, and how much effort they are given."""

import time

from backdrop.frames.frame import Frame
from backdrop.language import _
from backdrop.pipeline.quality import QualityLevel
from backdrop.run.quality_controller import QualityController
from backdrop.run.rates import Rate


class FrameStats:
    """Told of every frame by the thread that processes them; any thread may look.

    governed: whether the effort follows from what frames cost; otherwise it is always full.
    """

    def __init__(self, governed: bool = True) -> None:
        self.processed = Rate()  # with the time from a frame to its sent composite
        self.ages = Rate()  # of composites when they have been sent, from when the camera gave the frame
        self._governed = governed
        self._quality_controller = QualityController()

    @property
    def quality_level(self) -> QualityLevel:
        """What the next frame is to be given."""
        return self._quality_controller.quality_level

    @property
    def notice(self) -> str | None:
        """A sentence for the person when even the least effort is too much, else None."""
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
        """Note that what became of a frame has been sent just now.

        begun: when processing it began, on the clock of captured_at. hidden: a card went out in its place. fps: the
        camera's. dropped: frames that nobody took, since the start. budget: percent of one core, 0 for all there is.
        """
        now = time.monotonic()
        self.processed.count(now - begun, now)
        if not hidden:
            self.ages.count(now - frame.captured_at, now)
        if self._governed:
            self._quality_controller.note(now, now - begun, 1 / fps, dropped, time.process_time(), budget)
