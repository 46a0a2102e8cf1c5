"""The same benchmark for all networks of an ablation: loss on scenes, IoU on photos."""

from pathlib import Path
from statistics import fmean

import torch

from sinet_core.training.learn.batches import Batches
from sinet_core.training.learn.learning import Objective
from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import Recipe, Stage
from sinet_core.training.learn.validate import validate
from sinet_core.training.model.model import SINet
from sinet_core.training.scenes.data import TrainingData

BATCHES, SEED = 4, 10**6  # batches, and their seed, which no run is trained with


class Benchmark:
    """Measures networks on scenes that no run is trained on, and on held-out photos."""

    def __init__(
        self,
        data: TrainingData,
        root: Path,
        size: tuple[int, int],
        batch: int,
    ) -> None:
        """size: (H, W) of the networks' input. batch: scenes per batch."""
        self.root, self.area = root, size[0] * size[1]
        stage = Stage("whole", BATCHES, batch, (size,), 0.0)
        batches = Batches(data, Recipe((stage,), SEED), Processes())
        self.batches = [batches[step] for step in range(BATCHES)]

    @torch.no_grad()
    def __call__(self, model: SINet) -> dict[str, float]:
        """The table's columns for a network in evaluation mode."""
        objective = Objective(model, "whole", Recipe())
        losses = [
            float(objective(torch.from_numpy(batch.frames), torch.from_numpy(batch.alphas)).mean())
            for batch in self.batches
        ]
        return {"loss": fmean(losses), **validate(model, self.root, self.area)}
