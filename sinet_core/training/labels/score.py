"""What a network with any classes sees in a photo, and its scores on photos with label maps."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.segmenter import input_size, to_input_size
from sinet_core.training.evaluate.contact_sheet import Entry
from sinet_core.training.labels.classes import Colour, painted
from sinet_core.training.labels.data import Labelled
from sinet_core.training.model.model import SINet, normalise

SHOWN = 8  # photos on a sheet


@torch.inference_mode()
def labels_of(model: SINet, frame: NDArray[np.uint8], area: int) -> NDArray[np.uint8]:
    """What the network sees in a frame (H, W, 3) uint8 BGR of any size: (H, W) uint8, the likeliest class of each pixel.

    area: pixels of the network's input, near which its size is chosen for the frame's shape. As LabelSegmenter does it.
    """
    size = input_size(*frame.shape[:2], area, model.multiple)
    device = next(model.parameters()).device
    small = torch.from_numpy(to_input_size(frame, *size)[None]).to(device)
    labels = model(normalise(small))[0].argmax(dim=0).to(torch.uint8).cpu().numpy()
    return np.asarray(cv2.resize(labels, frame.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def confusion_of(model: SINet, examples: Iterable[Labelled], area: int) -> NDArray[np.int64]:
    """The confusion over all pixels of all photos: (classes, classes) int64."""
    total = np.zeros((model.classes, model.classes), np.int64)
    for example in examples:
        total += metrics.confusion(labels_of(model, example.frame, area), example.labels, model.classes)
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


def sheet_entries(
    model: SINet, examples: Sequence[Labelled], area: int, colours: tuple[Colour, ...]
) -> list[Entry]:
    """Frame, truth and answer of photos at equal distances through the set, for a contact sheet."""
    entries: list[Entry] = []
    for example in examples[:: max(1, len(examples) // SHOWN)][:SHOWN]:
        answer = labels_of(model, example.frame, area)
        score = metrics.mean_iou(metrics.confusion(answer, example.labels, model.classes))
        pictures = [example.frame, painted(example.labels, colours), painted(answer, colours)]
        entries.append((f"{example.name}  mean IoU {score:.3f}", pictures))
    return entries
