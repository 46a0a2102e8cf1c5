"""Distillation: what a stronger network answers counts beside the truth.

G. Hinton, O. Vinyals, J. Dean: "Distilling the Knowledge in a Neural Network", 2015.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sinet_core.training.checkpoint import load_model
from sinet_core.training.model import SINet, normalise, person_logit
from sinet_core.training.teacher_network import TeacherNetwork, is_teacher, load_teacher


class Teacher:
    """Trained networks, whose mean answer is better than that of each, and how they teach.

    share: how much their answer counts; the truth has the rest. mirrored: that is what an application has no time for, the mean
    of the answers to the frame and to its mirror image. blended: the share of frames that another one shows through.
    """

    def __init__(
        self, networks: Sequence[nn.Module], share: float, *, mirrored: bool = False, blended: float = 0.0
    ) -> None:
        self.networks = [network.eval() for network in networks]
        self.share, self.mirrored, self.blended = share, mirrored, blended

    def to(self, device: torch.device) -> "Teacher":
        for network in self.networks:
            network.to(device)
        return self

    @torch.no_grad()
    def answer(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """frames (N, H, W, 3) uint8 BGR → alphas (N, H, W) float32 in [0, 1]."""
        device = next(self.networks[0].parameters()).device
        x = normalise(torch.from_numpy(frames).to(device))
        alpha = self._mean_alpha(x)
        if self.mirrored:
            alpha = (alpha + self._mean_alpha(x.flip(3)).flip(2)) / 2
        answer: NDArray[np.float32] = alpha.cpu().numpy()
        return answer

    def _mean_alpha(self, x: Tensor) -> Tensor:
        # a processor with matrix units for bfloat16 takes two thirds of the time, for answers that differ by thousandths
        with torch.autocast(
            "cpu", torch.bfloat16, enabled=torch.cpu.get_capabilities().get("amx_bf16", False)
        ):
            alphas = [person_logit(network(x)).float().sigmoid() for network in self.networks]
        return torch.stack(alphas).mean(dim=0)

    def lesson(
        self, frames: NDArray[np.uint8], alphas: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """frames (N, H, W, 3), alphas (N, H, W) → what the pupil sees, and what it is to answer, of the same shapes.

        Some of the frames, by self.blended, show each another one of these through them, and there the teacher alone knows the
        answer: a pupil that agrees between the photos, too, learns what the teacher knows beyond them.
        """
        alone = rng.random(len(frames)) >= self.blended
        through = np.where(alone, 1, rng.random(len(frames)))[:, None, None, None]
        shown = np.rint(through * frames + (1 - through) * np.roll(frames, 1, axis=0)).astype(np.uint8)
        return shown, self.corrected(shown, alphas, np.where(alone, self.share, 1)[:, None, None])

    def corrected(
        self, frames: NDArray[np.uint8], alphas: NDArray[np.uint8], share: NDArray[np.float64] | None = None
    ) -> NDArray[np.uint8]:
        """What the pupil is to answer, (N, H, W) uint8: the truth, of the same shape, moved towards the teacher's answer.

        share: what that counts, (N, 1, 1), if not self.share for every frame.
        """
        counts = self.share if share is None else share
        return np.rint((1 - counts) * alphas + counts * 255 * self.answer(frames)).astype(np.uint8)


def load_network(path: Path) -> SINet | TeacherNetwork:
    """What train_teacher.py wrote, or a SINet, in evaluation mode. Raises ValueError where the file is neither."""
    return load_teacher(path) if is_teacher(path) else load_model(path)
