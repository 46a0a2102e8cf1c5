"""The loss of label maps: weighted cross entropy, the same again where classes meet, and the missing overlap."""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sinet_core.training.labels.classes import IGNORED
from sinet_core.training.learn.losses import BOUNDARY_WEIGHT, COARSE_WEIGHT, OVERLAP_WEIGHT
from sinet_core.training.model.model import SINet, normalise

# Kernels of the band in pixels of the logits. The reference has 15 at full size, which is 7 at half. Coarse logits are small.
BAND, BAND_COARSE = 7, 3
EVEN = 1.1  # a larger value makes the weights of classes more equal; ENet (A. Paszke et al., 2016) has 1.02


def class_weights(shares: NDArray[np.float64]) -> Tensor:
    """The weight of a pixel of each class; the mean over pixels is 1, and rare classes weigh more. shares: (classes,), sum 1."""
    weights = np.array([1 / math.log(EVEN + share) for share in shares])
    return torch.tensor(weights / (weights * shares).sum(), dtype=torch.float32)


def label_band(labels: Tensor, kernel: int) -> Tensor:
    """A band of about `kernel` pixels where classes meet. labels: (N, H, W) integer. Returns (N, H, W) bool."""
    square = np.ones((kernel, kernel), np.uint8)
    maps = labels.to("cpu", torch.uint8).numpy()
    bands = [cv2.morphologyEx(one, cv2.MORPH_GRADIENT, square) > 0 for one in maps]
    return torch.from_numpy(np.stack(bands)).to(labels.device)


def label_loss(logits: Tensor, labels: Tensor, weights: Tensor, kernel: int) -> Tensor:
    """Cross entropy + 0.5 × the same over the band + 0.5 × the missing overlap. IGNORED pixels do not count.

    logits (N, classes, h, w); labels (N, h, w) int64; weights (classes,). Returns a scalar.
    """
    each = F.cross_entropy(logits, labels, weights, ignore_index=IGNORED, reduction="none")
    known = labels != IGNORED
    counts = weights[labels.clamp(max=len(weights) - 1)] * known
    band = counts * label_band(labels, kernel)
    over_all = each.sum() / counts.sum().clamp(min=1e-6)
    on_band = (each * (band > 0)).sum() / band.sum().clamp(min=1e-6)
    return over_all + BOUNDARY_WEIGHT * on_band + OVERLAP_WEIGHT * missing_overlap(logits, labels)


def missing_overlap(logits: Tensor, labels: Tensor) -> Tensor:
    """1 − IoU of probabilities, as the mean over the classes that the batch shows. For the sizes see label_loss()."""
    classes, known = logits.shape[1], labels != IGNORED
    likely = logits.softmax(dim=1) * known[:, None]
    true = F.one_hot(labels.clamp(max=classes - 1), classes).permute(0, 3, 1, 2) * known[:, None]
    both = (likely * true).sum(dim=(0, 2, 3))
    here = true.sum(dim=(0, 2, 3))
    either = likely.sum(dim=(0, 2, 3)) + here - both
    shown = here > 0
    return ((1 - both / either.clamp(min=1e-6)) * shown).sum() / shown.sum().clamp(min=1)


def labels_at(labels: Tensor, height: int, width: int) -> Tensor:
    """Labels (N, H, W) at the places of logits of another size, with aligned corners: (N, height, width)."""
    rows = torch.linspace(0, labels.shape[1] - 1, height).round().long()
    columns = torch.linspace(0, labels.shape[2] - 1, width).round().long()
    return labels[:, rows[:, None], columns]


class LabelObjective(nn.Module):
    """Maps a batch to its loss, a scalar: the loss of the logits plus the loss of the encoder's coarse logits."""

    def __init__(self, model: SINet, weights: Tensor) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("weights", weights)

    def forward(self, frames: Tensor, labels: Tensor) -> Tensor:
        """frames: (N, H, W, 3) uint8 BGR. labels: (N, H, W) uint8."""
        labels, weights = labels.long(), self.get_buffer("weights")
        logits, coarse_logits = self.model.forward_both(normalise(frames))
        loss = label_loss(logits, labels_at(labels, *logits.shape[2:]), weights, BAND)
        coarse_labels = labels_at(labels, *coarse_logits.shape[2:])
        return loss + COARSE_WEIGHT * label_loss(coarse_logits, coarse_labels, weights, BAND_COARSE)
