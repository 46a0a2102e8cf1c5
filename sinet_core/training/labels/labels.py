"""General segmentation: SINet with any number of classes, trained and evaluated on any folder of photos and label maps.

    python -m sinet_core.training labels train --data FOLDER --validation FOLDER --classes room,person,screen --run runs/labels
    python -m sinet_core.training labels evaluate runs/labels/labels.pt --data FOLDER [--json FILE] [--sheet FILE.png]

What a folder looks like stands in label_data.py. It is the training of train.py in small: two stages, the loss doubled on a
band around every outline, a moving average of the weights, each batch a function of the seed and the step.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sinet_core import metrics
from sinet_core.training.evaluate.contact_sheet import Entry, write_contact_sheet
from sinet_core.training.labels.data import IGNORED, Labelled, batch_of, read_labelled
from sinet_core.training.learn.batches import Batch
from sinet_core.training.learn.learning import start_run
from sinet_core.training.learn.loop import Loop
from sinet_core.training.learn.losses import BAND_COARSE, BAND_FULL, BOUNDARY_WEIGHT, COARSE_WEIGHT
from sinet_core.training.learn.recipe import Recipe, Stage
from sinet_core.training.model.checkpoint import load_model, save_weights
from sinet_core.training.model.cpu_kernels import use_cpu_kernels_where_compiled
from sinet_core.training.model.model import MULTIPLE, SINet, normalise

SHOWN = 12  # photos on a sheet
# BGR of the first classes on a sheet; more classes start over.
PALETTE = np.array(
    [(40, 40, 40), (80, 200, 255), (230, 140, 60), (90, 90, 240), (100, 200, 90), (220, 110, 200)], np.uint8
)


def label_band(labels: Tensor, kernel: int) -> Tensor:
    """Where two classes meet: labels (N, H, W) integer → (N, H, W) bool, a band of about `kernel` pixels."""
    classes = labels[:, None].float()
    highest = F.max_pool2d(classes, kernel, 1, kernel // 2)
    lowest = -F.max_pool2d(-classes, kernel, 1, kernel // 2)
    return (highest != lowest)[:, 0]


def label_loss(logits: Tensor, labels: Tensor, band_kernel: int) -> Tensor:
    """Cross entropy + 0.5 × the same over the boundary band; IGNORED pixels do not count.

    logits (N, classes, H, W); labels (N, H, W) int64.
    """
    each = F.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="none")
    known = labels != IGNORED
    band = label_band(labels, band_kernel) & known
    over_all = each.sum() / known.sum().clamp(min=1)
    return over_all + BOUNDARY_WEIGHT * (each * band).sum() / band.sum().clamp(min=1)


class LabelObjective(nn.Module):
    """From a batch to its loss in a stage, a scalar. At H/8, each block's middle pixel counts."""

    def __init__(self, model: SINet, stage: str) -> None:
        super().__init__()
        self.model, self.stage = model, stage

    def forward(self, frames: Tensor, labels: Tensor) -> Tensor:
        """frames: (N, H, W, 3) uint8 BGR. labels: (N, H, W) uint8."""
        x, labels = normalise(frames), labels.long()
        small = labels[:, 4::8, 4::8]
        if self.stage == "encoder":
            return label_loss(self.model.encoder(x)[0], small, BAND_COARSE)
        logits, coarse_logits = self.model.forward_both(x)
        coarse_loss = label_loss(coarse_logits, small, BAND_COARSE)
        return label_loss(logits, labels, BAND_FULL) + COARSE_WEIGHT * coarse_loss


def train(
    recipe: Recipe, classes: int, training: list[Labelled], validation: list[Labelled], every: int
) -> tuple[SINet, list[float]]:
    """Train from random weights. Returns the averaged network and its mean IoU on the validation photos, each `every` steps."""
    run = start_run(recipe, None, classes)
    use_cpu_kernels_where_compiled(run.model)
    loop = Loop(run, recipe, lambda stage: LabelObjective(run.model, stage))
    stages = (recipe.at(step)[0] for step in range(recipe.steps))
    batches = (
        Batch(*batch_of(training, stage.sizes[0], stage.batch, recipe.seed, step))
        for step, stage in enumerate(stages)
    )
    history = []
    for loss in loop.over(batches):
        if run.step % every == 0 or run.step == recipe.steps:
            size = recipe.at(run.step - 1)[0].sizes[0]
            history.append(metrics.mean_iou(confusion_of(run.average, validation, size)))
            print(
                f"{run.step}/{recipe.steps} {loop.stage}  loss {loss.item():.3f}  mean IoU {history[-1]:.4f}"
                f"  ETA {loop.minutes_left:.0f} min",
                flush=True,
            )
    return run.average, history


