"""Distillation: what a stronger network answers counts beside the truth.

G. Hinton, O. Vinyals, J. Dean: "Distilling the Knowledge in a Neural Network", 2015.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from sinet_core.training.model import SINet, normalise, person_logit


class Teacher:
    """A trained SINet, and what an application has no time for: the mean of its answers to a frame and to its mirror image.

    It is stronger still where it sees the scenes larger than its pupil does. share: how much its answer counts; the truth has
    the rest.
    """

    def __init__(self, model: SINet, share: float) -> None:
        self.model, self.share = model.eval(), share

    @torch.no_grad()
    def answer(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """frames (N, H, W, 3) uint8 BGR → alphas (N, H, W) float32 in [0, 1]."""
        x = normalise(torch.from_numpy(frames))
        alpha = person_logit(self.model(x)).sigmoid()
        mirrored = person_logit(self.model(x.flip(3))).sigmoid().flip(2)
        mean: NDArray[np.float32] = ((alpha + mirrored) / 2).numpy()
        return mean

    def corrected(self, frames: NDArray[np.uint8], alphas: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What the pupil is to answer, (N, H, W) uint8: the truth, of the same shape, moved towards the teacher's answer."""
        mixed = (1 - self.share) * alphas + self.share * 255 * self.answer(frames)
        return np.rint(mixed).astype(np.uint8)
