"""The engine: the camera thread, the processing thread, and what passes between them and the rest."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from backdrop.cameras.open import open_camera as _open_camera
from backdrop.frames.mailbox import Mailbox
from backdrop.frames.placeholder import AWAY, DEMO, RESTING, STARTING, marked, placeholder
from backdrop.language import _
from backdrop.outputs.open import open_output as _open_output
from backdrop.pipeline.pipeline import Pipeline, Result, hidden
from backdrop.pipeline.self_test import load_network
from backdrop.run.camera_thread import CameraThread, OpenCamera
from backdrop.run.frame_stats import FrameStats
from backdrop.run.output_sink import OpenOutput, OutputSink, State
from backdrop.settings.settings import Settings
from backdrop.system.memory import give_back
from backdrop.system.milestone import milestone
from sinet_core.matting.person_segmenter import AlphaPredictor

log = logging.getLogger(__name__)

STALL = 1.0  # seconds without a frame after which the last composite gives way to the card
SETTLED = 30  # frames after which what only starting, or a change, needed is freed
PATIENCE = 2.0  # seconds that an output waits for the first frame, to learn its size from it
REST_AFTER = 2.0  # seconds that nobody has watched for before the camera is closed
LOOK_EVERY = 0.1  # seconds between two looks whether somebody watches, while nobody does
CARD_EVERY = 0.5  # seconds between two cards meanwhile, for whoever begins to watch
SENDING = 0.4  # seconds that switching the effect on waits for a raw frame that is just being sent
WAKING = 5.0  # seconds that a camera may take to open before it counts as silent


@dataclass(frozen=True, slots=True)
class Stats:
    """How the line is doing. Rates count the last second; milliseconds is the median from frame to sent composite.

    dropped: frames that a newer one replaced before they were processed. frames: those that were processed.
    age, age_p95: milliseconds from the camera's answer to the sent composite, median and 95th percentile; timing: as in
    the settings. savings: what frames are not given, in words, while the computer cannot keep up.
    camera, output: their names, "" for none. resting: the camera is closed, for nobody watches. watched: whether
    a program watches the output, None where that cannot be told. output_state, output_reason: whether there is the
    output that the settings want, and why not where that has failed. consumers: the programs that read it, by name,
    as far as they are known.
    """

    capture_fps: float
    process_fps: float
    output_fps: float
    milliseconds: float
    dropped: int
    frames: int
    camera: str
    output: str
    resting: bool = False
    has_consumers: bool | None = False
    age: float = 0.0
    age_p95: float = 0.0
    timing: str = "exact"
    savings: tuple[str, ...] = ()
    output_state: State = "off"
    output_reason: str = ""
    consumers: tuple[str, ...] = ()


class Engine:
    """Runs the line from a camera to an output and a preview, from start() until stop(), once.

    The output is open while settings.virtual_camera is on; settings.output says which. Whatever fails, the card goes
    to the output and the preview at the frame rate, never the camera's own pixels unless settings.backdrop is "none".
    With settings.on_demand, the camera is open only while the preview or the output is watched.

    governed: whether frames are given less when this computer cannot keep up.
    previewed: whether somebody can see the preview; a window keeps it up to date.
    preview: the newest Result, for a window to take(0). ended: set when a video file has ended, and after stop().
    """

    def __init__(
        self,
        settings: Settings,
        *,
        segmenter: Callable[[], AlphaPredictor] = load_network,
        open_camera: OpenCamera = _open_camera,
        open_output: OpenOutput = _open_output,
        governed: bool = True,
    ) -> None:
        self.previewed = True
        self.preview: Mailbox[Result] = Mailbox()
        self.ended = threading.Event()
        self._settings = settings
        self._load = segmenter
        self._open_camera = open_camera
        self._sink = OutputSink(open_output)
        self._swap = threading.Lock()  # held to change the settings and the feed, never while waiting
        self._camera_thread = CameraThread(settings, open_camera)
        self._feeds_left: list[CameraThread] = []
        self._dropped_before = 0
        self._frames = 0
        self._composited = False  # once, at the least
        self._raw_stands = False  # the last that was shown was the camera's own frame
        self._settled_for: Settings | None = None
        self._settled_at = 0  # which frame
        self._size: tuple[int, int] | None = None  # of the last frame: width, height
        self._heard: CameraThread | None = None
        self._heard_at = self._started_at = self._watched_at = 0.0
        self._resting = False
        self._program_watches: bool | None = False
        self._woken_at = self._card_at = -WAKING
        self._broken: str | None = None
        self._frame_stats = FrameStats(governed)
        self._trouble: str | None = None
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="processing", daemon=True)

    def start(self, *, at_rest: bool = False) -> None:
        """Start the threads. Returns at once; there is the card until the network is loaded."""
        self._started_at = self._watched_at = time.monotonic()
        if at_rest:  # the camera stays closed until somebody watches
            self._resting, self._watched_at = True, -float("inf")
            self._camera_thread.rest()
        self._camera_thread.start()
        self._thread.start()

    def stop(self, deadline: float = 0.8) -> bool:
        """Stop the threads and close the camera and the output, within deadline seconds.

        Returns True when all threads have ended; False when a device holds one up. That one ends, and closes its
        device, when the device answers; nothing it still reads leaves the line.
        """
        until = time.monotonic() + deadline
        self._stopping.set()
        with self._swap:
            feeds = [*self._feeds_left, self._camera_thread]
        for feed in feeds:
            feed.leave()
        processing_ended = True
        if self._thread.ident is not None:
            self._thread.join(deadline)
            processing_ended = not self._thread.is_alive()
        cameras_ended = [feed.join(until - time.monotonic()) for feed in feeds]
        self.preview.close()
        self.ended.set()
        return processing_ended and all(cameras_ended)

    @property
    def settings(self) -> Settings:
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        """Swap the settings whole. The camera is opened again if its fields changed.

        Never waits, but for one thing: once the effect has been switched on, no raw frame is on its way any more, unless
        the output takes longer than SENDING for it; and the placeholder follows at once.
        """
        with self._swap:
            before, self._settings = self._settings, settings
            self._follow_camera(before, settings)
        if before.backdrop == "none" and settings.backdrop != "none":
            self._camera_thread.frames.wake()
            if not self._sink.settle(SENDING):
                log.warning("The output still sends a frame from before the effect was switched on")

    def _follow_camera(self, before: Settings, settings: Settings) -> None:
        if _camera_fields(before) != _camera_fields(settings) and not self._stopping.is_set():
            old = self._camera_thread
            running = self._thread.ident is not None
            self._camera_thread = CameraThread(settings, self._open_camera, old if running else None)
            if running:
                if self._resting:
                    self._camera_thread.rest()
                old.leave()
                self._dropped_before += old.frames.dropped
                self._feeds_left = [feed for feed in self._feeds_left if not feed.join(0)] + [old]
                self._camera_thread.start()

    @property
    def notice(self) -> str | None:
        """What is wrong at the moment, one sentence for a person, or None."""
        return self._trouble or self._sink.notice or self._frame_stats.notice or self._camera_thread.remark

    @property
    def error(self) -> BaseException | None:
        """The last exception that nobody expected; the log has the rest."""
        return self._error or self._camera_thread.error

    def stats(self) -> Stats:
        feed = self._camera_thread
        state = self._sink.state(self._settings)
        return Stats(
            capture_fps=feed.rate.per_second(),
            process_fps=self._frame_stats.processed.per_second(),
            output_fps=self._sink.rate.per_second(),
            milliseconds=self._frame_stats.processed.milliseconds(),
            dropped=self._dropped,
            frames=self._frames,
            camera="" if feed.stands_in and self._settings.virtual_camera else feed.name,
            output=self._sink.name,
            resting=self._resting,
            has_consumers=self._program_watches,
            age=self._frame_stats.ages.milliseconds(),
            age_p95=self._frame_stats.ages.milliseconds(percentile=95),
            timing=self._settings.timing,
            savings=tuple(self._frame_stats.quality_level.savings),
            output_state=state,
            output_reason=(self._sink.notice or "") if state == "failed" else "",
            consumers=self._sink.consumers,
        )

    @property
    def _dropped(self) -> int:
        return self._dropped_before + self._camera_thread.frames.dropped

    def _run(self) -> None:
        self.preview.put(hidden(self._placeholder_size(), _("Backdrop is starting."), sentence=STARTING))
        pipeline = self._loaded_pipeline()
        if not self._resting:
            self._watched_at = time.monotonic()  # the camera tells its size meanwhile
        while not self._stopping.is_set():
            try:
                self._step(pipeline)
            except Exception as error:
                self._unexpected(_("Something went wrong, so your picture is hidden"), error)
                with contextlib.suppress(Exception):  # what went wrong may be just this
                    self._deliver(hidden(self._placeholder_size(), self._trouble or ""), self._camera_thread)
                self._stopping.wait(1 / self._settings.fps)
        if pipeline is not None:
            pipeline.close()
        self._sink.close()

    def _loaded_pipeline(self) -> Pipeline | None:
        try:
            return Pipeline(self._load())
        except Exception as error:
            self._unexpected(_("The neural network could not be loaded, so your picture is hidden"), error)
            self._broken = self._trouble
            return None

    def _step(self, pipeline: Pipeline | None) -> None:
        """Take one frame to where it goes, or the card in its place; nothing when it is only not there yet."""
        settings, feed = self._settings, self._camera_thread
        if self._raw_stands and settings.backdrop != "none":  # switched on since: a composite takes its time
            self._show_placeholder(STARTING, feed)
        if self._nobody_watches():
            self._rest()
            return
        if self._resting:
            self._wake(pipeline)
        if settings is not self._settled_for:
            self._settled_for, self._settled_at = settings, self._frames + SETTLED
        if feed is not self._heard:
            self._heard, self._heard_at = feed, time.monotonic()
            if pipeline is not None:
                pipeline.reset()
        over = feed.ended.is_set()  # asked before the mailbox, so that the last frame is not passed over
        frame = feed.frames.take(1 / min(max(feed.fps, 5), 60))
        if frame is not None:
            begun = self._heard_at = time.monotonic()
            if pipeline is None:
                result = hidden(self._placeholder_size(), self._broken or "", frame.index)
            elif frame.stand_in and settings.virtual_camera:  # a stranger is not for others to see
                result = hidden(self._placeholder_size(), feed.notice or "", frame.index, sentence=AWAY)
            else:
                result = pipeline.process(
                    frame,
                    settings,
                    in_i420=self._sink.takes_i420,
                    quality_level=self._frame_stats.quality_level,
                )
                self._size = result.size
                if frame.stand_in:
                    result = replace(result, composite=marked(result.pixels, DEMO), stand_in=True)
            self._deliver(result, feed)
            if not self._composited and result.notice is None:
                self._composited = True
                milestone("first composite")
            self._frames += 1
            if self._frames == self._settled_at:
                give_back()
            self._frame_stats.sent(
                frame,
                begun,
                hidden=result.notice is not None,
                fps=feed.fps,
                dropped=self._dropped,
                budget=settings.cpu_budget,
            )
            return
        if over:
            self.ended.set()
        if (
            feed.notice is None
            and time.monotonic() - self._woken_at < WAKING
            and self._heard_at <= self._woken_at
        ):
            self._show_placeholder(STARTING, feed)
            return
        absence = self._absence(feed)
        if absence is not None:
            self._deliver(hidden(self._placeholder_size(), absence, sentence=AWAY), feed)

    def _nobody_watches(self) -> bool:
        """Return whether nobody has watched for a while. Where that cannot be told, somebody may."""
        now = time.monotonic()
        self._program_watches = self._sink.has_consumers()
        if self.previewed or not self._settings.on_demand or self._program_watches is not False:
            self._watched_at = now
        return now - self._watched_at > REST_AFTER

    def _rest(self) -> None:
        """Keep the camera closed, and the card where a program that begins to watch finds it at once."""
        with self._swap:
            if not self._resting:
                log.info("Nobody watches: the camera is closed")
            self._resting = True
            self._camera_thread.rest()
        if time.monotonic() - self._card_at >= CARD_EVERY:
            self._card_at = time.monotonic()
            self._show_placeholder(RESTING, self._camera_thread)
        self._stopping.wait(LOOK_EVERY)

    def _wake(self, pipeline: Pipeline | None) -> None:
        log.info("Somebody watches: the camera is opened")
        with self._swap:
            self._resting = False
            self._woken_at = self._heard_at = time.monotonic()
            self._camera_thread.wake()
        if pipeline is not None:
            pipeline.reset()

    def _show_placeholder(self, sentence: str, feed: CameraThread) -> None:
        """Show the card where nothing is wrong."""
        self._deliver(
            Result(placeholder(*self._placeholder_size(), sentence), None, -1, time.monotonic()), feed
        )

    def _absence(self, feed: CameraThread) -> str | None:
        """Return why there has been no frame, for so long that the last composite should not stay; else None."""
        silent = time.monotonic() - self._heard_at > max(STALL, 3 / feed.fps)
        if feed.notice is not None and not feed.ended.is_set():
            return feed.notice
        return (feed.notice or _("The camera sends no picture.")) if silent else None

    def _deliver(self, result: Result, feed: CameraThread) -> None:
        settings = self._settings

        def may_leave() -> bool:
            now = self._settings
            wanted = (now.virtual_camera, now.output) == (settings.virtual_camera, settings.output)
            private = result.private or now.backdrop == "none"
            stranger = result.stand_in and now.virtual_camera
            return (
                private
                and wanted
                and not stranger
                and feed is self._camera_thread
                and not self._stopping.is_set()
            )

        if not may_leave():
            return
        self._raw_stands = not result.private
        self._trouble = result.notice
        self.preview.put(result)
        if self._size is not None or time.monotonic() - self._started_at > PATIENCE:
            self._sink.send(result.composite, settings, feed.fps, may_leave)

    def _placeholder_size(self) -> tuple[int, int]:
        return self._size or (self._settings.width, self._settings.height)

    def _unexpected(self, what: str, error: Exception) -> None:
        log.error("%s", what, exc_info=error)
        self._error = error
        self._trouble = _("{what}: {reason}", what=what, reason=error)


def _camera_fields(settings: Settings) -> tuple[str, int, int, int]:
    return settings.camera, settings.width, settings.height, settings.fps
