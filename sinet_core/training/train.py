"""Train SINet. Reads top to bottom: settings, data, model, the loop, what is kept.

    python -m sinet_core.training.train --data FOLDER --into runs/first
    torchrun --nproc-per-node 2 -m sinet_core.training.train --data FOLDER --into runs/first      over several processes

Two stages, as in the paper: the encoder alone against the alpha at H/8, then encoder and decoder together; the end of the second
is a stage of its own here, at the size that the application uses. Every batch
is a function of (seed, step) alone, so a run that was interrupted goes on with `--resume` as if it had not been, and several
processes share each batch. What is validated and kept is the moving average of the weights (EMA).
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from sinet_core.training.checkpoint import file_hash, load_model, save_weights
from sinet_core.training.data import TrainingData, read_training_data
from sinet_core.training.losses import encoder_loss, whole_loss
from sinet_core.training.model import SINet, keep_deployable, normalise
from sinet_core.training.optimisers import optimisers_of, set_rate
from sinet_core.training.parallel import Processes
from sinet_core.training.scenes import make_scene
from sinet_core.training.validate import validate

Batch = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True)
class Stage:
    """steps of batch scenes each, every batch at one of the sizes (H, W); learning rate from `rate` down to `rate · end`."""

    name: str
    steps: int
    batch: int
    sizes: tuple[tuple[int, int], ...]
    rate: float
    end: float = 0.02
    warm_up: int = 200


# The shapes of cameras, and the one that most photos have. Large inputs are slow to learn from: the encoder begins near
# 16,000 pixels, all of it goes on near 48,000, and ends near the 60,000 that the Segmenter gives it.
ENCODER = Stage("encoder", 1400, 48, ((96, 160), (128, 160), (160, 128)), 4e-3, end=0.3)
WHOLE = Stage(
    "whole", 7600, 24, ((160, 288), (160, 288), (192, 256), (256, 192), (256, 192)), 2.5e-3, end=0.25
)
LARGE = Stage(
    "large", 800, 24, ((192, 320), (192, 320), (224, 288), (288, 224), (288, 224)), 6e-4, warm_up=50
)


STEEP = 0.3  # no slope of a trained SINet is much larger, so what is to become 0 begins to fall from there


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result, beside the data."""

    stages: tuple[Stage, ...] = (ENCODER, WHOLE, LARGE)
    seed: int = 0
    decay: float = 0.999  # of the moving average, reached gradually
    weight_decay: float = 0.01  # on dense, pointwise and full kernels; none on depthwise, BN, PReLU, biases
    relu_by: int = 0  # the step at which most PReLUs have become ReLUs (keep_deployable); 0 leaves them

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def at(self, step: int) -> tuple[Stage, int]:
        """The stage that a step belongs to, and the step's number within it."""
        for stage in self.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        raise IndexError(step)

    def steepest(self, step: int) -> float:
        """The largest slope that most PReLUs may have after a step: falling linearly until they are ReLUs, if asked for."""
        return 1.0 if not self.relu_by else max(0.0, STEEP * (1 - (step + 1) / self.relu_by))

    def rate(self, step: int) -> float:
        """Learning rate: a linear warm-up, then a cosine within each stage."""
        stage, within = self.at(step)
        if within < stage.warm_up:
            return stage.rate * (within + 1) / stage.warm_up
        progress = (within - stage.warm_up) / max(1, stage.steps - stage.warm_up)
        return stage.rate * (stage.end + (1 - stage.end) * 0.5 * (1 + math.cos(math.pi * progress)))


class Batches(Dataset[Batch]):
    """The n-th item is the share of this process of the n-th batch: (N, H, W, 3) uint8 BGR frames, (N, H, W) uint8 alphas."""

    def __init__(self, data: TrainingData, recipe: Recipe, processes: Processes) -> None:
        self.data, self.recipe, self.processes = data, recipe, processes

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)
        stage, _ = self.recipe.at(step)
        height, width = stage.sizes[
            int(np.random.default_rng((self.recipe.seed, step)).integers(len(stage.sizes)))
        ]
        scenes = [
            make_scene(self.data, np.random.default_rng((self.recipe.seed, step, position)), height, width)
            for position in self.processes.share(stage.batch)
        ]
        return np.stack([scene.frame for scene in scenes]), np.stack([scene.alpha for scene in scenes])


