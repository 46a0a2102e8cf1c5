"""`backdrop bench --soak`: runs for hours while cameras, sizes, backdrops and outputs change, and measures what grows.

One engine runs without a restart and repeats the same round of steps. What it holds at the end of a step is compared with
the end of the same step in the previous round.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from backdrop.bench.cases import FPS, BenchError, demo_frames
from backdrop.bench.machine import machine
from backdrop.bench.process import Sample, look
from backdrop.outputs.video_writer import VideoWriter
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from sinet_core import Segmenter

STEP = 10.0  # seconds of a step, less if ROUNDS would not fit
ROUNDS = 4  # at least: the first allocates, the others are compared
LOOKS = 10  # samples in each step
SIZE = (640, 360)  # small, as it runs for long
DRAWN = 60  # frames of the video that is used as a camera
PATIENCE = 30.0  # seconds to wait for the first frame
SUMMED = ("memory_mb", "handles", "threads")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step in one round, at its end; see Sample. memory_mb: the median. fps: processed."""

    step: str
    minutes: float
    memory_mb: float
    handles: int
    threads: int
    fps: float


def steps(folder: Path) -> dict[str, Settings]:
    """The steps of a round by name, in order. folder: contains clip.mkv, and is written to."""
    width, height = SIZE
    base = Settings(
        camera="demo",
        width=width,
        height=height,
        fps=FPS,
        backdrop="blur",
        output="null",
        virtual_camera=True,
    )
    return {
        "blur": base,
        "picture": replace(base, backdrop="picture", picture="bookshelf"),
        "colour, no output": replace(base, backdrop="colour", virtual_camera=False),
        "a video behind": replace(base, backdrop="picture", picture=str(folder / "clip.mkv")),
        "bokeh, centred": replace(base, blur_style="bokeh", auto_framing=True),
        "transparent, low latency": replace(base, backdrop="transparent", timing="low-latency"),
        "4:3": replace(base, width=640, height=480),
        "upright, mirrored": replace(base, width=360, height=640, backdrop="picture", mirror=True),
        "a video as the camera": replace(base, camera=str(folder / "clip.mkv")),
        "no such camera": replace(base, camera="/dev/video9999"),
        "into a file": replace(base, output=str(folder / "written.mp4")),
        "no such output": replace(base, output="/dev/video9999"),
        "effect off": replace(base, backdrop="none"),
    }


def soak(minutes: float, target: Path | None, stop: threading.Event, network: Path | None = None) -> int:
    """Run it, print a line for each round and a summary, and write the report as JSON. Returns the exit status.

    minutes: how long. target: the file, or None. Raises BenchError or SegmenterError.
    """
    with tempfile.TemporaryDirectory(prefix="backdrop-soak-") as name:
        report = _measured(60 * minutes, Path(name), stop, network)
    if target is not None:
        target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(summary(report), flush=True)
    return 0 if report["error"] is None else 1


def _measured(seconds: float, folder: Path, stop: threading.Event, network: Path | None) -> dict[str, Any]:
    segmenter = Segmenter.load(network)
    _write_clip(folder / "clip.mkv")
    wanted = steps(folder)
    stretch = min(STEP, seconds / (ROUNDS * len(wanted)))
    engine = Engine(next(iter(wanted.values())), segmenter=lambda: segmenter)
    report: dict[str, Any] = {"machine": machine(), "size": list(SIZE), "step_seconds": round(stretch, 2)}
    engine.start()
    try:
        _wait_for_frames(engine, stop)
        stretches, notices = _rounds(engine, wanted, seconds, stretch, stop)
        stats = engine.stats()
    finally:
        engine.stop()
    rounds = per_round(stretches, len(wanted))
    error = None if engine.error is None else repr(engine.error)
    return report | {
        "frames": stats.frames,
        "dropped": stats.dropped,
        "error": error,
        "notices": sorted(notices),
        "rounds": rounds,
        "growth": grown(rounds),
        "stretches": [asdict(each) for each in stretches],
    }


