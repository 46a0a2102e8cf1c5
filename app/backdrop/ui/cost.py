"""Measures the cost of the window in each of its states. `backdrop bench --window` runs this in a new process."""

import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from backdrop.bench.cases import FPS, BenchError, Case, demo_frames
from backdrop.bench.line import CaseLine
from backdrop.bench.machine import resident_mb
from backdrop.bench.stopwatch import cpu_time
from backdrop.cameras.base import CameraError
from backdrop.outputs.base import NullOutput
from backdrop.run.engine import Engine
from backdrop.system import leave
from backdrop.system.display import has_display
from backdrop.ui import theme
from backdrop.ui.window import Window
from sinet_core import Segmenter

SETTLING = 1.5  # seconds to settle in each state before measuring
ROUNDS = 12  # of the pipeline alone
PATIENCE = 30.0  # seconds allowed for the first composite


class Replay:
    """A camera that replays prepared frames, so that making them does not count as cost."""

    makes_new_arrays = True

    def __init__(self, frames: list[NDArray[np.uint8]]) -> None:
        self.name, self.fps = "Replayed demo", float(FPS)
        self.size = (frames[0].shape[1], frames[0].shape[0])
        self._frames, self._index = frames, 0
        self._closed = threading.Event()
        self._due = time.monotonic()

    def read(self) -> NDArray[np.uint8]:
        """The next frame, (H, W, 3) uint8 BGR, when it is due. Raises CameraError once closed."""
        self._due = max(self._due + 1 / self.fps, time.monotonic() - 0.5)
        if self._closed.wait(self._due - time.monotonic()):
            raise CameraError(f"{self.name} is closed.")
        self._index += 1
        return self._frames[self._index % len(self._frames)]

    def close(self) -> None:
        self._closed.set()


def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Show the window with the pipeline running, and measure each state for this many seconds. Raises BenchError.

    Returns, for shown, with_rates (statistics over the preview), minimised and hidden: cpu_percent of one core; fps processed;
    painted, in fps; cpu_ms of the whole process per processed frame; percent_at_30, the same as a share of one core at
    30 fps, which a busy machine may not reach; savings, the active steps of the quality controller.
    Also line_ms, the pipeline alone, one frame after another in the same run; the preview's width and height on the
    screen; memory_mb, without the prepared frames.
    """
    if not has_display():
        raise BenchError("No display answers here.")
    application = QApplication(["backdrop"])
    theme.dress(application)
    frames = demo_frames(case.width, case.height)
    segmenter = Segmenter.load()
    # As in a call. Otherwise the camera would be closed while the preview is hidden.
    settings = replace(case.settings, virtual_camera=True, on_demand=False)
    engine = Engine(
        settings,
        segmenter=lambda: segmenter,
        open_camera=lambda *asked: Replay(frames),
        open_output=lambda *asked: NullOutput(),
        governed=False,
    )
    with tempfile.TemporaryDirectory(prefix="backdrop-window-") as folder:
        window = Window(engine, Path(folder) / "settings.json", cameras=list)
        engine.start()
        window.show()
        try:
            report = _states(window, engine, seconds)
            memory = resident_mb()
        finally:
            window.close()
    drawn = sum(frame.nbytes for frame in {id(frame): frame for frame in frames}.values()) / 1e6
    report["memory_mb"] = None if memory is None else round(memory - drawn, 1)
    return report | {"line_ms": _line_alone(case, segmenter, frames)}


def _line_alone(case: Case, segmenter: Segmenter, frames: list[NDArray[np.uint8]]) -> float:
    """CPU milliseconds per frame of the pipeline alone, as a reference from the same run."""
    line = CaseLine(case, segmenter, frames)
    line.warm_up()
    for _ in range(ROUNDS):
        line.run_round()
    return float(line.report()["cpu_ms"])


def _states(window: Window, engine: Engine, seconds: float) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while window.preview.painted < FPS and time.monotonic() < end:
        _serve(0.05)
    if window.preview.painted == 0:
        raise BenchError(engine.notice or "The window painted nothing.")
    place = window.preview.picture_rectangle()
    report: dict[str, Any] = {"preview": [round(place.width()), round(place.height())]}

    def with_rates() -> None:
        window.change(replace(window.settings, show_fps=True))

    def minimised() -> None:
        window.change(replace(window.settings, show_fps=False))
        window.showMinimized()

    ways: dict[str, Callable[[], object]] = {
        "shown": window.raise_,
        "with_rates": with_rates,
        "minimised": minimised,
        "hidden": window.hide,
    }
    for state, begin in ways.items():
        begin()
        _serve(SETTLING)
        report[state] = _count(window, engine, seconds)
        if state == "minimised" and not window.isMinimized():
            raise BenchError("This display cannot minimise a window.")
    return report


def _count(window: Window, engine: Engine, seconds: float) -> dict[str, Any]:
    frames, painted = engine.stats().frames, window.preview.painted
    wall, cpu = time.perf_counter(), cpu_time()
    _serve(seconds)
    cpu, wall = cpu_time() - cpu, time.perf_counter() - wall
    processed = engine.stats().frames - frames
    if processed == 0:
        raise BenchError(engine.notice or "No frame was processed.")
    return {
        "cpu_percent": round(100 * cpu / wall, 1),
        "cpu_ms": round(1000 * cpu / processed, 2),
        "percent_at_30": round(100 * cpu / processed * FPS, 1),
        "fps": round(processed / wall, 1),
        "painted": round((window.preview.painted - painted) / wall, 1),
        "savings": list(engine.stats().savings),
    }


def _serve(seconds: float) -> None:
    """Run the event loop for this many seconds."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def main() -> int:
    """Run as the child process of backdrop.bench.window."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which waits for this process
    cv2.setNumThreads(1)  # like the application
    asked = json.loads(sys.argv[1])
    try:
        case = Case(**asked["case"])
        print(json.dumps({"case": asdict(case)} | measure(case, asked["seconds"])))
    except Exception as error:
        sys.exit(str(error))
    return 0


if __name__ == "__main__":
    leave.run(main)
