"""`backdrop run`: live without a window, with rates on the terminal, or a video written frame by frame."""

import contextlib
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from pathlib import Path

from backdrop.backdrops.choose import files_read
from backdrop.cameras.base import Camera
from backdrop.cameras.open import open_camera
from backdrop.control.unattended import reached_by_commands
from backdrop.language import _, number
from backdrop.outputs.base import Output, OutputError
from backdrop.outputs.new_file import refuse_same
from backdrop.outputs.open import is_file, open_output
from backdrop.pipeline.self_test import load_network
from backdrop.run.camera_thread import OpenCamera
from backdrop.run.engine import Engine
from backdrop.run.output_sink import OpenOutput
from backdrop.run.render import may_be_transparent, render
from backdrop.run.stats import Stats
from backdrop.run.warm_up import warm_up
from backdrop.settings.settings import Settings
from backdrop.system.milestone import milestone
from backdrop.system.say import is_terminal, say

REPORT = 1.0  # seconds between two status lines
FINISH = 30.0  # seconds to finish writing a file


def run(
    settings: Settings,
    seconds: float | None,
    stop: threading.Event,
    *,
    need_output: bool = True,
    instance: str = "",
    overwrite: bool = False,
) -> int:
    """Run until the seconds are over, the video ends, or stop is set. Returns the exit status.

    need_output: raise OutputError if there is no virtual camera; else go on without an output.
    instance: the name by which commands reach it; see reached_by_commands(). Not used while writing a video from a file.
    overwrite: replace an existing video file.
    Raises CameraError, OutputError or SegmenterError before anything runs, and ControlError if the name is taken.
    """
    if is_file(settings.output):
        refuse_same(Path(settings.output), Path(settings.camera), *files_read(settings))
        if _waits(settings.camera):
            return _write_every_frame(settings, seconds, stop, overwrite)
    return _run_live(settings, seconds, stop, need_output, instance, overwrite)


def _waits(camera: str) -> bool:
    """Whether a camera can be read slowly without losing frames: the demo and video files."""
    return camera == "demo" or (not camera.startswith("/dev/") and Path(camera).is_file())


def _write_every_frame(
    settings: Settings, seconds: float | None, stop: threading.Event, overwrite: bool
) -> int:
    from backdrop.cameras.demo import DemoCamera
    from backdrop.cameras.video_file import VideoFile
    from backdrop.cli.video import say_damage, say_new_name
    from backdrop.outputs.video_writer import VideoWriter

    segmenter = load_network()
    camera: DemoCamera | VideoFile
    if settings.camera == "demo":
        # Without an end it runs in real time: as fast as possible, it would fill the disk.
        camera = DemoCamera(settings.width, settings.height, settings.fps, paced=seconds is None)
        there_are = None
    else:
        camera = VideoFile(settings.camera, paced=False)
        there_are = camera.frames or None
    limit = None if seconds is None else max(1, round(seconds * camera.fps))
    total = min((count for count in (there_are, limit) if count is not None), default=0)
    width, height = camera.size
    transparent = may_be_transparent(Path(settings.output), settings)
    target = Path(settings.output)
    output = VideoWriter(target, width, height, camera.fps, transparent=transparent, overwrite=overwrite)
    say_new_name(target, output)
    status = render(camera, output, settings, segmenter, total=total, limit=limit, stop=stop)
    if status or not isinstance(camera, VideoFile) or not camera.has_ended:
        return status
    return say_damage(camera, output)


def _run_live(
    settings: Settings,
    seconds: float | None,
    stop: threading.Event,
    need_output: bool,
    instance: str,
    overwrite: bool,
) -> int:
    milestone("modules")
    opening = _opening(settings)  # in the background: it may take as long as everything else
    segmenter = load_network()
    milestone("network")
    warm_up(segmenter, settings)
    milestone("warm")
    camera = _when_open(opening, stop)
    if camera is None:
        return 0
    milestone("camera")
    try:
        output = _open_output(settings.output, camera, need_output, overwrite)
    except OutputError:
        camera.close()
        raise
    # The engine opens an output only if virtual_camera is on; `backdrop run` always wants it.
    settings = replace(settings, virtual_camera=True)
    size = "{} × {}".format(*camera.size)
    say(
        _(
            "{camera}, {size} at {fps} fps → {output}. Press Ctrl-C to stop.",
            camera=camera.name,
            size=size,
            fps=f"{camera.fps:g}",
            output=_("nowhere") if output is None else output.name,
        )
    )
    engine = Engine(
        settings,
        segmenter=lambda: segmenter,
        open_camera=_first_camera(camera),
        open_output=_first_output(settings.output, output, camera, overwrite),
    )
    engine.previewed = False
    engine.start()
    try:
        with reached_by_commands(engine, stop, instance):
            _watch(engine, seconds, stop)
    finally:
        stats = engine.stats()
        engine.stop(deadline=FINISH if is_file(settings.output) else 0.9)
    return 0 if stats.frames or stats.resting or stop.is_set() else 1


