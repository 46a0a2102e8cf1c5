"""The loops as functions that autograd can go back through. Tensors are float32, on the CPU."""

from typing import Any

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from sinet_core.training.model.kernels import call

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
    return function.apply(*given)
