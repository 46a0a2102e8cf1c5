"""The engine: camera thread → mailbox → processing thread → output and preview."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from backdrop.cameras.open import open_camera as _open_camera
from backdrop.frames.frame import Frame
from backdrop.frames.mailbox import Mailbox
from backdrop.frames.placeholder import AWAY, DEMO, RESTING, STARTING, marked, placeholder
from backdrop.language import _
from backdrop.outputs.open import open_output as _open_output
from backdrop.pipeline.pipeline import Pipeline, Result, hidden, size_of_frame
from backdrop.pipeline.self_test import load_network
from backdrop.run.camera_on_demand import CameraOnDemand
from backdrop.run.camera_thread import CameraThread, OpenCamera
from backdrop.run.frame_stats import FrameStats
from backdrop.run.hold import Hold, may_be_seen
from backdrop.run.limits import USUAL_LIMITS, Clock, Limits
from backdrop.run.output_sink import OpenOutput, OutputSink
from backdrop.run.recording import Recording
from backdrop.run.snapshot import SnapshotError, write_snapshot
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.system.memory import give_back
from backdrop.system.milestone import milestone
from sinet_core.matting.person_segmenter import AlphaPredictor

log = logging.getLogger(__name__)

SETTLED = 30  # frames after a change of settings, until the memory that only the change needed is returned
WATCH_EVERY = 0.1  # seconds between two checks for a consumer while the camera rests
PLACEHOLDER_EVERY = 0.5  # seconds between two placeholders meanwhile, for a program that starts to read


class Engine:
    """Runs the line from a camera to an output and a preview, from start() until stop(), once.

    The output is open while settings.virtual_camera is on; settings.output names it. Whatever fails, the placeholder goes
    to the output and the preview at the frame rate, and never the camera's own pixels unless settings.backdrop is "none".
    With settings.on_demand, the camera is open only while the preview is visible or a program reads the output.

    recording: by default into the person's folder of videos. governed: whether the quality drops when this computer cannot
    keep up. limits, clock: for tests.
    previewed: whether the preview can be seen; a window keeps it up to date.
    preview: the newest Result, for a window to take(0). compared: while comparing is set, the camera's newest frame as it is, for
    the person alone: it goes nowhere but there. ended: set when a video file has ended, and after stop().
    """

    def __init__(
        self,
        settings: Settings,
        *,
        segmenter: Callable[[], AlphaPredictor] = load_network,
        open_camera: OpenCamera = _open_camera,
        open_output: OpenOutput = _open_output,
        recording: Recording | None = None,
        governed: bool = True,
        limits: Limits = USUAL_LIMITS,
        clock: Clock = time.monotonic,
    ) -> None:
        self.previewed = True
        self.preview: Mailbox[Result] = Mailbox()
        self.comparing = False
        self.compared: Mailbox[Frame] = Mailbox()
        self.ended = threading.Event()
        self._settings = settings
        self._load = segmenter
        self._limits, self._clock = limits, clock
        self._pipeline: Pipeline | None = None  # None until the network is loaded, and for good if that fails
        self._sink = OutputSink(open_output, limits=limits, clock=clock)
        self._swap = threading.Lock()  # held to change settings and camera, never while waiting
        self._camera = CameraOnDemand(settings, open_camera, limits=limits, clock=clock)
        self._frames = 0
        self._has_composited = False
        self._shown: Result | None = None  # the last one
        self._hold, self._held = Hold(), False
        self._recording = recording or Recording(limits=limits, clock=clock)
        self._settled_for: Settings | None = None
        self._settled_at = 0  # the index of a frame
        self._size: tuple[int, int] | None = None  # (width, height) of the last frame
        self._started_at = 0.0
        self._has_consumers: bool | None = False
        self._placeholder_at = -PLACEHOLDER_EVERY
        self._load_failure = ""
        self._frame_stats = FrameStats(governed, limits=limits, clock=clock)
        self._trouble: str | None = None
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="processing", daemon=True)

    def start(self, *, at_rest: bool = False) -> None:
        """Start the threads. Returns at once; the placeholder is shown until the network is loaded.

        at_rest: keep the camera closed until somebody watches.
        """
        self._started_at = self._clock()
        self._camera.start(at_rest=at_rest)
        self._thread.start()

    def stop(self, deadline: float = 0.8) -> bool:
        """Stop the threads and close the camera and the output, within deadline seconds.

        Returns True when all threads have ended, False if a device holds one up. That thread ends, and closes its device,
        when the device answers; nothing it still reads leaves the line.
        """
        until = time.monotonic() + deadline
        self._stopping.set()
        self._camera.leave()
        processing_ended = True
        if self._thread.ident is not None:
            self._thread.join(deadline)
            processing_ended = not self._thread.is_alive()
        camera_ended = self._camera.join(until)
        self.preview.close()
        self.compared.close()
        self.ended.set()
        return processing_ended and camera_ended

    @property
    def settings(self) -> Settings:
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        """Swap the settings whole. The camera is opened again if its fields changed.

        Waits for one thing only: after the effect has been switched on, no raw frame is being sent any more, and after
        the person has hidden, no picture of them, unless the output takes longer than limits.sending for it. The placeholder
        follows at once.
        """
        with self._swap:
            before, self._settings = self._settings, settings
            self._camera.change(settings)
        covers = before.backdrop == "none" and settings.backdrop != "none"
        hides = settings.hide and not before.hide
        if covers or hides or settings.freeze != before.freeze:
            self._camera.thread.frames.wake()
        ways = (self._sink, self._recording)
        if (covers or hides) and not all(way.settle(self._limits.sending) for way in ways):
            log.warning("The output still sends a frame from before the effect was switched on")

    @property
    def notice(self) -> str | None:
        """What is wrong at the moment, one sentence for a person, or None."""
        camera = self._camera.thread
        is_demo = camera.uses_fallback and not self._settings.virtual_camera  # the preview is marked as one
        # While nothing is held, the placeholder's own notice says so.
        missing = camera.notice if self._held and not is_demo else None
        return (
            self._trouble
            or missing
            or self._sink.notice
            or self._recording.notice
            or self._frame_stats.notice
            or camera.remark
        )

    @property
    def error(self) -> BaseException | None:
        """The last unexpected exception; the log has the rest."""
        return self._error or self._camera.thread.error

    def stats(self) -> Stats:
        camera = self._camera.thread
        state = self._sink.state(self._settings)
        return Stats(
            capture_fps=camera.rate.per_second(),
            process_fps=self._frame_stats.processed.per_second(),
            output_fps=self._sink.rate.per_second(),
            milliseconds=self._frame_stats.processed.milliseconds(),
            dropped=self._camera.dropped,
            frames=self._frames,
            camera="" if camera.uses_fallback and self._settings.virtual_camera else camera.name,
            output=self._sink.name,
            resting=self._camera.resting,
            has_consumers=self._has_consumers,
            age=self._frame_stats.ages.milliseconds(),
            age_p95=self._frame_stats.ages.milliseconds(percentile=95),
            timing=self._settings.timing,
            savings=tuple(self._frame_stats.quality_level.savings),
            output_state=state,
            output_reason=(self._sink.notice or "") if state == "failed" else "",
            consumers=self._sink.consumers,
            recording=self._recording.name,
            recorded=self._recording.seconds,
        )

    def snapshot(self) -> Path:
        """Write what others see to a new picture file. Any thread may call this. Raises SnapshotError."""
        # What was shown may be from before the effect came on, or the person hid.
        shown, settings = self._shown, self._settings
        if settings.hide:
            raise SnapshotError(_("You are hidden: show yourself first, then take the snapshot."))
        return write_snapshot(shown if shown is not None and may_be_seen(shown, settings) else None)

    # The processing thread

    def _run(self) -> None:
        self.preview.put(hidden(self._placeholder_size(), _("Backdrop is starting."), sentence=STARTING))
        self._load_pipeline()
        if not self._camera.resting:
            self._camera.open_while(True)  # for another moment, in which it reports its size
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception as error:
                self._unexpected(_("Something went wrong, so your picture is hidden"), error)
                with contextlib.suppress(Exception):  # this may be what failed
                    self._deliver(hidden(self._placeholder_size(), self._trouble or ""), self._camera.thread)
                self._stopping.wait(1 / self._settings.fps)
        if self._pipeline is not None:
            self._pipeline.close()
        self._sink.close()
        self._recording.close()

    def _load_pipeline(self) -> None:
        try:
            self._pipeline = Pipeline(self._load())
        except Exception as error:
            self._unexpected(_("The neural network could not be loaded, so your picture is hidden"), error)
            self._load_failure = self._trouble or ""

    def _step(self) -> None:
        """Rest, hold the picture back, process a frame, or wait for one."""
        settings, camera = self._settings, self._camera.thread
        if self._shown is not None and self._shown.is_raw and settings.backdrop != "none":
            self._show_placeholder(STARTING, camera)  # just switched on; a composite takes a moment
        rested = self._camera.resting
        if not self._camera.open_while(self._is_watched(settings)):
            self._rest(camera)
            return
        if self._camera.is_another(camera) or rested:
            self._forget()
        if settings is not self._settled_for:
            self._settled_for, self._settled_at = settings, self._frames + SETTLED
        held = self._hold_back(settings, camera)
        has_ended = camera.ended.is_set()  # asked before the mailbox, so that the last frame is not missed
        frame = self._camera.take(camera)
        if frame is None:
            self._wait(camera, held, has_ended)
            return
        if self.comparing:
            self.compared.put(frame)
        if held:
            self._size = size_of_frame(frame.pixels, settings)
        else:
            self._process(frame, settings, camera)

    def _is_watched(self, settings: Settings) -> bool:
        """Whether anybody watches. If the output does not know, somebody may."""
        self._has_consumers = self._sink.has_consumers()
        return self.previewed or settings.record or not settings.on_demand or self._has_consumers is not False

    def _rest(self, camera: CameraThread) -> None:
        """Send placeholders while the camera is closed, so that a program that starts to read finds one at once."""
        if self._clock() - self._placeholder_at >= PLACEHOLDER_EVERY:
            self._placeholder_at = self._clock()
            self._show_placeholder(RESTING, camera)
        self._stopping.wait(WATCH_EVERY)

    def _hold_back(self, settings: Settings, camera: CameraThread) -> bool:
        """Send what the person wants others to see instead of the live picture, at the camera's rate, if anything."""
        held = self._hold.instead(settings, self._shown, self._placeholder_size())
        if held is None and self._held:
            self._forget()
        self._held = held is not None
        if held is not None:
            self._deliver(held, camera)
        return self._held

    def _wait(self, camera: CameraThread, held: bool, has_ended: bool) -> None:
        """No frame has come: show the placeholder if there is a reason."""
        if has_ended:
            self.ended.set()
        if held:
            return
        if self._camera.is_waking(camera):
            self._show_placeholder(STARTING, camera)
        elif reason := self._camera.absence(camera):
            self._deliver(hidden(self._placeholder_size(), reason, sentence=AWAY), camera)

    def _forget(self) -> None:
        """What the pipeline remembers is from before a pause, or from another camera."""
        if self._pipeline is not None:
            self._pipeline.reset()

    def _process(self, frame: Frame, settings: Settings, camera: CameraThread) -> None:
        begun = self._camera.heard_at
        result = self._result(frame, settings, camera)
        self._deliver(result, camera)
        if not self._has_composited and result.notice is None:
            self._has_composited = True
            milestone("first composite")
        self._frames += 1
        if self._frames == self._settled_at:
            give_back()
        self._frame_stats.sent(
            frame,
            begun,
            hidden=result.notice is not None,
            fps=camera.fps,
            dropped=self._camera.dropped,
            budget=settings.cpu_budget,
        )

    def _result(self, frame: Frame, settings: Settings, camera: CameraThread) -> Result:
        if self._pipeline is None:
            return hidden(self._placeholder_size(), self._load_failure, frame.index)
        if frame.is_fallback and settings.virtual_camera:  # the demo is not for others to see
            return hidden(self._placeholder_size(), camera.notice or "", frame.index, sentence=AWAY)
        result = self._pipeline.process(
            frame,
            settings,
            pixel_format=self._sink.pixel_format,
            quality_level=self._frame_stats.quality_level,
        )
        self._size = result.size
        if frame.is_fallback:
            return replace(result, composite=marked(result.pixels, DEMO), is_fallback=True)
        return result

    def _show_placeholder(self, sentence: str, camera: CameraThread) -> None:
        """Show the placeholder although nothing is wrong."""
        pixels = placeholder(*self._placeholder_size(), sentence)
        self._deliver(Result(pixels, None, -1, self._clock()), camera)

    def _deliver(self, result: Result, camera: CameraThread) -> None:
        """Show a result in the preview and send it, unless settings or camera have changed since."""
        settings = self._settings

        def may_leave() -> bool:
            now = self._settings
            is_wanted = (now.virtual_camera, now.output) == (settings.virtual_camera, settings.output)
            return (
                may_be_seen(result, now)
                and is_wanted
                and camera is self._camera.thread
                and not self._stopping.is_set()
            )

        if not may_leave():
            return
        self._shown = result
        self._trouble = result.notice
        self.preview.put(result)
        if self._size is not None or self._clock() - self._started_at > self._limits.first_frame:
            self._sink.send(result.composite, settings, camera.fps, may_leave)
            self._recording.follow(result.composite, settings, camera.fps, may_leave)

    def _placeholder_size(self) -> tuple[int, int]:
        return self._size or (self._settings.width, self._settings.height)

    def _unexpected(self, what: str, error: Exception) -> None:
        log.error("%s", what, exc_info=error)
        self._error = error
        self._trouble = _("{what}: {reason}", what=what, reason=error)