def _opening(settings: Settings) -> "Future[Camera]":
    """The camera, opened on a daemon thread, so that one that does not answer cannot keep the program from ending."""
    camera: Future[Camera] = Future()

    def open_it() -> None:
        try:
            camera.set_result(open_camera(settings.camera, settings.width, settings.height, settings.fps))
        except BaseException as error:
            camera.set_exception(error)

    threading.Thread(target=open_it, name="opening", daemon=True).start()
    return camera


def _when_open(opening: "Future[Camera]", stop: threading.Event) -> Camera | None:
    """The camera once it is open, or None if stop is set first. Raises what opening it raised."""
    while not stop.is_set():
        with contextlib.suppress(NotYet):
            return opening.result(timeout=0.1)
    opening.add_done_callback(lambda done: None if done.exception() else done.result().close())
    return None


def _open_output(spec: str, camera: Camera, need_output: bool, overwrite: bool) -> Output | None:
    try:
        return open_output(spec, *camera.size, camera.fps, overwrite=overwrite)
    except OutputError as error:
        if need_output:
            raise
        say(_("{reason}\nUntil then, nobody else can see Backdrop's picture.", reason=error), error=True)
        return None


def _first_camera(camera: Camera) -> OpenCamera:
    """Returns the open camera the first time, and later, when it has been lost, opens it again."""
    left = [camera]

    def opened(spec: str, width: int, height: int, fps: int) -> Camera:
        return left.pop() if left else open_camera(spec, width, height, fps)

    return opened


def _first_output(asked: str, output: Output | None, camera: Camera, overwrite: bool) -> OpenOutput:
    """Returns the open output the first time, if the engine asks for the same one and size; else opens a new one."""
    left = [] if output is None else [output]

    def opened(spec: str, width: int, height: int, fps: float) -> Output:
        first = left.pop() if left else None
        if first is not None and spec == asked and (width, height) == camera.size:
            return first
        if first is not None:
            first.close()
        # A file may be overwritten only if nothing has been written to it yet.
        return open_output(spec, width, height, fps, overwrite=overwrite and first is not None)

    return opened


def _watch(engine: Engine, seconds: float | None, stop: threading.Event) -> None:
    """Print a status line every second, and every new notice, until it is time to stop."""
    begun = time.monotonic()
    said: str | None = None
    told = False  # that consumers are unknown
    line = StatusLine()
    while not stop.is_set() and not engine.ended.is_set():
        passed = time.monotonic() - begun
        if seconds is not None and passed >= seconds:
            break
        stop.wait(min(REPORT, seconds - passed) if seconds is not None else REPORT)
        stats, passed = engine.stats(), time.monotonic() - begun
        notice = None if engine.ended.is_set() else engine.notice
        if notice != said and notice is not None:
            line.end()
            say(notice, error=True)
        said = notice
        if stats.has_consumers is None and engine.settings.on_demand and not told:
            told = True
            line.end()
            say(
                _(
                    "This system doesn't report whether an app is using the virtual camera, so the camera stays "
                    "open."
                )
            )
        line.show(f"{passed:4.0f} s · {_rates(stats)}")
    line.end()
    stats, passed = engine.stats(), time.monotonic() - begun
    rate = stats.frames / passed if passed else 0.0
    say(
        _(
            "{frames} frames in {passed} s ({rate} fps), {dropped} dropped.",
            frames=stats.frames,
            passed=number(passed),
            rate=number(rate),
            dropped=stats.dropped,
        )
    )


def _rates(stats: Stats) -> str:
    if stats.resting:
        return _("nobody is watching, so the camera is closed")
    rates = _(
        "camera {capture_fps} fps, processing {process_fps} fps, output {output_fps} fps · "
        "{milliseconds} ms, {age} ms old when sent · {dropped} dropped",
        capture_fps=number(stats.capture_fps),
        process_fps=number(stats.process_fps),
        output_fps=number(stats.output_fps),
        milliseconds=number(stats.milliseconds),
        age=number(stats.age),
        dropped=stats.dropped,
    )
    return " · ".join([rates, *stats.savings])


class StatusLine:
    """On a terminal, one line that changes; anywhere else, a new line each time."""

    def __init__(self) -> None:
        self._terminal = is_terminal()
        self._open = False

    def show(self, text: str) -> None:
        if self._terminal:
            say(f"\r\033[K{text}", end="")
            self._open = True
        else:
            say(text)

    def end(self) -> None:
        """Keep the line as it is and continue below it."""
        if self._open:
            say("")
            self._open = False
