"""One measure for networks, whatever they were trained with: loss and change between moments on scenes, IoU on photos."""

from pathlib import Path
from statistics import fmean
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sinet_core.segmenter import reduced
from sinet_core.training.batches import Batch, Batches
from sinet_core.training.consistency import inconsistency
from sinet_core.training.data import TrainingData
from sinet_core.training.learning import Objective
from sinet_core.training.model import SINet, normalise, person_logit
from sinet_core.training.parallel import Processes
from sinet_core.training.recipe import Recipe, Stage
from sinet_core.training.validate import validate

BATCHES, SEED = 4, 10**6  # of scenes that no run is trained on


class Yardstick:
    """Measures any network in the same way, on scenes at two moments that no run is trained on, and on the photos held out."""

    def __init__(
        self,
        data: TrainingData,
        root: Path,
        size: tuple[int, int],
        made_at: tuple[int, int],
        batch: int,
    ) -> None:
        """size: (H, W) of the networks' input; made_at: of the scenes before they are reduced to it; batch: how many at once."""
        self.root, self.area = root, size[0] * size[1]
        stage = Stage("whole", BATCHES, batch, (made_at,), 0.0)
        batches = Batches(data, Recipe((stage,), SEED, pairs=True), Processes())
        self.batches = [at_size(batches[step], *size) for step in range(BATCHES)]

    @torch.no_grad()
    def __call__(self, model: SINet) -> dict[str, float]:
        """The table's columns for a network in evaluation mode."""
        objective = Objective(model, "whole", Recipe())
        losses, changes = [], []
        for batch in self.batches:
            frames, alphas = torch.from_numpy(batch.frames), torch.from_numpy(batch.alphas)
            losses.append(float(objective(frames, alphas).mean()))
            now, later = person_logit(model(normalise(frames))).sigmoid().chunk(2)
            came_from, truths = torch.as_tensor(batch.came_from), (alphas.float() / 255).chunk(2)
            changes.append(1000 * float(inconsistency(now, later, came_from, *truths).mean()))
        return {"loss": fmean(losses), "change": fmean(changes), **validate(model, self.root, self.area)}


def at_size(batch: Batch, height: int, width: int) -> Batch:
    """A batch as the network sees it, reduced from the size at which its scenes were made."""
    high, wide = batch.alphas.shape[1:]
    if (high, wide) == (height, width):
        return batch
    came_from = batch.came_from
    if came_from is not None:
        came_from = resized(came_from, height, width) * np.array([width / wide, height / high], np.float32)
    return batch._replace(
        frames=np.stack([reduced(frame, height, width) for frame in batch.frames]),
        alphas=resized(batch.alphas, height, width),
        came_from=came_from,
    )


def resized(pictures: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    return np.stack(
        [cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) for picture in pictures]
    )
