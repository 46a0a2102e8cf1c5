"""Chooses the quality level: lower when this computer cannot keep up, higher again when it can."""

import logging
from statistics import fmean

from backdrop.pipeline.quality import QUALITY_LEVELS, QualityLevel

log = logging.getLogger(__name__)

WINDOW = 1.0  # seconds that are judged together
LONGEST_GAP = 0.5  # seconds without a frame, after which the line has rested and a new window begins
ROOM = 0.8  # of the time between two frames that one may take: the rest is for the camera and for other work in between
RARE = 0.1  # of the frames: this share, those that took longest, is ignored, because other programs caused it
LOST = 0.1  # of the frames; if more are dropped, the line is too slow whatever the times say
MARGIN = 0.85  # of the limit, in which the next better level must fit
CALM = 4.0  # seconds that it must have fitted before it is tried …
LONGEST_CALM = 600.0  # … and the most, for a level that keeps failing
PROBATION = 60.0  # seconds; a level that has to be given up within them has failed
EASED = 0.75  # of the load when a level failed: once the load stays below that …
LASTING = 8.0  # … for this many seconds, the failure is forgotten


class QualityController:
    """Moves along QUALITY_LEVELS. Used by one thread, which reports every frame.

    Down as soon as one window was too much, as far as seems needed. Up one step at a time, when the step above would have
    fitted by its predicted cost for CALM seconds. A step that fails is tried again after twice the time, and so on, until
    the load itself has eased: under a steady load the level settles.
    """

    def __init__(self, *, window: float = WINDOW, calm: float = CALM) -> None:
        """window, calm: seconds, in place of WINDOW and CALM."""
        self._window, self._shortest_calm = window, calm
        self._step = 0
        self._seconds: list[float] = []  # of each frame in this window
        # When the window began, with the frames dropped and the CPU used until then.
        self._begun: tuple[float, int, float] | None = None
        self._heard_at = 0.0
        self._fits_since: float | None = None  # since when the step above fits, by its predicted cost
        self._raised_at = -PROBATION
        self._calm = calm
        self._load_then: float | None = None  # the load after the step above had failed
        self._eased_since: float | None = None  # since when the load has been well below that
        self._too_slow = False
        self._in_time = True  # frames are fast enough, whatever the budget says

    @property
    def quality_level(self) -> QualityLevel:
        """For the next frame."""
        return QUALITY_LEVELS[self._step]

    @property
    def too_slow(self) -> bool:
        """Whether even the lowest level is too much."""
        return self._too_slow

    @property
    def over_budget(self) -> bool:
        """Whether even the lowest level is too much for the budget, and only for the budget."""
        return self._too_slow and self._in_time

    def note(
        self, now: float, seconds: float, interval: float, dropped: int, cpu: float, budget: int
    ) -> None:
        """Note a frame that was just sent.

        seconds: how long it took. interval: seconds between two frames of the camera. dropped: frames never processed,
        since the start. cpu: seconds of CPU time that the process has used. budget: percent of one core, 0 for no limit.
        """
        if self._begun is None or now - seconds - self._heard_at > LONGEST_GAP:
            self._begin(now, dropped, cpu)
        self._heard_at = now
        self._seconds.append(seconds)
        assert self._begun is not None
        since, dropped_before, cpu_before = self._begun
        if now - since < self._window:
            return
        load = _usual(self._seconds) / (ROOM * interval)
        lost = (dropped - dropped_before) / (dropped - dropped_before + len(self._seconds))
        if lost > LOST:
            load = max(load, 1 + lost)
        spent = 100 * (cpu - cpu_before) / (now - since) / budget if budget else 0.0
        self._in_time = load <= 1
        self._judge(max(load, spent), now)
        self._begin(now, dropped, cpu)

    def _begin(self, now: float, dropped: int, cpu: float) -> None:
        self._begun, self._seconds = (now, dropped, cpu), []

    def _judge(self, load: float, now: float) -> None:
        """load: 1 is the limit."""
        if load > 1:
            self._lower(load, now)
            return
        self._too_slow = False
        if self._step == 0:
            return
        self._forgive(load, now)
        if load * QUALITY_LEVELS[self._step - 1].cost / QUALITY_LEVELS[self._step].cost > MARGIN:
            self._fits_since = None
            return
        self._fits_since = now - self._window if self._fits_since is None else self._fits_since
        if now - self._fits_since >= self._calm:
            self._move(self._step - 1, load)
            self._raised_at, self._fits_since, self._load_then = now, None, None

    def _forgive(self, load: float, now: float) -> None:
        """Forget that the step above failed, if that was under a higher load."""
        if self._load_then is None:
            self._load_then = load
        if load > EASED * self._load_then:
            self._eased_since = None
        elif self._eased_since is None:
            self._eased_since = now
        elif now - self._eased_since >= LASTING:
            self._calm = self._shortest_calm

    def _lower(self, load: float, now: float) -> None:
        self._fits_since = self._load_then = self._eased_since = None
        self._too_slow = self._step == len(QUALITY_LEVELS) - 1
        if self._too_slow:
            return
        failed = now - self._raised_at < max(PROBATION, self._calm)
        self._calm = min(2 * self._calm, LONGEST_CALM) if failed else self._shortest_calm
        below = range(self._step + 1, len(QUALITY_LEVELS))
        enough = [
            step for step in below if load * QUALITY_LEVELS[step].cost / QUALITY_LEVELS[self._step].cost <= 1
        ]
        self._move(enough[0] if enough else below[-1], load)

    def _move(self, step: int, load: float) -> None:
        log.info("Load %.2f: from step %d to %d, %s", load, self._step, step, QUALITY_LEVELS[step])
        self._step = step


def _usual(seconds: list[float]) -> float:
    """The mean without outliers. A median would see only frames on which the network does not run."""
    return fmean(sorted(seconds)[: max(1, round(len(seconds) * (1 - RARE)))])
