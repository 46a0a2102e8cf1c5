"""The network's layers with loops made for a CPU (kernels/): the same answers and gradients, in less than half of the time.

    quicken(model)      from then on, its layers take the quick way while they are trained; parameters and names stay

What is not trained, or not float32 on a CPU, goes the ordinary way.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from sinet_core.native.build import CompilerError
from sinet_core.training.kernels import call, use_threads
from sinet_core.training.model import ConvNormAct, Enlarge, NormAct, SpatialSqueezeModule, shuffled

# Autograd's own base classes are not typed: forward and backward below take and give what their comments say.


class Pointwise(Function):
    """(x (N, C, H, W), weight (M, C / groups, 1, 1), groups) → (N, M, H, W)"""

    @staticmethod
    def forward(ctx, x, weight, groups):  # type: ignore[no-untyped-def]
        x = x.contiguous()
        images, channels, height, width = x.shape
        y = x.new_empty(images, weight.shape[0], height, width)
        of_group = weight.shape[0] // groups, channels // groups
        call("pointwise", x, weight.contiguous(), y, images, groups, *of_group, height * width)
        ctx.save_for_backward(x, weight)
        ctx.groups = groups
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        dy, groups = dy.contiguous(), ctx.groups
        images, channels, height, width = x.shape
        m, k = weight.shape[0] // groups, channels // groups
        dx = None
        if ctx.needs_input_grad[0]:
            dx = torch.empty_like(x)
            turned = weight.view(groups, m, k).transpose(1, 2).contiguous()
            call("pointwise", dy, turned, dx, images, groups, k, m, height * width)
        each = x.new_zeros(images, groups, m, k)
        call("pointwise_weights", x, dy, each, images, groups, m, k, height * width)
        return dx, each.sum(0).view_as(weight), None


class Dense(Function):
    """(x (N, C, H, W), weight (M, C, k, k), stride) → (N, M, H / stride, W / stride). With a stride, x must need no gradient."""

    @staticmethod
    def forward(ctx, x, weight, stride):  # type: ignore[no-untyped-def]
        x = x.contiguous()
        images, channels, height, width = x.shape
        m, kernel = weight.shape[0], weight.shape[2]
        y = x.new_empty(images, m, height // stride, width // stride)
        call("dense", x, weight.contiguous(), y, images, m, channels, height, width, kernel, stride)
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        dy = dy.contiguous()
        images, channels, height, width = x.shape
        m, kernel = weight.shape[0], weight.shape[2]
        dx = None
        if ctx.needs_input_grad[0]:
            if ctx.stride != 1:
                raise ValueError("there is no gradient for what a strided convolution is given")
            dx = torch.empty_like(x)
            turned = weight.flip(2, 3).transpose(0, 1).contiguous()
            call("dense", dy, turned, dx, images, channels, m, height, width, kernel, 1)
        each = x.new_zeros(images, *weight.shape)
        call("dense_weights", x, dy, each, images, m, channels, height, width, kernel, ctx.stride)
        return dx, each.sum(0), None


class Depthwise(Function):
    """(x (N, C, H, W), weight (C, 1, k, k)) → (N, C, H, W); k is 3 or 5"""

    @staticmethod
    def forward(ctx, x, weight):  # type: ignore[no-untyped-def]
        x = x.contiguous()
        images, channels, height, width = x.shape
        y = torch.empty_like(x)
        call(
            "depthwise",
            x,
            weight.contiguous(),
            y,
            images * channels,
            channels,
            height,
            width,
            weight.shape[2],
        )
        ctx.save_for_backward(x, weight)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        dy = dy.contiguous()
        images, channels, height, width = x.shape
        kernel, planes = weight.shape[2], images * channels
        dx, each = torch.empty_like(x), x.new_empty(images, *weight.shape)
        call("depthwise", dy, weight.flip(2, 3).contiguous(), dx, planes, channels, height, width, kernel)
        call("depthwise_weights", x, dy, each, planes, height, width, kernel)
        return dx, each.sum(0)


class Halving(Function):
    """(x (N, C, H, W), weight (C, 1, 3, 3)) → (N, C, H / 2, W / 2): depthwise, stride 2"""

    @staticmethod
    def forward(ctx, x, weight):  # type: ignore[no-untyped-def]
        x = x.contiguous()
        images, channels, height, width = x.shape
        y = x.new_empty(images, channels, height // 2, width // 2)
        call("halving", x, weight.contiguous(), y, images * channels, channels, height, width)
        ctx.save_for_backward(x, weight)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        images, channels, height, width = x.shape
        dx, each = torch.empty_like(x), x.new_empty(images, *weight.shape)
        size = images * channels, channels, height, width
        call("halving_gradients", x, weight.contiguous(), dy.contiguous(), dx, each, *size)
        return dx, each.sum(0)


class Enlarged(Function):
    """(x (N, C, H, W), factor) → (N, C, H · factor, W · factor)"""

    @staticmethod
    def forward(ctx, x, factor):  # type: ignore[no-untyped-def]
        images, channels, height, width = x.shape
        y = x.new_empty(images, channels, height * factor, width * factor)
        call("enlarge", x.contiguous(), y, images * channels, height, width, factor)
        ctx.shape, ctx.factor = x.shape, factor
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        images, channels, height, width = ctx.shape
        dx = dy.new_empty(ctx.shape)
        call("enlarge_gradient", dy.contiguous(), dx, images * channels, height, width, ctx.factor)
        return dx, None


class Normalised(Function):
    """(x (N, C, H, W), weight, bias, slope or None, each (C,)) → PReLU(norm(x)), and the batch's means and variances"""

    @staticmethod
    def forward(ctx, x, weight, bias, slope):  # type: ignore[no-untyped-def]
        x = x.contiguous()
        images, channels, height, width = x.shape
        y, means, variances = torch.empty_like(x), torch.empty_like(weight), torch.empty_like(weight)
        size = images, channels, height * width
        call("normalise", x, y, weight, bias, slope, means, variances, *size)
        ctx.save_for_backward(x, weight, bias, slope, means, variances)
        ctx.mark_non_differentiable(means, variances)
        return y, means, variances

    @staticmethod
    @once_differentiable
    def backward(ctx, dy, *_):  # type: ignore[no-untyped-def]
        x, weight, bias, slope, means, variances = ctx.saved_tensors
        images, channels, height, width = x.shape
        dx, d_weight, d_bias = torch.empty_like(x), torch.empty_like(weight), torch.empty_like(bias)
        d_slope = None if slope is None else torch.empty_like(slope)
        given = x, dy.contiguous(), dx, weight, bias, slope, d_weight, d_bias, d_slope, means, variances
        call("normalise_gradients", *given, images, channels, height * width)
        return dx, d_weight, d_bias, d_slope


