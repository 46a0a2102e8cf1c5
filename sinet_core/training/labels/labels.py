"""General segmentation: SINet with any number of classes, trained, scored and exported on any folder of photos and label maps.

    python -m sinet_core.training labels train --data camvid --into runs/camvid
    python -m sinet_core.training labels evaluate runs/camvid/labels.pt --data camvid --part test [--json FILE] [--sheet FILE.png]
    python -m sinet_core.training labels export runs/camvid/labels.pt camvid.onnx

Layouts of folders are listed in data.py. It is the training of people with other photos and another loss: the same loop,
optimisers, average of the weights and resuming (learn/train.py). docs/segmentation.md has the recipe and what came of it.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from sinet_core import LabelSegmenter, SegmenterError
from sinet_core.training.evaluate.contact_sheet import write_contact_sheet
from sinet_core.training.export.export import ExportError
from sinet_core.training.labels.classes import NAMED, Classes, classes_of
from sinet_core.training.labels.data import LabelBatches, is_cityscapes, read_labelled, shares
from sinet_core.training.labels.export import export_labels
from sinet_core.training.labels.facts import facts_of
from sinet_core.training.labels.losses import LabelObjective, class_weights
from sinet_core.training.labels.score import Answer, confusion_of, labels_of, report, sheet_entries
from sinet_core.training.learn.learning import start_run
from sinet_core.training.learn.recipe import Recipe, Stage
from sinet_core.training.learn.train import add_run_options, to_the_end
from sinet_core.training.model.checkpoint import load_model
from sinet_core.training.model.model import SINet
from sinet_core.training.model.plans import PLANS

CHECKPOINT = "labels.pt"
# Steps, photos a step, height and width: first small windows, which are quick, then large ones, which show what lies around.
STAGES = ((4500, 12, 256, 384), (5500, 8, 384, 512))


def stages_of(asked: Sequence[Sequence[int]], rate: float) -> tuple[Stage, ...]:
    """The stages, with a learning rate that falls over all of them as one half of a cosine does."""
    steps = sum(count for count, *_ in asked)

    def rate_at(step: int) -> float:
        return rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / steps)))

    result, done = [], 0
    for number, (count, batch, height, width) in enumerate(asked):
        begin, end = rate_at(done), rate_at(done + count)
        warm_up = min(200, count // 10) if number == 0 else 0
        result.append(
            Stage(f"labels {number + 1}", count, batch, ((height, width),), begin, end / begin, warm_up)
        )
        done += count
    return tuple(result)


def known_classes(asked: argparse.Namespace) -> Classes:
    cityscapes = is_cityscapes(asked.data)
    named = asked.classes or ("cityscapes" if cityscapes else "camvid")
    return classes_of(NAMED.get(named) or tuple(named.split(",")), cityscapes=cityscapes)


def run_train(asked: argparse.Namespace) -> None:
    classes = known_classes(asked)
    training, validation = (read_labelled(asked.data, part, classes) for part in ("train", "val"))
    share = shares(training, classes)
    recipe = Recipe(stages_of(asked.stage or STAGES, asked.rate), asked.seed)
    run = start_run(recipe, asked.weights, len(classes), asked.levels)
    for stage in recipe.stages:
        if any(side % run.model.multiple for side in stage.sizes[0]):
            raise ValueError(
                f"Height and width must be multiples of {run.model.multiple} with {asked.levels} levels."
            )
    weights = class_weights(share)
    facts: dict[str, object] = {
        "classes": classes.names,
        "colours": classes.colours,
        "area": asked.area,
        "scales": asked.scales,
        "photos": len(training),
        "data": [asked.data.name],
    }
    asked.into.mkdir(parents=True, exist_ok=True)

    def validate(model: SINet) -> dict[str, float]:
        answer = partial(labels_of, model, area=asked.area)
        figures = report(confusion_of(answer, validation, len(classes)), classes.names)
        return {"mean_iou": figures["mean IoU"], "pixels_right": figures["pixels right"]}

    to_the_end(
        run,
        recipe,
        asked,
        lambda _: LabelObjective(run.model, weights),
        lambda processes: LabelBatches(training, recipe, processes, asked.scales),
        validate,
        CHECKPOINT,
        facts,
    )


def run_evaluate(asked: argparse.Namespace) -> None:
    """Score a checkpoint, or an exported file, of which the speed counts as well."""
    answer: Answer
    if asked.network.suffix == ".onnx":
        answer = segmenter = LabelSegmenter(asked.network, threads=asked.threads)
        names = tuple(segmenter.names)
    else:
        model, facts = load_model(asked.network), facts_of(asked.network)
        answer, names = partial(labels_of, model, area=asked.area or facts["area"]), tuple(facts["classes"])
    classes = classes_of(names, cityscapes=is_cityscapes(asked.data))
    examples = read_labelled(asked.data, asked.part, classes)
    answer(examples[0].frame)  # prepares the network for this size
    begun = time.perf_counter()
    figures = report(confusion_of(answer, examples, len(classes)), names)
    figures["photos a second"] = len(examples) / (time.perf_counter() - begun)
    for name, value in figures.items():
        print(f"{name:16} {value:.4f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if asked.sheet:
        entries = sheet_entries(answer, examples, classes, answers_only=asked.answers_only)
        write_contact_sheet(asked.sheet, entries, columns=3 if asked.answers_only else 2)


def run_export(asked: argparse.Namespace) -> None:
    answer = "probabilities" if asked.probabilities else "labels"
    difference = export_labels(asked.checkpoint, asked.target, answer, asked.area)
    print(f"{asked.target} written, differs from torch by {difference:.1e} at most")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m sinet_core.training labels", description="General segmentation."
    )
    commands = result.add_subparsers(required=True)
    train = commands.add_parser("train", help="train from random weights, or go on with a run")
    add_run_options(train, "the folder with the parts train and val")
    train.add_argument(
        "--classes", help="camvid, cityscapes, or names by comma; from the folder's layout if not stated"
    )
    train.add_argument("--levels", type=int, choices=list(PLANS), default=4, help="of the network")
    train.add_argument("--weights", type=Path, help="start from this checkpoint instead of random weights")
    train.add_argument(
        "--stage",
        type=int,
        nargs=4,
        action="append",
        metavar=("STEPS", "BATCH", "H", "W"),
        help="once a stage: steps, photos a step, and the size of a window of them",
    )
    train.add_argument("--rate", type=float, default=3e-3)
    train.add_argument(
        "--scales",
        type=float,
        nargs=2,
        default=(0.95, 2.1),
        metavar=("FROM", "TO"),
        help="of a window's things",
    )
    train.add_argument(
        "--area", type=int, default=512 * 640, help="pixels of the network's input, for whole photos"
    )
    train.set_defaults(run_command=run_train)
    evaluate = commands.add_parser("evaluate", help="IoU of each class and their mean")
    evaluate.add_argument("network", type=Path, help="a checkpoint, or an exported file")
    evaluate.add_argument("--data", type=Path, required=True)
    evaluate.add_argument("--part", default="val")
    evaluate.add_argument("--area", type=int, help="pixels of the input, instead of the checkpoint's")
    evaluate.add_argument("--json", type=Path, help="write the figures there")
    evaluate.add_argument("--sheet", type=Path, help="draw frame, truth and answer of some photos")
    evaluate.add_argument(
        "--answers-only",
        action="store_true",
        help="without photos and truth, where those may not be passed on",
    )
    evaluate.add_argument("--threads", type=int, default=1)
    evaluate.set_defaults(run_command=run_evaluate)
    export = commands.add_parser("export", help="write the ONNX file that LabelSegmenter runs")
    export.add_argument("checkpoint", type=Path)
    export.add_argument("target", type=Path)
    export.add_argument(
        "--probabilities",
        action="store_true",
        help="how likely each class is, instead of the likeliest class",
    )
    export.add_argument("--area", type=int, help="pixels of the input, instead of the checkpoint's")
    export.add_argument("--threads", type=int, default=1)
    export.set_defaults(run_command=run_export)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    torch.set_num_threads(asked.threads)
    try:
        asked.run_command(asked)
    except (FileNotFoundError, ValueError, ExportError, SegmenterError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
