"""The state of a run and a step of training: the loss, the optimisers and the moving average of the weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from sinet_core.training.learn.batches import Batch
from sinet_core.training.learn.losses import encoder_loss, whole_loss
from sinet_core.training.learn.optimisers import optimisers_of, set_rate
from sinet_core.training.learn.recipe import Recipe
from sinet_core.training.model.checkpoint import load_model
from sinet_core.training.model.model import SINet, keep_deployable, normalise


class Objective(nn.Module):
    """From a batch to its scenes' losses (N,), as one module, as DistributedDataParallel needs it."""

    def __init__(self, model: SINet, stage: str, recipe: Recipe) -> None:
        super().__init__()
        self.model, self.stage, self.recipe = model, stage, recipe

    def forward(self, frames: Tensor, alphas: Tensor) -> Tensor:
        x, alpha = normalise(frames), alphas.float() / 255
        if self.stage == "encoder":
            return encoder_loss(self.model.encoder(x)[0], alpha, self.recipe.boundary)
        logits, coarse_logits = self.model.forward_both(x)
        return whole_loss(logits, coarse_logits, alpha, self.recipe.boundary, self.recipe.overlap)


@torch.no_grad()
def ema_update(average: nn.Module, model: nn.Module, step: int, decay: float) -> None:
    """Update the moving average of the weights. Its decay is smaller in the first steps, whose weights are not worth keeping."""
    weight = 1 - min(decay, (1 + step) / (10 + step))
    for kept, current in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(current, weight)
        else:
            kept.copy_(current)


ModelT = TypeVar("ModelT", bound=nn.Module)


@dataclass
class Run(Generic[ModelT]):
    """The state of a run, which is saved to be resumed."""

    model: ModelT
    average: ModelT
    optimisers: list[torch.optim.Optimizer]
    step: int = 0

    def save(self, folder: Path) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": self.step,
        }
        torch.save(state, folder / "last.pt.part")
        (folder / "last.pt.part").replace(folder / "last.pt")

    def load(self, folder: Path) -> None:
        state = torch.load(folder / "last.pt", map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.step = state["step"]


def start_run(recipe: Recipe, weights: Path | None, classes: int = 2, levels: int = 3) -> Run[SINet]:
    """Start a run from a checkpoint, or from random weights that depend on the seed."""
    torch.manual_seed(recipe.seed)
    model = load_model(weights) if weights else SINet(classes, levels)
    model.train()
    average = SINet(model.classes, model.levels)
    average.load_state_dict(model.state_dict())
    return Run(model, average.eval(), optimisers_of(model, recipe.weight_decay, muon=recipe.muon))


def train_step(run: Run[ModelT], objective: nn.Module, batch: Batch, recipe: Recipe) -> Tensor:
    """Take one step. objective: of run.model, possibly distributed. Returns the losses before it, (N,) or a scalar."""
    device = next(run.model.parameters()).device
    tensors = [torch.as_tensor(part).to(device) for part in (batch.frames, batch.alphas)]
    losses: Tensor = objective(*tensors)
    optimiser_step(run, losses.mean(), recipe)
    return losses.detach()


def optimiser_step(run: Run[ModelT], loss: Tensor, recipe: Recipe) -> None:
    """Take one step down a loss of run.model, and update the average."""
    set_rate(run.optimisers, recipe.rate(run.step))
    run.model.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(run.model.parameters(), 5.0)
    for optimiser in run.optimisers:
        optimiser.step()
    steepest = recipe.steepest(run.step)
    keep_deployable(run.model, steepest)
    ema_update(run.average, run.model, run.step, recipe.decay)
    keep_deployable(run.average, steepest)
    run.step += 1