@torch.inference_mode()
def labels_of(model: SINet, frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """What the network sees in a frame (H, W, 3) uint8 BGR of any size: (H, W) uint8, the likeliest class of each pixel.

    size: the network's input (height, width). The logits are brought to the frame's size, then compared.
    """
    small = cv2.resize(frame, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    logits = model(normalise(torch.from_numpy(small)[None]))
    logits = F.interpolate(logits, size=frame.shape[:2], mode="bilinear", align_corners=False)
    return np.asarray(logits[0].argmax(dim=0).numpy(), np.uint8)


def confusion_of(model: SINet, examples: Iterable[Labelled], size: tuple[int, int]) -> NDArray[np.int64]:
    """The confusion over all pixels of all photos: (classes, classes) int64."""
    total = np.zeros((model.classes, model.classes), np.int64)
    for example in examples:
        total += metrics.confusion(labels_of(model, example.frame, size), example.labels, model.classes)
    return total


def report(table: NDArray[np.int64], names: Sequence[str]) -> dict[str, float]:
    """IoU of each class that occurs, mean IoU, the share of pixels that are right, and the mean IoU of a blind answer.

    The blind answer is the class that is most common, everywhere: what is above it was learned.
    """
    ious = metrics.class_ious(table)
    figures = {name: float(value) for name, value in zip(names, ious, strict=True) if not np.isnan(value)}
    blind = np.zeros_like(table)
    blind[:, table.sum(axis=1).argmax()] = table.sum(axis=1)
    figures["mean IoU"] = metrics.mean_iou(table)
    figures["pixels right"] = float(np.diag(table).sum() / max(1, table.sum()))
    figures["blind mean IoU"] = metrics.mean_iou(blind)
    return figures


def sheet_entries(model: SINet, examples: Iterable[Labelled], size: tuple[int, int]) -> list[Entry]:
    """Frame, truth and answer of the first photos, for a contact sheet."""
    entries: list[Entry] = []
    for example in examples:
        answer = labels_of(model, example.frame, size)
        table = metrics.confusion(answer, example.labels, model.classes)
        pictures = [example.frame, PALETTE[example.labels % len(PALETTE)], PALETTE[answer % len(PALETTE)]]
        entries.append((f"{example.name}  mean IoU {metrics.mean_iou(table):.3f}", pictures))
        if len(entries) == SHOWN:
            break
    return entries


def run_train(asked: argparse.Namespace) -> None:
    names, (height, width) = asked.classes, asked.size
    stages = (
        Stage(
            "encoder",
            asked.steps // 4,
            asked.batch,
            ((height, width),),
            asked.rate,
            end=0.3,
            warm_up=asked.steps // 40,
        ),
        Stage(
            "whole",
            asked.steps - asked.steps // 4,
            asked.batch,
            ((height, width),),
            asked.rate,
            warm_up=asked.steps // 40,
        ),
    )
    training = list(read_labelled(asked.data, len(names)))
    validation = list(read_labelled(asked.validation, len(names)))
    average, history = train(
        Recipe(stages, asked.seed, tied=False), len(names), training, validation, asked.every
    )
    facts = {
        "classes": names,
        "size": [height, width],
        "photos": len(training),
        "steps": asked.steps,
        "seed": asked.seed,
    }
    asked.run.mkdir(parents=True, exist_ok=True)
    save_weights(average.state_dict(), asked.run / "labels.pt", facts | {"mean IoU on the way": history})
    print(f"{asked.run / 'labels.pt'} written")


def run_evaluate(asked: argparse.Namespace) -> None:
    model = load_model(asked.checkpoint)
    facts = json.loads(asked.checkpoint.with_suffix(".json").read_text(encoding="utf-8"))
    size = (facts["size"][0], facts["size"][1])
    examples = list(read_labelled(asked.data, model.classes))
    figures = report(confusion_of(model, examples, size), facts["classes"])
    for name, value in figures.items():
        print(f"{name:16} {value:.4f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if asked.sheet:
        write_contact_sheet(asked.sheet, sheet_entries(model, examples, size))


def size(text: str) -> tuple[int, int]:
    """96x96 → (96, 96): height, then width, multiples of 32."""
    height, width = (int(side) for side in text.split("x"))
    if height % MULTIPLE or width % MULTIPLE:
        raise argparse.ArgumentTypeError(f"height and width must be multiples of {MULTIPLE}")
    return height, width


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m sinet_core.training labels", description="General segmentation."
    )
    commands = result.add_subparsers(required=True)
    train = commands.add_parser("train", help="train from random weights")
    train.add_argument("--data", type=Path, required=True, help="photos with label maps to learn from")
    train.add_argument("--validation", type=Path, required=True, help="others, to follow the run by")
    train.add_argument(
        "--classes", type=lambda text: text.split(","), required=True, help="their names by comma: 0, 1, …"
    )
    train.add_argument("--run", type=Path, required=True, help="where to write labels.pt and labels.json")
    train.add_argument("--size", type=size, default=(96, 96), metavar="HxW", help="of the network's input")
    train.add_argument("--steps", type=int, default=2000)
    train.add_argument("--batch", type=int, default=16)
    train.add_argument("--rate", type=float, default=4e-3)
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--every", type=int, default=200, help="steps between validations")
    train.set_defaults(run_command=run_train)
    evaluate = commands.add_parser("evaluate", help="IoU of each class and their mean")
    evaluate.add_argument("checkpoint", type=Path)
    evaluate.add_argument("--data", type=Path, required=True)
    evaluate.add_argument("--json", type=Path, help="write the figures there")
    evaluate.add_argument("--sheet", type=Path, help="draw frame, truth and answer of the first photos")
    evaluate.set_defaults(run_command=run_evaluate)
    for command in (train, evaluate):
        command.add_argument("--threads", type=int, default=1)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    torch.set_num_threads(asked.threads)
    try:
        asked.run_command(asked)
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
