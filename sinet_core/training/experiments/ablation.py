"""Ablation: small, equal trainings in which one setting changes at a time.

    python -m sinet_core.training ablation --data FOLDER --into runs/ablation --size 96x160 --steps 300
    python -m sinet_core.training ablation --data FOLDER --into runs/finer --weights weights/sinet.pt

All runs of a seed start from the same weights and see the same scenes in the same order (except variants that change the
scenes), with a warm-up and a cosine. Each result is written when its run ends, so a second call runs only what is missing. The
table shows all results in the folder. Its columns are the same for all variants: the default loss on other scenes, and IoU of
the held-out photos, at the runs' input size.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from sinet_core.training.evaluate.evaluate import size
from sinet_core.training.evaluate.report import markdown
from sinet_core.training.experiments.benchmark import Benchmark
from sinet_core.training.learn.batches import Batches
from sinet_core.training.learn.learning import Objective, start_run
from sinet_core.training.learn.loop import Loop
from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import LARGE, WHOLE, Recipe, Stage
from sinet_core.training.model.checkpoint import file_hash, save_weights
from sinet_core.training.model.cpu_kernels import use_cpu_kernels_where_compiled
from sinet_core.training.model.model import SINet
from sinet_core.training.model.plans import MULTIPLE
from sinet_core.training.scenes.data import TrainingData, read_training_data

PLAIN = "as-it-is"


@dataclass(frozen=True)
class Variant:
    """One change. recipe: the fields of Recipe that differ."""

    what: str
    recipe: Mapping[str, Any] = field(default_factory=dict)


VARIANTS = {
    PLAIN: Variant("Muon, boundary loss, average of the weights"),
    "adamw": Variant("AdamW for all weights", {"muon": False}),
    "no-boundary": Variant("without the boundary loss", {"boundary": 0.0}),
    "no-overlap": Variant("without the loss on the missing overlap", {"overlap": 0.0}),
    "no-average": Variant("the weights themselves, not their average", {"decay": 0.0}),
    "relu": Variant("ReLU in place of most PReLUs, from the beginning", {"relu_by": 1}),
}


@dataclass(frozen=True)
class RunSettings:
    """The settings common to all runs of a table. size: (H, W) of the scenes. weights: SHA-256 of the checkpoint, or None."""

    size: tuple[int, int]
    steps: int
    batch: int
    rate: float
    checkpoints: int
    weights: str | None
    sources: list[str]

    def recipe(self, variant: Variant, seed: int) -> Recipe:
        stage = Stage("whole", self.steps, self.batch, (self.size,), self.rate, warm_up=self.steps // 10)
        return replace(Recipe((stage,), seed), **variant.recipe)

    def measured_after(self, step: int) -> bool:
        """Whether a row is due after a step. There are `checkpoints` rows, the last one at the end."""
        return step * self.checkpoints // self.steps > (step - 1) * self.checkpoints // self.steps


@dataclass(frozen=True)
class Lab:
    """Everything needed to run a variant. weights: the checkpoint whose hash is in the settings."""

    data: TrainingData
    settings: RunSettings
    benchmark: Benchmark
    weights: Path | None

    def learn(self, variant: Variant, seed: int) -> tuple[SINet, list[dict[str, float]]]:
        """Run a variant. Returns the averaged network and a row of figures per checkpoint."""
        recipe = self.settings.recipe(variant, seed)
        run = start_run(recipe, self.weights)
        use_cpu_kernels_where_compiled(run.model)
        loop = Loop(run, recipe, lambda stage: Objective(run.model, stage, recipe))
        batches = Batches(self.data, recipe, Processes())
        rows, losses = [], []
        for loss in loop.over(batches[step] for step in range(recipe.steps)):
            losses.append(float(loss))
            if run.step * 10 // recipe.steps > (run.step - 1) * 10 // recipe.steps:
                print(
                    f"  {run.step}/{recipe.steps}  loss {losses[-1]:.4f}  ETA {loop.minutes_left:.1f} min",
                    flush=True,
                )
            if self.settings.measured_after(run.step):
                rows.append({"step": run.step, "training loss": fmean(losses), **self.benchmark(run.average)})
                losses.clear()
        return run.average, rows


def run_missing(lab: Lab, folder: Path, names: Sequence[str], seeds: Sequence[int]) -> None:
    """Run the variants that have no result in the folder. Raises ValueError if a result there has other settings."""
    settings = json.loads(json.dumps(asdict(lab.settings)))
    for seed in seeds:
        for name in names:
            path = folder / f"{name}-{seed}.pt"
            if path.with_suffix(".json").exists():
                if json.loads(path.with_suffix(".json").read_text())["settings"] != settings:
                    raise ValueError(f"{path} was made with other settings; give another folder with --into")
                continue
            begun = time.monotonic()
            model, rows = lab.learn(VARIANTS[name], seed)
            facts = {"variant": name, "seed": seed, "settings": settings, "rows": rows}
            save_weights(model.state_dict(), path, facts)
            figures = "  ".join(
                f"{column} {value:.4f}" for column, value in rows[-1].items() if column != "step"
            )
            print(f"{name}, seed {seed}: {figures}  {time.monotonic() - begun:.0f} s", flush=True)


def results_in(folder: Path) -> dict[str, list[list[dict[str, float]]]]:
    """{variant: rows of each seed}, in the order of VARIANTS."""
    found: dict[str, list[list[dict[str, float]]]] = {}
    for name in VARIANTS:
        for path in sorted(folder.glob(f"{name}-[0-9]*.json")):
            facts = json.loads(path.read_text())
            if facts["variant"] == name:
                found.setdefault(name, []).append(facts["rows"])
    return found


def table_of(results: Mapping[str, Sequence[Sequence[Mapping[str, float]]]]) -> str:
    """The table: a line per variant with the figures of each checkpoint, means over the seeds."""
    columns = [
        column for column in next(iter(results.values()))[0][0] if column not in ("step", "training loss")
    ]
    lines: list[list[str]] = []
    for name, runs in results.items():
        means = [
            {key: fmean(run[row][key] for run in runs) for key in runs[0][row]} for row in range(len(runs[0]))
        ]
        if not lines:
            lines.append(
                ["variant", "seeds", *(f"{row['step']:.0f}: {', '.join(columns)}" for row in means), "what"]
            )
        cells = [", ".join(f"{row[column]:.4f}" for column in columns) for row in means]
        lines.append([name, str(len(runs)), *cells, VARIANTS[name].what])
    return markdown(lines)


def parser() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    result = argparse.ArgumentParser(
        prog="python -m sinet_core.training ablation",
        description=summary,
        epilog=details
        + "\n\nVariants:\n"
        + "\n".join(f"  {name:15} {of.what}" for name, of in VARIANTS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument(
        "--data", type=Path, required=True, help="the folder that holds the folders of photos and rooms"
    )
    result.add_argument("--into", type=Path, required=True, help="where results and tables are kept")
    result.add_argument(
        "--variants",
        type=lambda text: text.split(","),
        help="by comma; without it all",
    )
    result.add_argument(
        "--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0], help="by comma"
    )
    result.add_argument("--weights", type=Path, help="begin with these instead of random ones")
    result.add_argument("--size", type=size, default=(128, 160), metavar="HxW", help="of the network's input")
    result.add_argument("--steps", type=int, default=300)
    result.add_argument("--batch", type=int, default=WHOLE.batch)
    result.add_argument("--rate", type=float, help=f"{WHOLE.rate}, or {LARGE.rate} with --weights")
    result.add_argument("--checkpoints", type=int, default=3, help="rows of figures a run")
    result.add_argument(
        "--only", type=lambda text: set(text.split(",")), help="only these folders of the data, by comma"
    )
    result.add_argument("--threads", type=int, default=1)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    torch.set_num_threads(asked.threads)
    try:
        run(asked)
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(asked: argparse.Namespace) -> None:
    names = asked.variants or list(VARIANTS)
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise ValueError(f"no such variant: {', '.join(unknown)}; there are {', '.join(VARIANTS)}")
    if any(side % MULTIPLE for side in asked.size):
        raise ValueError(f"height and width must be multiples of {MULTIPLE}")
    data = read_training_data(asked.data, only=asked.only)
    settings = RunSettings(
        asked.size,
        asked.steps,
        asked.batch,
        asked.rate or (LARGE.rate if asked.weights else WHOLE.rate),
        asked.checkpoints,
        file_hash(asked.weights) if asked.weights else None,
        [*data.people, *data.rooms],
    )
    asked.into.mkdir(parents=True, exist_ok=True)
    benchmark = Benchmark(data, asked.data, asked.size, asked.batch)
    lab = Lab(data, settings, benchmark, asked.weights)
    run_missing(lab, asked.into, names, asked.seeds)
    results = results_in(asked.into)
    (asked.into / "table.json").write_text(json.dumps(results, indent=1) + "\n")
    (asked.into / "table.md").write_text(table_of(results) + "\n")
    print(table_of(results))