def _write_clip(path: Path) -> None:
    frames = demo_frames(*SIZE)
    writer = VideoWriter(path, *SIZE, FPS)
    for index in range(DRAWN):
        writer.send(frames[index % len(frames)])
    writer.close()


def _wait_for_frames(engine: Engine, stop: threading.Event) -> None:
    until = time.monotonic() + PATIENCE
    while engine.stats().frames == 0 and not stop.is_set():
        if time.monotonic() > until:
            raise BenchError(engine.notice or "The demo camera delivers no frames.")
        stop.wait(0.05)


def _rounds(
    engine: Engine, wanted: Mapping[str, Settings], seconds: float, stretch: float, stop: threading.Event
) -> tuple[list[Stretch], set[str]]:
    """Repeat rounds until the time is over, at least ROUNDS. The last one is completed."""
    begun, stretches, notices = time.monotonic(), list[Stretch](), set[str]()
    fewest = ROUNDS * len(wanted)
    while not stop.is_set() and (len(stretches) < fewest or time.monotonic() - begun < seconds - stretch):
        for name, settings in wanted.items():
            engine.settings = settings
            samples, frames, since = list[Sample](), engine.stats().frames, time.monotonic()
            for _ in range(LOOKS):
                stop.wait(stretch / LOOKS)
                samples.append(look(os.getpid(), time.monotonic() - begun, name))
                if engine.notice:
                    notices.add(engine.notice)
            rate = (engine.stats().frames - frames) / (time.monotonic() - since)
            stretches.append(_stretch(samples, rate))
            if stop.is_set():
                break
        _say(f"{(time.monotonic() - begun) / 60:.1f} minutes: {stretches[-1].memory_mb:.1f} MB")
    return stretches, notices


def _stretch(samples: Sequence[Sample], rate: float) -> Stretch:
    last = samples[-1]
    memory = round(median(sample.memory_mb for sample in samples), 2)
    return Stretch(last.step, round(last.seconds / 60, 3), memory, last.handles, last.threads, round(rate, 1))


def per_round(stretches: Sequence[Stretch], steps_of_one: int) -> list[dict[str, float]]:
    """For each complete round: when it ended, its highest memory, and the handles and threads of its last step.

    Handles and threads are taken from the last step because it starts quickly, so that they are the same in every round
    even if a busy machine was late with other steps.
    """
    whole = [
        stretches[start : start + steps_of_one]
        for start in range(0, len(stretches) - steps_of_one + 1, steps_of_one)
    ]
    return [
        {
            "minutes": each[-1].minutes,
            "memory_mb": max(stretch.memory_mb for stretch in each),
            "handles": each[-1].handles,
            "threads": each[-1].threads,
        }
        for each in whole
    ]


def grown(rounds: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """How much more the last round held than the second; the first only allocates.

    slope_mb_an_hour: of a straight line through the memory of all rounds but the first. Empty for fewer than three rounds.
    """
    if len(rounds) < 3:
        return {}
    after = rounds[1:]
    more = {name: round(after[-1][name] - after[0][name], 2) for name in SUMMED}
    hours, memory = [each["minutes"] / 60 for each in after], [each["memory_mb"] for each in after]
    return more | {"slope_mb_an_hour": round(linear_regression(hours, memory).slope, 2)}


def summary(report: Mapping[str, Any]) -> str:
    """The report as a few lines of text."""
    rounds, growth = report["rounds"], report["growth"]
    if not growth:
        return f"{report['frames']} frames; too short to measure growth."
    last = rounds[-1]
    lines = [
        f"{last['minutes']:.0f} minutes, {len(rounds)} rounds, {report['frames']} frames, {report['dropped']} dropped.",
        f"Memory {last['memory_mb']:.1f} MB, {growth['memory_mb']:+.1f} since the second round "
        f"({growth['slope_mb_an_hour']:+.1f} per hour).",
        f"File handles {last['handles']}, {growth['handles']:+d}. Threads {last['threads']}, {growth['threads']:+d}.",
    ]
    return "\n".join(lines if report["error"] is None else [*lines, f"It failed: {report['error']}"])


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
