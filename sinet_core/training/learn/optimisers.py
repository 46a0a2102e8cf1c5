"""How weights follow their gradients: Muon for kernels that mix channels, AdamW for everything else.

K. Jordan et al.: "Muon: An optimizer for hidden layers in neural networks", 2024. A kernel that mixes channels is a matrix; its
step is the nearest matrix whose singular values are all near 1, so directions that are rarely asked for move as far as
those that always are. For a network as small as SINet that costs little, and it needs about two thirds of the scenes (see
weights/LOG.md).
(Torch's own Muon takes plain matrices only, neither convolutions nor their groups.)
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
# Newton and Schulz's iteration towards the nearest orthogonal matrix, its coefficients chosen for few steps, not for exactness.
COEFFICIENTS, ITERATIONS = (3.4445, -4.7750, 2.0315), 5
MUON_RATE = 5.0  # of the recipe's rate, which is AdamW's: what 0.02 is to 0.004


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix (m, n) with the same singular vectors, and singular values from about 0.7 to 1.2 in place of its own."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal. Each parameter group has lr, weight_decay, and groups: into how many matrices a kernel falls."""

    def __init__(self, groups: Iterable[dict[str, object]]) -> None:
        super().__init__(groups, {"lr": 0.02, "weight_decay": 0.0, "groups": 1})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            for kernel in group["params"]:
                if kernel.grad is None:
                    continue
                state = self.state[kernel]
                if not state:
                    state["momentum"] = torch.zeros_like(kernel)
                momentum = state["momentum"].lerp_(kernel.grad, 1 - MOMENTUM)
                ahead = kernel.grad.lerp(momentum, MOMENTUM).flatten(1)  # Nesterov's look ahead
                step = torch.cat([scaled(orthogonal(matrix)) for matrix in ahead.chunk(group["groups"])])
                kernel.mul_(1 - group["lr"] * group["weight_decay"])
                kernel.add_(step.view_as(kernel), alpha=-group["lr"])


def scaled(step: Tensor) -> Tensor:
    """A tall matrix moves its outputs less than a wide one does; this makes up for it."""
    return step * max(1.0, step.shape[0] / step.shape[1]) ** 0.5


def optimisers_of(model: nn.Module, weight_decay: float, *, muon: bool = True) -> list[torch.optim.Optimizer]:
    """Muon for kernels that mix channels between hidden layers (muon=False: AdamW for them, too), AdamW for the rest.

    The rest: depthwise kernels, BN, PReLU, biases, without weight decay, and what speaks of classes ("head", "local"), with it.
    Each parameter group's "share" is what its learning rate is of the recipe's.
    """
    hidden: dict[int, list[nn.Parameter]] = {}
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1 or "depthwise" in name:
            free.append(parameter)
        elif "head" in name or "local" in name:
            decayed.append(parameter)
        else:
            hidden.setdefault(2 if "grouped" in name else 1, []).append(parameter)
    if not muon:
        decayed += [kernel for kernels in hidden.values() for kernel in kernels]
    rest = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": weight_decay, "share": 1.0},
            {"params": free, "weight_decay": 0.0, "share": 1.0},
        ],
        betas=(0.9, 0.99),
        foreach=True,
    )
    if not muon:
        return [rest]
    mixing = Muon(
        {"params": kernels, "groups": groups, "weight_decay": weight_decay, "share": MUON_RATE}
        for groups, kernels in hidden.items()
    )
    return [mixing, rest]


def set_rate(optimisers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    """Give every parameter group its share of the recipe's rate."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
