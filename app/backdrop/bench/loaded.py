"""`backdrop bench --loaded N`: live before, during and after N busy programs, with and without automatic quality."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backdrop.bench.cases import FPS, BenchError, Case, back_and_forth, demo_frames
from backdrop.bench.ladder import full_alphas, measure_ladder, reduced
from backdrop.bench.line import ms, p95
from backdrop.bench.live import AgeMeter
from backdrop.bench.machine import machine
from backdrop.cameras.base import CameraError
from backdrop.cameras.video_file import VideoFile
from backdrop.pipeline.pipeline import Result
from backdrop.pipeline.quality import QUALITY_LEVELS
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from sinet_core import Segmenter, metrics
from sinet_core.matting.person_segmenter import AlphaPredictor

PHASES = ("quiet", "busy", "quiet again")
MOST_FRAMES = 60  # of a video; they are kept in memory, decoded
LOOK_EVERY = 0.1  # seconds between two checks of the quality level
SETTLING = 1.0  # seconds after the first composite that are not counted
PATIENCE = 30.0  # seconds to wait for the first composite
# Timing, and whether the quality controller is on.
WAYS = (("exact", False), ("exact", True), ("low-latency", False), ("low-latency", True))
# Ends with the bench, even if that is killed, and resets an inherited real-time priority, which would starve everything.
BUSY = """
import os, sys
if hasattr(os, "SCHED_OTHER"):
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
while os.getppid() == int(sys.argv[1]):
    sum(range(100_000))
"""


def measure_loaded(
    case: Case,
    busy: int,
    seconds: float,
    stop: threading.Event,
    *,
    video: Path | None = None,
    network: Path | None = None,
) -> dict[str, Any]:
    """Run live in each of WAYS: quiet, with this many busy programs, and quiet again, for this many seconds each.

    video: its frames are used instead of the demo's. network: instead of the one that ships.
    Returns machine, size, backdrop, busy, frames (their source), ladder (see measure_ladder()) and runs. A run has timing,
    governed, steps (seconds since the start, and the quality level from then on) and phases. A phase has fps, dropped,
    age_ms, and how much the alphas differ from full quality on the same frames: error (mean absolute, × 1000) and iou,
    both None if nothing was sent. Raises BenchError.
    """
    there = demo_frames(case.width, case.height) if video is None else _frames_of(video, case)
    segmenter = Segmenter.load(network)
    truths = full_alphas(case, segmenter, there)
    report: dict[str, Any] = {
        "machine": machine(),
        "size": case.size,
        "backdrop": case.backdrop,
        "busy": busy,
        "seconds": seconds,
        "frames": "demo" if video is None else video.name,
        "ladder": measure_ladder(case, segmenter, there, truths),
        "runs": [],
    }
    for timing, governed in WAYS:
        if not stop.is_set():
            settings = replace(case.settings, virtual_camera=True, timing=timing)
            run = Run(settings, governed, segmenter, there, truths)
            report["runs"].append(run.measure(busy, seconds, stop))
    return report


def summary(report: dict[str, Any]) -> str:
    """The report as text: a row for each way and phase, and when each quality level was used."""
    lines = [
        f"{'step':<13}{'CPU ms':>8}{'cost':>7}{'error':>8}{'p95':>8}{'IoU':>9}  savings",
        *(_ladder_line(row) for row in report["ladder"]),
        "",
        f"{report['size']} {report['backdrop']}, frames of {report['frames']}, {report['busy']} busy programs "
        f"on {report['machine']['cores']} cores",
        f"{'timing':<13}{'quality':<10}{'':<13}{'fps':>6}{'age ms':>9}{'p95':>8}{'dropped':>9}{'error':>8}{'IoU':>8}",
    ]
    for run in report["runs"]:
        for phase in PHASES:
            of = run["phases"].get(phase)
            if of is not None:
                lines.append(
                    f"{run['timing']:<13}{'auto' if run['governed'] else 'full':<10}{phase:<13}{of['fps']:6.1f}"
                    f"{_ages(of)}{of['dropped']:9d}{_quality(of)}"
                )
        if run["governed"]:
            steps = ", ".join(f"{at:.1f} s: {step}" for at, step in run["steps"])
            lines.append(f"  quality levels, 0 (full) to {len(QUALITY_LEVELS) - 1}: {steps}")
    lines.append(
        "error: mean absolute difference of alpha × 1000, and its IoU, from full quality on the same frames."
    )
    return "\n".join(lines)


def _ages(phase: dict[str, Any]) -> str:
    ages = phase["age_ms"]
    return f"{ages['median_ms']:9.1f}{ages['p95_ms']:8.1f}" if ages else f"{'–':>9}{'–':>8}"


def _quality(phase: dict[str, Any]) -> str:
    return f"{phase['error']:8.2f}{phase['iou']:8.4f}" if phase["age_ms"] else f"{'–':>8}{'–':>8}"


def _ladder_line(row: dict[str, Any]) -> str:
    cost = f"{row['cpu_ms']:8.2f}{row['cost']:7.2f}" if "cost" in row else " " * 15
    quality = f"{row['error']:8.2f}{row['error_p95']:8.2f}{row['iou']:9.4f}"
    return f"{row['step']:<13}{cost}{quality}  {', '.join(row['savings']) or 'none'}"


def _frames_of(video: Path, case: Case) -> list[NDArray[np.uint8]]:
    """Frames of a video, scaled and cropped to the case's size, forwards and then backwards, for a loop without a jump."""
    from backdrop.frames.fit import cover

    frames: list[NDArray[np.uint8]] = []
    with contextlib.suppress(CameraError), contextlib.closing(VideoFile(video, paced=False)) as file:
        while len(frames) < MOST_FRAMES:
            frames.append(cover(file.read(), case.width, case.height))
    if len(frames) < 2:
        raise BenchError(f"{video} is not a readable video.")
    return back_and_forth(frames)


