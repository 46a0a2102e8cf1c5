"""The network alone, and others beside it, each on one thread with the same settings of ONNX Runtime."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from backdrop.bench.cases import BenchError
from backdrop.bench.line import ms
from backdrop.bench.stopwatch import cpu_time
from sinet_core.segmenter import create_session

RUNS = 4  # of each network in each round
KINDS = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(float16)": np.float16}


class Network:
    """One ONNX file with any inputs, fed with random numbers."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        """size: (height, width) to use if the file leaves them open. Raises BenchError if it cannot be run."""
        self.path = path
        try:
            self._session = create_session(path.read_bytes(), 1, size)
            self._inputs = {each.name: _numbers(each, size) for each in self._session.get_inputs()}
            self._session.run(None, self._inputs)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BenchError(f"{path} cannot be run: {reason}") from error
        self.cpu: list[float] = []  # the median of each round
        self.wall: list[float] = []

    def run_round(self) -> None:
        """Measure a few more runs."""
        cpus, walls = [], []
        for _ in range(RUNS):
            wall, cpu = time.perf_counter(), cpu_time()
            self._session.run(None, self._inputs)
            cpus.append(cpu_time() - cpu)
            walls.append(time.perf_counter() - wall)
        self.cpu.append(median(cpus))
        self.wall.append(median(walls))

    def report(self) -> dict[str, Any]:
        return {
            "network": self.path.name,
            "inputs": {name: list(value.shape) for name, value in self._inputs.items()},
            "cpu_ms": ms(median(self.cpu)),
            "wall_ms": ms(median(self.wall)),
        }


def compared(ours: Network, peers: Sequence[Network]) -> list[dict[str, Any]]:
    """The report of each peer. ratio: its CPU time ÷ ours, the median over the rounds."""
    return [
        peer.report() | {"ratio": round(median(np.divide(peer.cpu, ours.cpu).tolist()), 3)} for peer in peers
    ]


def _numbers(tensor: "onnxruntime.NodeArg", size: tuple[int, int]) -> NDArray[np.generic]:
    """Random numbers of an input's type and shape. Open dimensions: one frame of this height and width."""
    if tensor.type not in KINDS:
        raise BenchError(f"its input {tensor.name} is a {tensor.type}")
    sides = list(size)
    shape = []
    for place, length in enumerate(tensor.shape):
        if isinstance(length, int) and length > 0:
            shape.append(length)
        elif place == 0 or not sides:
            shape.append(1)
        else:
            shape.append(sides.pop(0))
    numbers = np.random.default_rng(0).random(shape, np.float32)
    whole = tensor.type == "tensor(uint8)"
    return (255 * numbers).astype(np.uint8) if whole else numbers.astype(KINDS[tensor.type])
