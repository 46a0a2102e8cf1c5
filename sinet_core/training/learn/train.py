"""Train SINet.

    python -m sinet_core.training train --data FOLDER --into runs/first
    torchrun --nproc-per-node 2 -m sinet_core.training train --data FOLDER --into runs/first      over several processes

Two stages, as in the paper: the encoder alone against the alpha at H/8, then encoder and decoder together. The end of the
second is a stage of its own here, at the input size of the application. Every batch depends on (seed, step) alone, so an
interrupted run continues with `--resume` as if nothing had happened, and several processes can divide each batch. The weights
that are validated and written are the moving average (EMA).
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from sinet_core.training.learn.batches import Batch, Batches, batches_from
from sinet_core.training.learn.learning import ModelT, Objective, Run, start_run
from sinet_core.training.learn.loop import Loop
from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import ENCODER, LARGE, WHOLE, Recipe
from sinet_core.training.learn.validate import validate
from sinet_core.training.model.checkpoint import file_hash, save_weights
from sinet_core.training.model.cpu_kernels import use_cpu_kernels_where_compiled
from sinet_core.training.scenes.data import read_training_data
from sinet_core.training.scenes.scenes import KINDS


def train(recipe: Recipe, options: argparse.Namespace) -> None:
    run = start_run(recipe, options.weights)
    facts: dict[str, object] = {}  # SHA-256 of the checkpoint that the run starts from
    if options.weights:
        facts["started_from"] = file_hash(options.weights)
    data = read_training_data(options.data, only=options.only)
    to_the_end(
        run,
        recipe,
        options,
        lambda stage: Objective(run.model, stage, recipe),
        lambda processes: Batches(data, recipe, processes),
        lambda model: validate(model, options.data),
        "sinet.pt",
        {"data": [*data.people, *data.rooms], **facts},
    )


def to_the_end(
    run: Run[ModelT],
    recipe: Recipe,
    options: argparse.Namespace,
    objective_of: Callable[[str], nn.Module],
    batches_of: Callable[[Processes], Dataset[Batch]],
    validation: Callable[[ModelT], dict[str, float]],
    name: str,
    facts: Mapping[str, object],
) -> None:
    """Take a run to its recipe's last step, resuming it if asked, and write its average to its folder as `name`.

    People and labels train by it. objective_of: from a stage's name to the module that maps batches to losses. batches_of:
    what a process learns from, a step an item. validation: scores of the average. facts: added to the .json of the weights.
    """
    processes, folder = Processes.from_environment(), options.into
    device = processes.device()
    if options.resume and (folder / "last.pt").exists():
        run.load(folder)
        print(f"resumed at step {run.step}")
    run.model.to(device)
    run.average.to(device)
    for optimiser in run.optimisers:
        optimiser.load_state_dict(optimiser.state_dict())  # moves its state to the device
    if device.type == "cpu" and processes.count == 1:
        use_cpu_kernels_where_compiled(run.model)
    batches = batches_from(batches_of(processes), recipe.steps, run.step, options.workers)
    if options.stop_after:
        batches = islice(batches, max(0, options.stop_after - run.step))

    loop = Loop(run, recipe, lambda stage: processes.shared(objective_of(stage), unused=stage == "encoder"))
    losses: list[float] = []
    for loss in loop.over(batches):
        losses.append(processes.mean(loss))
        if processes.first and (run.step % options.every == 0 or run.step == recipe.steps):
            line = {
                "step": run.step,
                "stage": loop.stage,
                "loss": float(np.mean(losses)),
                "rate": recipe.rate(run.step - 1),
                "seconds": loop.seconds,
            }
            if run.step % options.validate_every == 0 or run.step == recipe.steps:
                line |= validation(run.average)
            note(folder, line)
            print(
                f"{run.step}/{recipe.steps} {facts_line(line)}  ETA {loop.minutes_left:.0f} min", flush=True
            )
            run.save(folder)
            losses.clear()
    if run.step < recipe.steps:
        return
    if processes.first:
        scores = validation(run.average)
        all_facts = {"recipe": asdict(recipe), "validation": scores, **facts}
        save_weights(run.average.state_dict(), folder / name, all_facts)
        print(f"{folder / name} written: {facts_line(scores)}")
    processes.end()


def note(folder: Path, facts: Mapping[str, object]) -> None:
    """Append a line of JSON to the run's history, which curves.py plots."""
    with (folder / "history.jsonl").open("a") as history:
        history.write(json.dumps(facts) + "\n")


