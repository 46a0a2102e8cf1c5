"""What it costs to hand a 720p frame to the two virtual cameras, each with one program that reads it, in turn in one run:

    tests/system/run.sh env XDG_RUNTIME_DIR=/tmp .venv/bin/python -m tests.system.output_cost

Prints for each output the median over the rounds of the median time in send(), in milliseconds, and the lowest and the
highest round. All of send() is work of the processor: nothing in it waits for a device or a program.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from backdrop.frames import i420
from backdrop.outputs.pipewire import PipeWireCamera
from backdrop.outputs.virtual_camera import VirtualCamera
from backdrop.system import leave
from tests import pipewire_desktop
from tests.system.rig import VIRTUAL

WIDTH, HEIGHT, FPS = 1280, 720, 30
ROUNDS, FRAMES = 7, 150
CAPS = "video/x-raw,format=I420"  # without it, WirePlumber does not know what kind of node it should connect
READERS = {
    VIRTUAL: ["v4l2-ctl", "-d", VIRTUAL, "--stream-mmap"],
    "pipewire": ["gst-launch-1.0", "pipewiresrc", "target-object=backdrop", "!", CAPS, "!", "fakesink"],
}


def cost(spec: str, frames: Sequence[np.ndarray], environment: dict[str, str]) -> float:
    """The median time of send() over FRAMES frames, while one program reads, in milliseconds."""
    size = WIDTH, HEIGHT, FPS
    output = PipeWireCamera(*size) if spec == "pipewire" else VirtualCamera(*size, spec)
    output.send(frames[0])
    quiet = subprocess.DEVNULL
    reader = subprocess.Popen(READERS[spec], env=environment, stdout=quiet, stderr=quiet)
    try:
        pipewire_desktop.wait_for(output.has_consumers)
        taken = []
        for number in range(FRAMES):
            begun = time.perf_counter()
            output.send(frames[number % len(frames)])
            taken.append(time.perf_counter() - begun)
            time.sleep(1 / FPS)
        assert reader.poll() is None, f"the reader of {spec} has ended"
    finally:
        reader.kill()
        reader.wait()
        output.close()
    return 1000 * median(taken)


def main() -> int:
    pipewire_desktop.PATIENCE = 240.0  # wireplumber takes a minute to start in User Mode Linux
    random = np.random.default_rng(0)
    frames = [i420.from_bgr(random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)) for _ in range(4)]
    costs: dict[str, list[float]] = {spec: [] for spec in READERS}
    with pipewire_desktop.desktop() as desk:
        os.environ.update(desk.environment)
        for _ in range(ROUNDS):
            for spec in READERS:
                costs[spec].append(cost(spec, frames, desk.environment))
    for spec, each in costs.items():
        print(f"{spec}: {median(each):.2f} ms ({min(each):.2f} to {max(each):.2f})")
    return 0


if __name__ == "__main__":
    leave.run(main)
