"""The pipeline from a decoded frame to the I420 of the virtual camera, on one thread, as fast as possible."""

import time
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.bench.cases import FPS, BenchError, Case
from backdrop.bench.dark import darkened
from backdrop.bench.stopwatch import Stopwatch, cpu_time
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.pipeline.pipeline import Pipeline
from sinet_core.matting.person_segmenter import AlphaPredictor

BURST = 4  # frames of a case in each round


class CaseLine:
    """The pipeline of one case, measured a few frames at a time, in turn with the others."""

    def __init__(self, case: Case, segmenter: AlphaPredictor, frames: list[NDArray[np.uint8]]) -> None:
        self.case = case
        dark = case.settings.auto_light
        self._frames = [darkened(frame, seed) for seed, frame in enumerate(frames)] if dark else frames
        self._jpeg = cv2.imencode(".jpg", frames[0], [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
        self._stages, self._camera = Stopwatch(), Stopwatch()
        self._pipeline = Pipeline(segmenter, live=False, profiler=self._stages.watch)
        self._decode = self._camera.watch("decode", cv2.imdecode)
        self._cpu: list[float] = []
        self._wall: list[float] = []
        self._index = 0

    def warm_up(self) -> float:
        """Process two frames to allocate memory and read files. Returns the seconds of the second. Raises BenchError."""
        self._step()
        self._step()
        seconds = self._wall[-1]
        self._stages.forget()
        self._cpu, self._wall = [], []
        return seconds

    def run_round(self) -> None:
        """Measure a few more frames. Raises BenchError if the pipeline returns a placeholder."""
        self._decode(self._jpeg, cv2.IMREAD_COLOR)
        for _ in range(BURST):
            self._step()

    def _step(self) -> None:
        pixels = self._frames[self._index % len(self._frames)]
        frame = Frame(pixels, self._index, self._index / FPS)
        self._index += 1
        wall, cpu = time.perf_counter(), cpu_time()
        result = self._pipeline.process(frame, self.case.settings, pixel_format=PixelFormat.I420)
        self._cpu.append(cpu_time() - cpu)
        self._wall.append(time.perf_counter() - wall)
        if result.notice is not None:
            raise BenchError(f"There is nothing to measure: {result.notice}")

    def report(self) -> dict[str, Any]:
        """cpu_ms, wall_ms: medians per frame. fps: possible on one core. stages: CPU time of each, in order."""
        wall = median(self._wall)
        return {
            "frames": len(self._wall),
            "cpu_ms": ms(median(self._cpu)),
            "cpu_ms_p95": ms(p95(self._cpu)),
            "wall_ms": ms(wall),
            "wall_ms_p95": ms(p95(self._wall)),
            "fps": round(1 / wall, 1),
            "stages": {name: times_of(laps) for name, laps in self._stages.laps.items() if laps},
            "decode": times_of(self._camera.laps["decode"]),
        }


def times_of(laps: list[float]) -> dict[str, float]:
    """Median and 95th percentile of seconds, in milliseconds."""
    return {"median_ms": ms(median(laps)), "p95_ms": ms(p95(laps))}


def p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


def ms(seconds: float) -> float:
    return round(1000 * seconds, 3)
