"""The optimisers: Muon for kernels that mix channels, AdamW for everything else.

K. Jordan et al.: "Muon: An optimizer for hidden layers in neural networks", 2024. A kernel that mixes channels is a matrix. Its
step is the nearest matrix whose singular values are all close to 1, so rare directions move as far as frequent ones. For a
network as small as SINet that costs little, and it needs about two thirds of the scenes (weights/LOG.md).
(Torch's own Muon takes plain matrices only, neither convolutions nor groups of them.)
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
# The Newton-Schulz iteration towards the nearest orthogonal matrix, with coefficients for few steps rather than for accuracy.
COEFFICIENTS, ITERATIONS = (3.4445, -4.7750, 2.0315), 5
MUON_RATE = 5.0  # times the recipe's rate, which is AdamW's: 0.02 for 0.004


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix (m, n) with the same singular vectors and singular values of about 0.7 to 1.2."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Orthogonalised momentum. Parameter groups have lr, weight_decay, and groups: the number of matrices in a kernel."""

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
                ahead = kernel.grad.lerp(momentum, MOMENTUM).flatten(1)  # Nesterov
                step = torch.cat([scaled(orthogonal(matrix)) for matrix in ahead.chunk(group["groups"])])
                kernel.mul_(1 - group["lr"] * group["weight_decay"])
                kernel.add_(step.view_as(kernel), alpha=-group["lr"])


def scaled(step: Tensor) -> Tensor:
    """Scale a tall matrix's step, as it changes its outputs less than a wide one's."""
    return step * max(1.0, step.shape[0] / step.shape[1]) ** 0.5


def optimisers_of(model: nn.Module, weight_decay: float, *, muon: bool = True) -> list[torch.optim.Optimizer]:
    """Muon for kernels that mix channels between hidden layers (muon=False: AdamW for them, too), AdamW for the rest.

    The rest: depthwise kernels, BN, PReLU and biases, without weight decay, and the layers of classes ("head", "local"), with it.
    A parameter group's "share" is the factor of its learning rate to the recipe's.
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
    """Set the learning rate of every parameter group from the recipe's."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