def batches_from(batches: Batches, start: int, workers: int) -> Iterator[Batch]:
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(start, len(batches)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    return iter(loader)


class Objective(nn.Module):
    """From a batch to the loss of a stage, as one module, so that it can be compiled or shared over processes as one."""

    def __init__(self, model: SINet, stage: str) -> None:
        super().__init__()
        self.model, self.stage = model, stage

    def forward(self, frames: Tensor, alphas: Tensor) -> Tensor:
        x, alpha = normalise(frames), alphas.float() / 255
        if self.stage == "encoder":
            return encoder_loss(self.model.encoder(x)[0], alpha)
        logits, coarse = self.model.forward_both(x)
        return whole_loss(logits, coarse, alpha)


@torch.no_grad()
def follow(average: SINet, model: SINet, step: int, decay: float) -> None:
    """Move the averaged weights towards the model's; early on by more, as there is nothing worth keeping yet."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for kept, current in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(current, share)
        else:
            kept.copy_(current)


@dataclass
class Run:
    """What an interruption must not lose."""

    model: SINet
    average: SINet
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


def begin(recipe: Recipe, weights: Path | None) -> Run:
    torch.manual_seed(recipe.seed)
    model = load_model(weights) if weights else SINet()
    model.train()
    average = SINet()
    average.load_state_dict(model.state_dict())
    return Run(model, average.eval(), optimisers_of(model, recipe.weight_decay))


def train(recipe: Recipe, data_root: Path, folder: Path, options: argparse.Namespace) -> None:
    processes = Processes.from_environment()
    device = processes.device()
    run = begin(recipe, options.weights)
    if options.resume and (folder / "last.pt").exists():
        run.load(folder)
        print(f"resumed at step {run.step}")
    run.model.to(device)
    run.average.to(device)
    for optimiser in run.optimisers:
        optimiser.load_state_dict(optimiser.state_dict())  # its state follows the parameters to the device
    data = read_training_data(data_root, only=options.only)
    batches = batches_from(Batches(data, recipe, processes), run.step, options.workers)

    stage_name, objective = "", nn.Module()
    losses: list[float] = []
    started, first = time.monotonic(), run.step
    for frames, alphas in batches:
        if options.stop_after and run.step >= options.stop_after:
            return
        stage, _ = recipe.at(run.step)
        if stage.name != stage_name:
            stage_name = stage.name
            objective = processes.shared(Objective(run.model, stage_name), unused=stage_name == "encoder")
            if options.compile:
                objective.compile(dynamic=False)
        set_rate(run.optimisers, recipe.rate(run.step))
        loss = objective(torch.as_tensor(frames).to(device), torch.as_tensor(alphas).to(device))
        run.model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(run.model.parameters(), 5.0)
        for optimiser in run.optimisers:
            optimiser.step()
        steepest = recipe.steepest(run.step)
        keep_deployable(run.model, steepest)
        follow(run.average, run.model, run.step, recipe.decay)
        keep_deployable(run.average, steepest)
        run.step += 1

        losses.append(processes.mean(loss.detach()))
        if processes.first and (run.step % options.every == 0 or run.step == recipe.steps):
            took = time.monotonic() - started
            left = took / (run.step - first) * (recipe.steps - run.step)
            facts = {
                "step": run.step,
                "stage": stage_name,
                "loss": float(np.mean(losses)),
                "rate": recipe.rate(run.step - 1),
            }
            facts["seconds"] = took
            facts |= (
                validate(run.average, data_root) if run.step % options.validate_every == 0 or not left else {}
            )
            note(folder, facts)
            print(f"{run.step}/{recipe.steps} {facts_line(facts)}  ETA {left / 60:.0f} min", flush=True)
            run.save(folder)
            losses.clear()
    if processes.first:
        scores = validate(run.average, data_root)
        facts = {"recipe": asdict(recipe), "data": [*data.people, *data.rooms], "validation": scores}
        if options.weights:
            facts["started_from"] = file_hash(options.weights)  # SHA-256 of that checkpoint
        save_weights(run.average.state_dict(), folder / "sinet.pt", facts)
        print(f"{folder / 'sinet.pt'} written: {facts_line(scores)}")
    processes.end()


def note(folder: Path, facts: Mapping[str, object]) -> None:
    """One line of JSON more in the run's history: what curves.py draws."""
    with (folder / "history.jsonl").open("a") as history:
        history.write(json.dumps(facts) + "\n")


def facts_line(facts: Mapping[str, object]) -> str:
    shown = (
        f"{name} {value:.4f}"
        for name, value in facts.items()
        if isinstance(value, float) and name != "seconds"
    )
    return "  ".join(shown)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m sinet_core.training.train", description="Train SINet.")
    result.add_argument(
        "--data", type=Path, required=True, help="the folder that holds the folders of photos and rooms"
    )
    result.add_argument(
        "--into", type=Path, required=True, help="where the run keeps its state, history and weights"
    )
    result.add_argument("--resume", action="store_true", help="go on where the run was interrupted")
    result.add_argument("--weights", type=Path, help="start from these weights instead of random ones")
    result.add_argument("--seed", type=int, default=Recipe.seed)
    result.add_argument(
        "--encoder-steps", type=int, default=ENCODER.steps, help="0 leaves the first stage out"
    )
    result.add_argument("--steps", type=int, default=WHOLE.steps, help="of the second stage")
    result.add_argument("--large-steps", type=int, default=LARGE.steps, help="of the third, at larger sizes")
    result.add_argument("--rate", type=float, default=WHOLE.rate, help="learning rate of the second stage")
    result.add_argument(
        "--relu-by", type=int, default=0, help="the step at which most PReLUs have become ReLUs"
    )
    result.add_argument("--batch", type=int, help="scenes a step, in both stages")
    result.add_argument(
        "--only", type=lambda text: set(text.split(",")), help="only these folders of the data, by comma"
    )
    result.add_argument("--stop-after", type=int, help="leave the run after so many steps, to be resumed")
    result.add_argument(
        "--every", type=int, default=100, help="steps between lines of the history, and saved states"
    )
    result.add_argument("--validate-every", type=int, default=500)
    result.add_argument("--workers", type=int, default=1, help="processes that make scenes")
    result.add_argument("--threads", type=int, default=torch.get_num_threads())
    result.add_argument(
        "--compile", action="store_true", help="twice as fast on a CPU after minutes of compiling"
    )
    return result


def main() -> None:
    options = parser().parse_args()
    torch.set_num_threads(options.threads)
    stages = (
        replace(ENCODER, steps=options.encoder_steps, batch=options.batch or ENCODER.batch),
        replace(WHOLE, steps=options.steps, batch=options.batch or WHOLE.batch, rate=options.rate),
        replace(LARGE, steps=options.large_steps, batch=options.batch or LARGE.batch),
    )
    options.into.mkdir(parents=True, exist_ok=True)
    train(Recipe(stages, options.seed, relu_by=options.relu_by), options.data, options.into, options)


if __name__ == "__main__":
    main()
