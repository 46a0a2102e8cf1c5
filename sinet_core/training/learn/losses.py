"""The losses of SINet: cross entropy with a soft alpha, and the same on a band around the outline."""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sinet_core.training.model.model import person_logit

BAND_FULL, BAND_COARSE = 15, 5  # kernels of the band at the frame's size and at H/8, as in the reference
UNSURE = 0.2, 0.8  # alphas between these, away from an edge, are ignored
BOUNDARY_WEIGHT = 0.5
OVERLAP_WEIGHT = 0.5
COARSE_WEIGHT = 0.4


def boundary_band(alpha: Tensor, kernel: int) -> Tensor:
    """The band around a person's outline: dilation − erosion. alpha (N, H, W) float in [0, 1] → (N, H, W) float, 0 or 1.

    By OpenCV: on a CPU, pooling in torch takes thirty times as long.
    """
    square = np.ones((kernel, kernel), np.uint8)
    people = (alpha > 0.5).byte().cpu().numpy()
    bands = [cv2.morphologyEx(person, cv2.MORPH_GRADIENT, square) for person in people]
    return torch.from_numpy(np.stack(bands)).to(alpha)


def person_loss(
    logits: Tensor, alpha: Tensor, band_kernel: int, boundary: float = BOUNDARY_WEIGHT, overlap: float = 0.0
) -> Tensor:
    """Cross entropy + 0.5 × the same over the boundary band (Section 3.3). logits (N, 2, H, W), alpha (N, H, W) in [0, 1].

    Returns (N,), a loss per scene: a small person's outline weighs as much as a large one's, and a batch's loss is the mean over
    its scenes however they are distributed. boundary, overlap: weights of the band and of missing_overlap().
    """
    person = person_logit(logits)
    known = 1 - unsure(alpha, band_kernel)
    each = F.binary_cross_entropy_with_logits(person, alpha, reduction="none") * known
    band = boundary_band(alpha, band_kernel) * known
    on_band = (each * band).sum(dim=(1, 2)) / band.sum(dim=(1, 2)).clamp(min=1)
    loss = each.mean(dim=(1, 2)) + boundary * on_band
    return loss + overlap * missing_overlap(person.sigmoid() * known, alpha * known) if overlap else loss


def unsure(alpha: Tensor, kernel: int) -> Tensor:
    """Where the alpha is not reliable: half a person far from any edge. (N, H, W) in [0, 1] → the same, 0 or 1.

    kernel: soft areas narrower than two thirds of it, such as motion blur or hair, are reliable.
    """
    wide = 2 * (kernel // 3) + 1
    square = np.ones((wide, wide), np.uint8)
    between = ((alpha > UNSURE[0]) & (alpha < UNSURE[1])).byte().cpu().numpy()
    opened = [cv2.morphologyEx(scene, cv2.MORPH_OPEN, square) for scene in between]
    return torch.from_numpy(np.stack(opened)).to(alpha)


def missing_overlap(answer: Tensor, alpha: Tensor) -> Tensor:
    """1 − IoU, for alphas of any value from 0 to 1, (N, H, W) each → (N,). An empty answer to an empty alpha misses nothing."""
    both = (answer * alpha).sum(dim=(1, 2))
    either = answer.sum(dim=(1, 2)) + alpha.sum(dim=(1, 2)) - both
    few = 1e-3 * answer[0].numel()
    return 1 - (both + few) / (either + few)


def encoder_loss(coarse_logits: Tensor, alpha: Tensor, boundary: float = BOUNDARY_WEIGHT) -> Tensor:
    """The loss of the encoder alone, against the alpha at H/8, (N,). coarse (N, 2, H/8, W/8), alpha (N, H, W)."""
    small = F.avg_pool2d(alpha[:, None], 8)[:, 0]
    return person_loss(coarse_logits, small, BAND_COARSE, boundary)


def whole_loss(
    logits: Tensor,
    coarse_logits: Tensor,
    alpha: Tensor,
    boundary: float = BOUNDARY_WEIGHT,
    overlap: float = 0.0,
) -> Tensor:
    """The loss of encoder and decoder together, (N,); the encoder's own answer goes on counting."""
    return person_loss(logits, alpha, BAND_FULL, boundary, overlap) + COARSE_WEIGHT * encoder_loss(
        coarse_logits, alpha, boundary
    )
