"""The labels that a network predicts for a photo, and its scores on photos with label maps."""

from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.label_segmenter import painted
from sinet_core.segmenter import input_size, to_input_size
from sinet_core.training.evaluate.contact_sheet import Entry
from sinet_core.training.labels.classes import Classes
from sinet_core.training.labels.data import Labelled
from sinet_core.training.model.model import SINet, normalise

SHOWN = 8  # photos on a sheet
Answer = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""Maps a frame (H, W, 3) uint8 BGR to its labels (H, W) uint8."""


@torch.inference_mode()
def labels_of(model: SINet, frame: NDArray[np.uint8], area: int) -> NDArray[np.uint8]:
    """The likeliest class of each pixel of a frame (H, W, 3) uint8 BGR of any size: (H, W) uint8.

    area: about how many pixels the network's input has; its shape follows the frame's, as in LabelSegmenter.
    """
    size = input_size(*frame.shape[:2], area, model.multiple)
    device = next(model.parameters()).device
    small = torch.from_numpy(to_input_size(frame, *size)[None]).to(device)
    labels = model(normalise(small))[0].argmax(dim=0).to(torch.uint8).cpu().numpy()
    return np.asarray(cv2.resize(labels, frame.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def confusion_of(answer: Answer, examples: Iterable[Labelled], classes: int) -> NDArray[np.int64]:
    """The confusion table over all pixels of all photos: (classes, classes) int64."""
    total = np.zeros((classes, classes), np.int64)
    for example in examples:
        total += metrics.confusion(answer(example.frame), example.labels, classes)
    return total


def report(table: NDArray[np.int64], names: Sequence[str]) -> dict[str, float]:
    """IoU of each class that occurs, mean IoU, the fraction of correct pixels, and the mean IoU of a blind answer.

    The blind answer is the most common class everywhere. A network has learned something if it scores higher.
    """
    ious = metrics.class_ious(table)
    figures = {name: float(value) for name, value in zip(names, ious, strict=True) if not np.isnan(value)}
    blind = np.zeros_like(table)
    blind[:, table.sum(axis=1).argmax()] = table.sum(axis=1)
    figures["mean IoU"] = metrics.mean_iou(table)
    figures["pixels right"] = float(np.diag(table).sum() / max(1, table.sum()))
    figures["blind mean IoU"] = metrics.mean_iou(blind)
    return figures


def sheet_entries(
    answer: Answer, examples: Sequence[Labelled], classes: Classes, *, answers_only: bool = False
) -> list[Entry]:
    """Entries for a contact sheet: the classes' colours, then frame, truth and answer of evenly spaced photos.

    answers_only: leave out frames and truths, for photos that may not be passed on.
    """
    key = legend(classes)
    entries: list[Entry] = [("classes", [key] if answers_only else [key, *[np.zeros_like(key)] * 2])]
    for example in examples[:: max(1, len(examples) // SHOWN)][:SHOWN]:
        labels = answer(example.frame)
        score = metrics.mean_iou(metrics.confusion(labels, example.labels, len(classes)))
        pictures = [example.frame, painted(example.labels, classes.bgr), painted(labels, classes.bgr)]
        entries.append((f"{example.name[:16]}  IoU {score:.2f}", pictures[2:] if answers_only else pictures))
    return entries


def legend(classes: Classes) -> NDArray[np.uint8]:
    """The names of the classes beside their colours, in two columns: (300, 400, 3) uint8 BGR."""
    picture = np.full((300, 400, 3), 24, np.uint8)
    rows = -(-len(classes) // 2)
    for index, (name, colour) in enumerate(zip(classes.names, classes.bgr.tolist(), strict=True)):
        x, y = 12 + 200 * (index // rows), 300 * (index % rows) // rows
        cv2.rectangle(picture, (x, y + 4), (x + 28, y + 300 // rows - 4), colour, -1)
        cv2.putText(
            picture,
            name,
            (x + 38, y + 180 // rows),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.62,
            (230, 230, 230),
            1,
            cv2.LINE_AA,
        )
    return picture
