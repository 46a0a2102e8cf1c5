"""Batches of scenes: each a function of (seed, step) alone, so a run can be interrupted, shared over processes and repeated."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from sinet_core.training.consistency import make_moments
from sinet_core.training.data import TrainingData
from sinet_core.training.parallel import Processes
from sinet_core.training.recipe import Recipe
from sinet_core.training.scenes import make_scene
from sinet_core.training.teacher import Teacher

LESSON = 10**9  # stands where a scene's generator has its position in the batch


class Batch(NamedTuple):
    """frames: (N, H, W, 3) uint8 BGR. alphas: (N, H, W) uint8. photos: source and name, where a scene is a photo shown whole.

    came_from: None, or (N / 2, H, W, 2) float32, in pixels: the second half of the scenes are the first half's a moment later
    (consistency.Moments).
    """

    frames: NDArray[np.uint8]
    alphas: NDArray[np.uint8]
    photos: list[tuple[str, str] | None]
    came_from: NDArray[np.float32] | None = None


class Batches(Dataset[Batch]):
    """The n-th item is the share of this process of the n-th batch."""

    def __init__(
        self, data: TrainingData, recipe: Recipe, processes: Processes, teacher: Teacher | None = None
    ) -> None:
        """teacher: whose answers count beside the truth."""
        self.data, self.recipe, self.processes, self.teacher = data, recipe, processes, teacher

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)
        seed, (stage, _) = self.recipe.seed, self.recipe.at(step)
        rng = np.random.default_rng((seed, step))
        size = stage.sizes[int(rng.integers(len(stage.sizes)))]
        kind = "as-taken" if rng.random() < self.recipe.as_taken else self.recipe.kind
        count = stage.batch // 2 if self.recipe.pairs else stage.batch
        generators = [
            np.random.default_rng((seed, step, position)) for position in self.processes.share(count)
        ]
        if self.recipe.pairs:
            moments = [make_moments(self.data, rng, *size) for rng in generators]
            scenes = [pair.now for pair in moments] + [pair.later for pair in moments]
            came_from = np.stack([pair.came_from for pair in moments])
        else:
            scenes, came_from = [make_scene(self.data, rng, *size, kind) for rng in generators], None
        frames = np.stack([scene.frame for scene in scenes])
        alphas = np.stack([scene.alpha for scene in scenes])
        batch = Batch(frames, alphas, [scene.photo for scene in scenes], came_from)
        return taught(batch, self.teacher, seed, step) if self.teacher else batch


def taught(batch: Batch, teacher: Teacher, seed: int, step: int) -> Batch:
    """The batch of a step as the teacher would have it, the same whether it is so made or made so afterwards."""
    rng = np.random.default_rng((seed, step, LESSON))
    frames, alphas = teacher.lesson(np.asarray(batch.frames), np.asarray(batch.alphas), rng)
    return batch._replace(frames=frames, alphas=alphas)


def stand_back(_: int) -> None:
    """What makes scenes uses the time that learning leaves: whoever waits for one of several threads lets all of them wait."""
    if hasattr(os, "nice"):
        os.nice(10)


def batches_from(batches: Batches, start: int, workers: int) -> Iterator[Batch]:
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(start, len(batches)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=stand_back,
    )
    return iter(loader)