class Loop:
    """A camera that loops over some frames at their rate and, like a camera, skips frames that are late."""

    def __init__(self, frames: Sequence[NDArray[np.uint8]]) -> None:
        self.name, self.fps = "loop", float(FPS)
        self.size = (frames[0].shape[1], frames[0].shape[0])
        self.shown: list[int] = []  # the index of each returned frame
        self._frames = frames
        self._closed = threading.Event()
        self._begun = time.monotonic()

    def read(self) -> NDArray[np.uint8]:
        last = self.shown[-1] if self.shown else -1
        due = max(last + 1, int((time.monotonic() - self._begun) * FPS))
        if self._closed.wait(self._begun + due / FPS - time.monotonic()):
            raise CameraError("The loop is closed.")
        self.shown.append(due)
        return self._frames[due % len(self._frames)]

    def close(self) -> None:
        self._closed.set()


@dataclass
class Sent:
    """A sent composite: when, how old, and how far its alpha is from full quality."""

    at: float
    age: float
    error: float
    iou: float


class Run(AgeMeter):
    """One run. It is also the output, which notes what is sent."""

    def __init__(
        self,
        settings: Settings,
        governed: bool,
        segmenter: AlphaPredictor,
        frames: Sequence[NDArray[np.uint8]],
        truths: Sequence[NDArray[np.uint8]],
    ) -> None:
        super().__init__()
        self.settings, self.governed = settings, governed
        self.sent: list[Sent] = []
        self.steps: list[tuple[float, int]] = []
        self._truths, self._camera = truths, Loop(frames)
        self._engine = self.engine = Engine(
            settings,
            segmenter=lambda: segmenter,
            open_camera=lambda *asked: self._camera,
            open_output=lambda *asked: self,
            governed=governed,
        )

    def note(self, result: Result, now: float) -> None:
        assert result.alpha is not None
        alpha, truth = (
            reduced(result.alpha),
            self._truths[self._camera.shown[result.index] % len(self._truths)],
        )
        error, iou = metrics.mean_absolute_error(alpha, truth), metrics.iou(alpha, truth)
        self.sent.append(Sent(now, now - result.captured_at, error, iou))

    def measure(self, busy: int, seconds: float, stop: threading.Event) -> dict[str, Any]:
        """The report of this run; see measure_loaded()."""
        phases: dict[str, Any] = {}
        self._engine.start()
        try:
            if not self.first.wait(PATIENCE):
                raise BenchError(self._engine.notice or "no composite came")
            stop.wait(SETTLING)
            begun = time.monotonic()
            for phase in PHASES if busy else PHASES[:1]:
                with ExitStack() as load:
                    for _ in range(busy if phase == "busy" else 0):
                        command = [sys.executable, "-c", BUSY, str(os.getpid())]
                        program = load.enter_context(subprocess.Popen(command))
                        load.callback(program.kill)
                    phases[phase] = self._phase(begun, seconds, stop)
        finally:
            self._engine.stop()
        changes = [next(same) for _, same in groupby(self.steps, key=lambda step: step[1])]
        return {"timing": self.settings.timing, "governed": self.governed, "steps": changes, "phases": phases}

    def _phase(self, begun: float, seconds: float, stop: threading.Event) -> dict[str, Any]:
        since, dropped = time.monotonic(), self._engine.stats().dropped
        while time.monotonic() < since + seconds and not stop.wait(LOOK_EVERY):
            savings = list(self._engine.stats().savings)
            step = [quality_level.savings for quality_level in QUALITY_LEVELS].index(savings)
            self.steps.append((round(time.monotonic() - begun, 1), step))
        lasted = time.monotonic() - since
        return _judged((sent for sent in self.sent if sent.at >= since), lasted) | {
            "dropped": self._engine.stats().dropped - dropped
        }


def _judged(those: Iterable[Sent], seconds: float) -> dict[str, Any]:
    sent = list(those)
    judged: dict[str, Any] = {"fps": round(len(sent) / seconds, 1)}
    if not sent:
        return judged | {"age_ms": None, "error": None, "iou": None}
    ages = [each.age for each in sent]
    return judged | {
        "age_ms": {"median_ms": ms(median(ages)), "p95_ms": ms(p95(ages))},
        "error": round(1000 * fmean(each.error for each in sent), 2),
        "iou": round(fmean(each.iou for each in sent), 4),
    }
