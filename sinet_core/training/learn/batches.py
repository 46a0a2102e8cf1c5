"""Batches of scenes. Each depends on (seed, step) alone, so runs can be interrupted, distributed and repeated."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import Recipe
from sinet_core.training.scenes.data import TrainingData
from sinet_core.training.scenes.scenes import make_scene


class Batch(NamedTuple):
    """frames: (N, H, W, 3) uint8 BGR. alphas: (N, H, W) uint8; in the training of labels, their label maps."""

    frames: NDArray[np.uint8]
    alphas: NDArray[np.uint8]


class Batches(Dataset[Batch]):
    """The n-th item is this process's part of the n-th batch."""

    def __init__(self, data: TrainingData, recipe: Recipe, processes: Processes) -> None:
        self.data, self.recipe, self.processes = data, recipe, processes

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)
        seed, (stage, _) = self.recipe.seed, self.recipe.at(step)
        rng = np.random.default_rng((seed, step))
        size = stage.sizes[int(rng.integers(len(stage.sizes)))]
        kind = "as-taken" if rng.random() < self.recipe.as_taken else self.recipe.kind
        generators = [
            np.random.default_rng((seed, step, position))
            for position in self.processes.positions(stage.batch)
        ]
        scenes = [make_scene(self.data, rng, *size, kind) for rng in generators]
        frames = np.stack([scene.frame for scene in scenes])
        return Batch(frames, np.stack([scene.alpha for scene in scenes]))


def lower_priority(_: int) -> None:
    """Lower the workers' priority so they do not stall training threads: one slow thread holds up all the others."""
    if hasattr(os, "nice"):
        os.nice(10)


def batches_from(batches: Dataset[Batch], steps: int, start: int, workers: int) -> Iterator[Batch]:
    """The batches of the steps from `start` to the last, made by so many processes beside this one; 0: in this one."""
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(start, steps),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=lower_priority,
    )
    return iter(loader)