def facts_line(facts: Mapping[str, object]) -> str:
    shown = (
        f"{name} {value:.4f}"
        for name, value in facts.items()
        if isinstance(value, float) and name != "seconds"
    )
    return "  ".join(shown)


def add_run_options(result: argparse.ArgumentParser, data: str) -> None:
    """The options of to_the_end(), for the training of any network. data: what the folder of --data holds."""
    result.add_argument("--data", type=Path, required=True, help=data)
    result.add_argument(
        "--into", type=Path, required=True, help="where the run keeps its state, history and weights"
    )
    result.add_argument("--resume", action="store_true", help="go on where the run was interrupted")
    result.add_argument("--seed", type=int, default=Recipe.seed)
    result.add_argument("--stop-after", type=int, help="leave the run after so many steps, to be resumed")
    result.add_argument(
        "--every", type=int, default=100, help="steps between lines of the history, and saved states"
    )
    result.add_argument("--validate-every", type=int, default=500)
    result.add_argument("--workers", type=int, default=1, help="processes that make scenes")
    result.add_argument("--threads", type=int, default=torch.get_num_threads())


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m sinet_core.training train", description="Train SINet.")
    add_run_options(result, "the folder that holds the folders of photos and rooms")
    result.add_argument(
        "--only", type=lambda text: set(text.split(",")), help="only these folders of the data, by comma"
    )
    result.add_argument("--weights", type=Path, help="start from these weights instead of random ones")
    result.add_argument(
        "--encoder-steps", type=int, default=ENCODER.steps, help="0 leaves the first stage out"
    )
    result.add_argument("--steps", type=int, default=WHOLE.steps, help="of the second stage")
    result.add_argument("--large-steps", type=int, default=LARGE.steps, help="of the third, at larger sizes")
    result.add_argument("--rate", type=float, default=WHOLE.rate, help="learning rate of the second stage")
    result.add_argument("--large-rate", type=float, help="learning rate of the third stage")
    result.add_argument(
        "--relu-by", type=int, default=0, help="the step at which most PReLUs have become ReLUs"
    )
    result.add_argument("--batch", type=int, help="scenes a step, in both stages")
    result.add_argument("--kind", choices=list(KINDS), help="only scenes of this kind")
    result.add_argument(
        "--as-taken", type=float, default=0.0, help="the share of batches of photos as they were taken"
    )
    result.add_argument(
        "--shapes",
        choices=("all", "wide", "upright"),
        default="all",
        help="only scenes wider than tall, which are rooms and desks for the most part, or taller than wide, portraits: "
        "for weights that soup.py then takes the mean of",
    )
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    stages = (
        replace(ENCODER, steps=options.encoder_steps, batch=options.batch or ENCODER.batch),
        replace(WHOLE, steps=options.steps, batch=options.batch or WHOLE.batch, rate=options.rate),
        replace(
            LARGE,
            steps=options.large_steps,
            batch=options.batch or LARGE.batch,
            rate=options.large_rate or LARGE.rate,
        ),
    )
    options.into.mkdir(parents=True, exist_ok=True)
    shaped = tuple(stage.of_shapes(options.shapes) for stage in stages)
    train(
        Recipe(shaped, options.seed, relu_by=options.relu_by, kind=options.kind, as_taken=options.as_taken),
        options,
    )
