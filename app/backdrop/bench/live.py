"""The application live, in its own process: the age of frames when they are sent, startup, CPU and memory."""

import json
import signal
import sys
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.bench.cases import FPS, BenchError, Case
from backdrop.bench.line import ms, p95
from backdrop.bench.machine import resident_mb
from backdrop.bench.process import report_of
from backdrop.bench.stopwatch import cpu_time
from backdrop.cameras.demo import DemoCamera
from backdrop.outputs.base import NullOutput
from backdrop.pipeline.pipeline import Result
from backdrop.run.engine import Engine
from backdrop.run.recording import Recording
from backdrop.run.warm_up import warm_up
from sinet_core import Segmenter

SETTLING = 0.5  # seconds after the first composite that are not counted
PATIENCE = 20.0  # seconds to wait for a composite


def measure_live(case: Case, network: Path | None, seconds: float) -> dict[str, Any]:
    """Run one case in a new process for this many seconds, at the camera's rate. Raises BenchError.

    Returns age_ms: from the camera's frame to the output, median and p95; start_ms: from the start of the process to the
    first composite; cpu_percent: of one core, including the drawing of the demo camera; memory_mb; frames and dropped.
    """
    asked = {
        "case": asdict(case),
        "network": None if network is None else str(network),
        "seconds": seconds,
        "asked_at": time.time(),
    }
    return report_of(__name__, asked)


class AgeMeter(NullOutput):
    """An output that accepts the same frames as a virtual camera and only notes the age of each composite."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.first = threading.Event()
        self.ages: list[float] = []

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Note the result in the engine's preview, if it is this composite and not a placeholder."""
        now = time.monotonic()
        result = self.engine.preview.take(0) if self.engine is not None else None
        if result is not None and result.composite is pixels and result.alpha is not None:
            self.note(result, now)
            self.first.set()

    def note(self, result: Result, now: float) -> None:
        self.ages.append(now - result.captured_at)


def _run(case: Case, network: Path | None, seconds: float, asked_at: float) -> dict[str, Any]:
    meter = AgeMeter()
    segmenter = Segmenter.load(network)
    settings = replace(case.settings, virtual_camera=True)
    warm_up(segmenter, settings)
    camera = DemoCamera(case.width, case.height, FPS)  # opened here, as `backdrop run` does
    recordings = tempfile.TemporaryDirectory(prefix="backdrop-bench-")
    engine = Engine(
        settings,
        recording=Recording(folder=lambda: Path(recordings.name)),
        segmenter=lambda: segmenter,
        open_camera=lambda *asked: camera,
        open_output=lambda *asked: meter,
        governed=False,  # segment every frame, even on a busy machine
    )
    meter.engine = engine
    engine.start()
    try:
        if not meter.first.wait(PATIENCE):
            raise BenchError(engine.notice or "no composite came")
        start = time.time() - asked_at
        time.sleep(SETTLING)
        skipped, dropped = len(meter.ages), engine.stats().dropped
        wall, cpu = time.perf_counter(), cpu_time()
        time.sleep(seconds)
        # On a very busy machine.
        while len(meter.ages) == skipped and time.perf_counter() - wall < PATIENCE:
            time.sleep(0.05)
        used = (cpu_time() - cpu) / (time.perf_counter() - wall)
        ages, memory = meter.ages[skipped:], resident_mb()
        dropped = engine.stats().dropped - dropped
    finally:
        engine.stop()
        recordings.cleanup()
    if not ages:
        raise BenchError("no composite came in time")
    return {
        "age_ms": {"median_ms": ms(median(ages)), "p95_ms": ms(p95(ages))},
        "start_ms": ms(start),
        "cpu_percent": round(100 * used, 1),
        "memory_mb": memory,
        "frames": len(ages),
        "dropped": dropped,
    }


def main() -> None:
    """The measured process: prints the report that measure_live() reads."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C and waits for this process
    cv2.setNumThreads(1)  # as the application does
    asked = json.loads(sys.argv[1])
    network = None if asked["network"] is None else Path(asked["network"])
    try:
        print(json.dumps(_run(Case(**asked["case"]), network, asked["seconds"], asked["asked_at"])))
    except Exception as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
