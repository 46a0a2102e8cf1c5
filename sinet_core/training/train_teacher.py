"""Train the teacher: a network of 38 times SINet's size that begins with ImageNet's weights, for SINet to learn from its answers.

    python -m sinet_core.training.train_teacher --data FOLDER --into runs/teacher
    python -m sinet_core.training.train --data FOLDER --into runs/taught --teacher runs/teacher/teacher.pt

Half of its batches are scenes, half photos as they were taken, at SINet's own sizes.
"""

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from sinet_core.training.learning import Run
from sinet_core.training.losses import BAND_FULL, OVERLAP_WEIGHT, person_loss
from sinet_core.training.model import normalise
from sinet_core.training.recipe import LARGE, Recipe
from sinet_core.training.teacher_network import TeacherNetwork, channels_last, imagenet_weights, take_imagenet
from sinet_core.training.train import run_options, to_the_end

STEPS, RATE = 1400, 1.5e-3
ENCODER_SHARE = 0.13  # of the rate: the encoder knows much already, and has no normalisations left
DECAY, WEIGHT_DECAY = 0.995, 0.02


class TeacherObjective(nn.Module):
    """From a batch to its scenes' losses (N,)."""

    def __init__(self, model: TeacherNetwork) -> None:
        super().__init__()
        self.model = model

    def forward(self, frames: Tensor, alphas: Tensor) -> Tensor:
        return person_loss(
            self.model(normalise(frames)), alphas.float() / 255, BAND_FULL, overlap=OVERLAP_WEIGHT
        )


def begin_teacher(lite: int, seed: int) -> Run[TeacherNetwork]:
    """A run at its beginning. Raises ImportError that says what to install where ImageNet's weights are missing."""
    torch.manual_seed(seed)
    model = TeacherNetwork(lite)
    take_imagenet(model.encoder, imagenet_weights(lite))
    channels_last(model)
    optimiser = torch.optim.AdamW(
        [
            {"params": list(model.encoder.parameters()), "share": ENCODER_SHARE},
            {"params": [*model.joins.parameters(), *model.head.parameters()], "share": 1.0},
        ],
        weight_decay=WEIGHT_DECAY,
    )
    return Run(model.train(), copy.deepcopy(model).eval(), [optimiser])


def main() -> None:
    parser = run_options("sinet_core.training.train_teacher", "Train SINet's teacher.")
    parser.add_argument("--lite", type=int, choices=(0, 1, 2), default=0, help="which EfficientNet-Lite")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--batch", type=int, default=LARGE.batch, help="scenes a step")
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.into.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(
        (replace(LARGE, steps=options.steps, batch=options.batch, rate=options.rate),),
        options.seed,
        decay=DECAY,
        weight_decay=WEIGHT_DECAY,
        tied=False,
        muon=False,
        as_taken=0.5,
    )
    run = begin_teacher(options.lite, options.seed)
    to_the_end(
        run, recipe, options, lambda _: TeacherObjective(run.model), "teacher.pt", {"lite": options.lite}
    )


if __name__ == "__main__":
    main()
