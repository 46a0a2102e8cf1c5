"""The network's layers with loops for a CPU (kernels/): the same outputs and gradients in less than half the time.

    use_cpu_kernels(model)      from now on, its layers use the loops while training; parameters and names stay the same

In evaluation mode, with other types than float32, and on other devices, torch's own layers run.
"""

import torch
from torch import Tensor, nn

from sinet_core.native.build import CompilerError
from sinet_core.training.model.kernels import use_threads
from sinet_core.training.model.kernels.functions import (
    Dense,
    Depthwise,
    Enlarged,
    Halving,
    Joined,
    Normalised,
    Pointwise,
    applied,
)
from sinet_core.training.model.model import ConvNormAct, Enlarge, NormAct, SpatialSqueezeModule, shuffled


def has_cpu_kernels(layer: nn.Module, x: Tensor) -> bool:
    return layer.training and x.dtype == torch.float32 and x.device.type == "cpu"


@torch.no_grad()
def follow_statistics(norm: nn.BatchNorm2d, means: Tensor, variances: Tensor, samples: int) -> None:
    """What torch's layer does with a batch's statistics. samples: the numbers that each is of."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    momentum = norm.momentum or 0.1
    norm.running_mean.lerp_(means, momentum)
    norm.running_var.lerp_(variances * (samples / (samples - 1)), momentum)
    norm.num_batches_tracked += 1


def normalised(x: Tensor, norm: nn.BatchNorm2d, slope: Tensor | None = None) -> Tensor:
    """As the layer does, and PReLU behind it where there is a slope."""
    y, means, variances = applied(Normalised, x, norm.weight, norm.bias, slope)
    follow_statistics(norm, means, variances, x.numel() // x.shape[1])
    result: Tensor = y
    return result


class CpuConv(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        if not has_cpu_kernels(self, x):
            return super().forward(x)
        stride, result = self.stride[0], x
        if self.kernel_size[0] == 1:
            result = applied(Pointwise, x, self.weight, self.groups)
        elif self.groups == 1:
            result = applied(Dense, x, self.weight, stride)
        elif stride == 1:
            result = applied(Depthwise, x, self.weight)
        else:
            result = applied(Halving, x, self.weight)
        return result


class CpuNorm(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        return normalised(x, self) if has_cpu_kernels(self, x) else super().forward(x)


class CpuEnlarge(Enlarge):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = applied(Enlarged, x, self.factor) if has_cpu_kernels(self, x) else super().forward(x)
        return result


class CpuConvNormAct(ConvNormAct):
    def forward(self, x: Tensor) -> Tensor:
        if not has_cpu_kernels(self, x):
            return super().forward(x)
        return normalised(self.conv(x), self.norm, self.act.weight)


class CpuNormAct(NormAct):
    def forward(self, x: Tensor) -> Tensor:
        return normalised(x, self.norm, self.act.weight) if has_cpu_kernels(self, x) else super().forward(x)


class CpuSpatialSqueezeModule(SpatialSqueezeModule):
    def forward(self, x: Tensor) -> Tensor:
        if not has_cpu_kernels(self, x):
            return super().forward(x)
        y = shuffled(self.grouped(x))
        left, right = self.left.before_norm(y), self.right.before_norm(y)
        norms, slope = [self.left.norm, self.right.norm, self.norm_act.norm], self.norm_act.act.weight
        sides = [torch.cat([norm.weight for norm in norms[:2]]), torch.cat([norm.bias for norm in norms[:2]])]
        join = norms[2].weight, norms[2].bias, slope
        y, means, variances = applied(Joined, left, right, x if self.add else None, *sides, *join)
        parts = [norm.num_features for norm in norms]
        for norm, mean, variance in zip(norms, means.split(parts), variances.split(parts), strict=True):
            follow_statistics(norm, mean, variance, left.numel() // left.shape[1])
        return y


QUICK: dict[type[nn.Module], type[nn.Module]] = {
    nn.Conv2d: CpuConv,
    nn.BatchNorm2d: CpuNorm,
    Enlarge: CpuEnlarge,
    ConvNormAct: CpuConvNormAct,
    NormAct: CpuNormAct,
    SpatialSqueezeModule: CpuSpatialSqueezeModule,
}


def use_cpu_kernels(model: nn.Module) -> None:
    """Let the model's layers take the quick way, on as many threads as torch is set to.

    Raises CompilerError, whose text says why, where that cannot be compiled; then nothing is changed.
    """
    use_threads(torch.get_num_threads())
    for module in model.modules():
        module.__class__ = QUICK.get(type(module), type(module))


def use_cpu_kernels_where_compiled(model: nn.Module) -> None:
    """The same, but where it cannot be compiled a line says so, and the model trains as it is."""
    try:
        use_cpu_kernels(model)
    except CompilerError as error:
        print(f"The layers of torch are used, which take twice as long. {error}")