class Joined(Function):
    """(left and right (N, C / 2, H, W), x (N, C, H, W) or None, the sides' weight and bias, the join's weight, bias and slope,

    each (C,)) → PReLU(norm(norm(left) beside norm(right), + x)), and the means and variances (2 C,): the sides', then the join's.
    """

    @staticmethod
    def forward(ctx, left, right, x, side_weight, side_bias, weight, bias, slope):  # type: ignore[no-untyped-def]
        left, right = left.contiguous(), right.contiguous()
        x = None if x is None else x.contiguous()
        images, half, height, width = left.shape
        y, means = left.new_empty(images, 2 * half, height, width), left.new_empty(4 * half)
        variances = torch.empty_like(means)
        norms = side_weight, side_bias, weight, bias, slope
        call("join", left, right, x, y, *norms, means, variances, images, half, height * width)
        ctx.save_for_backward(left, right, x, *norms, means, variances)
        ctx.mark_non_differentiable(means, variances)
        return y, means, variances

    @staticmethod
    @once_differentiable
    def backward(ctx, dy, *_):  # type: ignore[no-untyped-def]
        left, right, x, *norms, means, variances = ctx.saved_tensors
        images, half, height, width = left.shape
        d_left, d_right = torch.empty_like(left), torch.empty_like(right)
        dx = None if x is None else torch.empty_like(x)
        d_norms = [torch.empty_like(norm) for norm in norms]
        given = left, right, x, dy.contiguous(), d_left, d_right, dx, *norms, *d_norms, means, variances
        call("join_gradients", *given, images, half, height * width)
        return d_left, d_right, dx, *d_norms


def applied(function: type[Function], *given: Any) -> Any:
    """What the function answers. (Torch does not say what `apply` takes and gives.)"""
    return function.apply(*given)  # type: ignore[no-untyped-call]


def is_quick(layer: nn.Module, x: Tensor) -> bool:
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


class QuickConv(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        if not is_quick(self, x):
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


class QuickNorm(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        return normalised(x, self) if is_quick(self, x) else super().forward(x)


class QuickEnlarge(Enlarge):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = applied(Enlarged, x, self.factor) if is_quick(self, x) else super().forward(x)
        return result


class QuickConvNormAct(ConvNormAct):
    def forward(self, x: Tensor) -> Tensor:
        if not is_quick(self, x):
            return super().forward(x)
        return normalised(self.conv(x), self.norm, self.act.weight)


class QuickNormAct(NormAct):
    def forward(self, x: Tensor) -> Tensor:
        return normalised(x, self.norm, self.act.weight) if is_quick(self, x) else super().forward(x)


class QuickSpatialSqueezeModule(SpatialSqueezeModule):
    def forward(self, x: Tensor) -> Tensor:
        if not is_quick(self, x):
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
    nn.Conv2d: QuickConv,
    nn.BatchNorm2d: QuickNorm,
    Enlarge: QuickEnlarge,
    ConvNormAct: QuickConvNormAct,
    NormAct: QuickNormAct,
    SpatialSqueezeModule: QuickSpatialSqueezeModule,
}


def quicken(model: nn.Module) -> None:
    """Let the model's layers take the quick way, on as many threads as torch is set to.

    Raises CompilerError, whose text says why, where that cannot be compiled; then nothing is changed.
    """
    use_threads(torch.get_num_threads())
    for module in model.modules():
        module.__class__ = QUICK.get(type(module), type(module))


def quicken_where_compiled(model: nn.Module) -> None:
    """The same, but where it cannot be compiled a line says so, and the model trains as it is."""
    try:
        quicken(model)
    except CompilerError as error:
        print(f"The layers of torch are used, which take twice as long. {error}")
