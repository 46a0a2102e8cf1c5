"""The training loop of all trainings: people, labels and the ablation."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic

from torch import Tensor, nn

from sinet_core.training.learn.batches import Batch
from sinet_core.training.learn.learning import ModelT, Run, train_step
from sinet_core.training.learn.recipe import Recipe


class Loop(Generic[ModelT]):
    """Takes a run through its batches, one step each.

    objective: the current stage's module from a batch to losses. It stays alive as long as the loop does.
    """

    def __init__(self, run: Run[ModelT], recipe: Recipe, objective_of: Callable[[str], nn.Module]) -> None:
        """objective_of: returns the objective of a stage, by the stage's name. It is called when a stage begins."""
        self.run, self.recipe, self.objective = run, recipe, nn.Module()
        self.stage = ""
        self._objective_of = objective_of
        self._started, self._first = time.monotonic(), run.step

    def over(self, batches: Iterable[Batch]) -> Iterator[Tensor]:
        """Take a step for each batch, and give its mean loss, a scalar, from before that step."""
        for batch in batches:
            stage, _ = self.recipe.at(self.run.step)
            if stage.name != self.stage:
                self.stage = stage.name
                self.objective = self._objective_of(stage.name)
            yield train_step(self.run, self.objective, batch, self.recipe).mean()

    @property
    def seconds(self) -> float:
        """Since the loop began."""
        return time.monotonic() - self._started

    @property
    def minutes_left(self) -> float:
        """Until the recipe's last step, at the mean speed so far. After at least one step."""
        return self.seconds / (self.run.step - self._first) * (self.recipe.steps - self.run.step) / 60
