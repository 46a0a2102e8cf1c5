"""The time of a step of training on this computer, with torch's own layers and with the loops for a CPU.

    python -m sinet_core.training step-speed --threads 2

Steps of both alternate, so that other load slows both. It prints the medians and their ratio.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
import torch

from sinet_core.training.evaluate.evaluate import size
from sinet_core.training.learn.batches import Batch
from sinet_core.training.learn.learning import Objective, Run, start_run, train_step
from sinet_core.training.learn.recipe import Recipe
from sinet_core.training.model.cpu_kernels import use_cpu_kernels


def a_batch(scenes: int, height: int, width: int) -> Batch:
    """A batch of noise, which takes as long as pictures."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (scenes, height, width, 3), dtype=np.uint8)
    return Batch(frames, rng.integers(0, 256, (scenes, height, width), dtype=np.uint8))


def seconds_of_a_step(run: Run, batch: Batch, recipe: Recipe) -> float:
    begun = time.perf_counter()
    train_step(run, Objective(run.model, "whole", recipe), batch, recipe)
    return time.perf_counter() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training step-speed", description="Measure a step of training."
    )
    parser.add_argument("--size", type=size, default=(192, 256), metavar="HxW")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--steps", type=int, default=7, help="of each kind; the first is not counted")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    recipe, batch = Recipe(), a_batch(asked.batch, *asked.size)
    runs = {"torch's own layers": start_run(recipe, None), "the loops for a CPU": start_run(recipe, None)}
    use_cpu_kernels(runs["the loops for a CPU"].model)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(asked.steps):
        for name, run in runs.items():
            taken[name].append(seconds_of_a_step(run, batch, recipe))
    medians = {name: median(seconds[1:]) for name, seconds in taken.items()}
    for name, seconds in medians.items():
        print(f"{name}: {seconds * 1000:.0f} ms a step, {asked.batch / seconds:.1f} scenes a second")
    slow, fast = medians.values()
    print(f"{slow / fast:.2f} times as fast")
