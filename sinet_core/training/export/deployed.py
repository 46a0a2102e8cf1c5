"""SINet rewritten as an ONNX graph that computes the same, several times faster than torch's own export.

ONNX Runtime is fast where it fuses a convolution, the addition after it and a LeakyRelu into one kernel on blocked channels
(NCHWc, 8 at a time with AVX2). It is slow where a tensor leaves that layout. So:

- BatchNorms are folded into the convolutions next to them. A BN can be moved across bilinear enlarging, which is linear and
  keeps constants. If a BN stands before a zero-padded convolution, its shift is not folded, but applied before.
- The channel shuffle becomes a reordering of the weights after it. The grouped 1 × 1 convolution before it becomes a dense one
  with zeros, because its groups are not whole blocks of channels, or two convolutions where they are (Graph.groups_apart).
- A PReLU with one slope (training ties the slopes) is a LeakyRelu, which a convolution computes after adding another tensor.
  The BN between the two would also scale the added tensor; that scale is passed on instead (Blocked.scale).
- The two halves of an S2 module's channels stay separate tensors throughout. A layer that reads both is a sum of two
  convolutions. A pointwise convolution after a pooling runs before the enlarging.
- Tensors with few channels are enlarged by matrix products, the last time together with the last convolution (write_tail).
- Channels lie in whole blocks, padded with zero channels (Layout).
- For two classes, the gate 1 − max(softmax) is sigmoid(−|difference|), and the two logits become one for the final sigmoid.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import nn

from sinet_core.training.export.onnx_graph import FUSED, Array, Graph
from sinet_core.training.model.model import (
    SHRINK,
    ConvNormAct,
    DownSqueeze,
    Encoder,
    InformationBlockingDecoder,
    NormAct,
    SINet,
    SpatialSqueezeBranch,
    SpatialSqueezeModule,
)

# ONNX Runtime's own blocks have 16 channels with AVX-512, and 8 with AVX2, which is all that most laptops have. With AVX2 a
# layout of 8 takes 9 % fewer instructions than one of 16; with AVX-512 it takes 2 % more time.
BLOCK = 8
LEAST_SCALE = 1e-3  # the smallest scale to divide by; below it, the added tensor is scaled after all
OPSET, IR_VERSION = 18, 9


@dataclass(frozen=True)
class Layout:
    """The places of the network's channels in a tensor of `width` channels: channel i is at slots[i]. The others are zero."""

    slots: NDArray[np.intp]
    width: int

    @staticmethod
    def of(channels: int, groups: int = 1) -> "Layout":
        """The layout in which each group starts a new block."""
        each = channels // groups
        wide = -(-each // BLOCK) * BLOCK
        return Layout(
            np.concatenate([np.arange(each) + group * wide for group in range(groups)]), groups * wide
        )

    def spread(self, values: Array, axis: int = 0) -> Array:
        """Spread the network's channels along an axis to their slots, with zeros elsewhere."""
        shape = list(values.shape)
        shape[axis] = self.width
        result = np.zeros(shape)
        np.moveaxis(result, axis, 0)[self.slots] = np.moveaxis(values, axis, 0)
        return result


@dataclass(frozen=True)
class Blocked:
    """A tensor of the graph and its layout. The network's values are the tensor's times `scale`, which has one per channel."""

    name: str
    layout: Layout
    scale: Array

    @staticmethod
    def of(name: str, layout: Layout) -> "Blocked":
        """A tensor that holds the network's own values."""
        return Blocked(name, layout, np.ones(len(layout.slots)))


def array(tensor: object) -> Array:
    return tensor.detach().cpu().double().numpy()  # type: ignore[attr-defined]


def affine(norm: nn.BatchNorm2d) -> tuple[Array, Array]:
    """A BatchNorm in evaluation mode as (scale, shift), one of each per channel."""
    scale = array(norm.weight) / np.sqrt(array(norm.running_var) + norm.eps)
    return scale, array(norm.bias) - array(norm.running_mean) * scale


def slope_of(act: nn.PReLU) -> float:
    """The slope of a tied PReLU. Raises ValueError if channels differ; keep_deployable() ties them during training."""
    slopes = array(act.weight)
    if np.ptp(slopes) > 1e-6:
        raise ValueError(
            "this network's PReLU slopes differ by channel; the deployed graph needs them tied (keep_deployable)"
        )
    return float(slopes[0])


def by_channel(values: Array) -> Array:
    """(C,) → (C, 1, 1, 1), to scale the outputs of a convolution's weight."""
    return values[:, None, None, None]


def write_pointwise(
    graph: Graph,
    parts: list[Blocked],
    weight: Array,
    bias: Array | None,
    layout: Layout,
    slope: float | None = None,
    plus: str | None = None,
) -> str:
    """A dense 1 × 1 convolution of tensors side by side, plus another tensor, and LeakyRelu if slope is given.

    weight: (out, in), bias: (out,), both in the network's channels. layout: of the output. Each part has a convolution of its
    own, and these are summed.
    """
    total, channel = plus, 0
    for part in parts:
        last = part is parts[-1]
        count = len(part.layout.slots)
        dense = weight[:, channel : channel + count] * part.scale
        columns = layout.spread(part.layout.spread(dense, axis=1))[:, :, None, None]
        shift = layout.spread(bias) if bias is not None and last else None
        total = graph.conv(part.name, columns, shift, plus=total, slope=slope if last else None)
        channel += count
    assert total is not None
    return total


def write_depthwise(
    graph: Graph,
    x: Blocked,
    weight: Array,
    bias: Array | None,
    *,
    stride: int = 1,
    slope: float | None = None,
) -> str:
    """A depthwise convolution. weight: (C, 1, k, k), bias: (C,), both in the network's channels. The layout stays the same."""
    layout = x.layout
    bias = None if bias is None else layout.spread(bias)
    weight = layout.spread(weight * by_channel(x.scale))
    return graph.conv(x.name, weight, bias, stride=stride, groups=layout.width, slope=slope)


def write_norm_act(graph: Graph, x: Blocked, norm_act: NormAct, channels: slice = slice(None)) -> Blocked:
    """BN → PReLU as a depthwise 1 × 1 convolution. channels: the channels of norm_act that x holds, if x is a part."""
    scale, shift = affine(norm_act.norm)
    slope = slope_of(norm_act.act)
    y = write_depthwise(graph, x, by_channel(scale[channels]), shift[channels], slope=slope)
    return Blocked.of(y, x.layout)


def write_level_1(graph: Graph, level: ConvNormAct, frame: str) -> Blocked:
    """Level 1, from a frame (1, H, W, 3) uint8. The division by 127.5 is folded into the weights. The subtraction is not, as
    the convolution pads with zeros.
    """
    x = graph.node("Cast", frame, to=TensorProto.FLOAT)
    x = graph.node("Sub", x, graph.constant(np.array(127.5, np.float32)))
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    scale, shift = affine(level.norm)
    layout = Layout.of(len(scale))
    weight = layout.spread(array(level.conv.weight) / 127.5 * by_channel(scale))
    return Blocked.of(
        graph.conv(x, weight, layout.spread(shift), stride=2, slope=slope_of(level.act)), layout
    )


def write_down(graph: Graph, down: DownSqueeze, parts: list[Blocked]) -> Blocked:
    """DownSE of concatenated parts. They are concatenated where they are smallest, after the stride."""
    weight = array(down.depthwise.weight)
    shrunk, slots, channel, width = [], [], 0, 0
    for part in parts:
        count = len(part.layout.slots)
        shrunk.append(write_depthwise(graph, part, weight[channel : channel + count], None, stride=2))
        slots.append(part.layout.slots + width)
        channel, width = channel + count, width + part.layout.width
    joined = graph.node("Concat", *shrunk, axis=1) if len(shrunk) > 1 else shrunk[0]
    layout = Layout(np.concatenate(slots), width)
    squeezed = graph.node("Mul", joined, write_squeeze(graph, down.squeeze.dense, joined, layout))
    scale, shift = affine(down.norm_act.norm)
    weight = array(down.pointwise.weight)[:, :, 0, 0] * scale[:, None]
    out, slope = Layout.of(len(scale)), slope_of(down.norm_act.act)
    x = write_pointwise(graph, [Blocked.of(squeezed, layout)], weight, shift, out, slope)
    return Blocked.of(x, out)


def write_squeeze(graph: Graph, dense: nn.Sequential, x: str, layout: Layout) -> str:
    """The factor of each channel of x. The dense layers are 1 × 1 convolutions of one pixel.

    PReLU(y) = ReLU(y) − slope · ReLU(−y). A layer outputs both ReLUs, and the next layer takes the difference. So slopes may
    differ by channel without a PRelu node, which is slow and leaves the blocked layout.
    """
    mean = graph.node("GlobalAveragePool", x)
    weights, difference = Blocked.of(mean, layout), np.eye(len(layout.slots))
    layers = list(dense)
    for linear, act in zip(layers[::2], layers[1::2], strict=True):
        weight, bias = array(linear.weight) @ difference, array(linear.bias)
        both = Layout.of(2 * len(bias))
        weight, shift = np.concatenate([weight, -weight]), np.concatenate([bias, -bias])
        weights = Blocked.of(write_pointwise(graph, [weights], weight, shift, both, slope=0), both)
        difference = np.concatenate([np.eye(len(bias)), -np.diag(array(act.weight))], axis=1)
    return write_pointwise(graph, [weights], difference, None, layout)


def dense_of(grouped: nn.Conv2d) -> Array:
    """The weight (out, in) of a dense convolution that equals a grouped 1 × 1 convolution and the channel shuffle after it."""
    weight = array(grouped.weight)[:, :, 0, 0]
    out, into = weight.shape
    dense = np.zeros((out, 2 * into))
    dense[: out // 2, :into] = weight[: out // 2]
    dense[out // 2 :, into:] = weight[out // 2 :]
    return dense.reshape(2, out // 2, 2 * into).transpose(1, 0, 2).reshape(out, 2 * into)


def write_module(graph: Graph, module: SpatialSqueezeModule, x: list[Blocked]) -> list[Blocked]:
    """An S2 module. Its output is in two parts, left and right, and so is the input that it adds."""
    weight = array(module.grouped.weight)[:, :, 0, 0]
    half = len(weight) // 2
    if graph.groups_apart and len(x) == 2 and half % BLOCK == 0:
        groups, layout = list(zip(x, np.split(weight, 2), strict=True)), Layout.of(half)
        y = [Blocked.of(write_pointwise(graph, [part], rows, None, layout), layout) for part, rows in groups]
    else:
        layout = Layout.of(2 * half)
        y = [Blocked.of(write_pointwise(graph, x, dense_of(module.grouped), None, layout), layout)]
    before = x if module.add else (None, None)
    return [
        write_side(graph, module, branch, y, place, before[place])
        for place, branch in enumerate((module.left, module.right))
    ]


def write_side(
    graph: Graph,
    module: SpatialSqueezeModule,
    branch: SpatialSqueezeBranch,
    x: list[Blocked],
    place: int,
    before: Blocked | None,
) -> Blocked:
    """One branch of an S2 module, and its half of what follows: add `before`, BN, PReLU. place: 0 is left, 1 is right.

    x: the shuffled channels, in one part, or with the even and the odd ones apart. In the network, the BN scales the added
    tensor. Here that tensor is added unscaled, and the branch is divided by the scale. The result is the network's divided by
    the scale, as LeakyRelu keeps positive factors. The scale is returned as Blocked.scale.
    """
    weight = array(branch.pointwise.weight)[:, :, 0, 0]
    weight = np.concatenate([weight[:, part :: len(x)] for part in range(len(x))], axis=1)
    count = len(weight)
    layout, slope = Layout.of(count), slope_of(module.norm_act.act)
    channels = slice(place * count, (place + 1) * count)
    scale, shift = (values[channels] for values in affine(module.norm_act.norm))
    branch_scale, branch_shift = affine(branch.norm)
    weight = weight * (branch_scale * scale)[:, None]
    shift = branch_shift * scale + shift
    plus = None
    answer: Array = np.ones(count)
    if before is not None and (scale * before.scale).min() > LEAST_SCALE:
        answer, plus = scale * before.scale, before.name
        weight, shift = weight / answer[:, None], shift / answer
    elif before is not None:
        plus = write_depthwise(graph, before, by_channel(scale), None)
    if branch.pool == 1:
        parts = write_spatial(graph, branch, x)
        total = write_pointwise(graph, parts, weight, shift, layout, slope, plus)
    else:
        small = [Blocked.of(graph.shrink(part.name, branch.pool), part.layout) for part in x]
        parts = write_spatial(graph, branch, small)
        large = graph.enlarge(write_pointwise(graph, parts, weight, None, layout), branch.pool)
        # An identity convolution computes the addition and the activation. On their own, they would leave the blocked layout.
        ones = np.ones((layout.width, 1, 1, 1))
        shift = layout.spread(shift)
        total = graph.conv(large, ones, shift, groups=layout.width, plus=plus, slope=slope)
    return Blocked(total, layout, answer)


def write_spatial(graph: Graph, branch: SpatialSqueezeBranch, x: list[Blocked]) -> list[Blocked]:
    """The depthwise convolution of an S2 branch with its BN and PReLU, for each part."""
    scale, shift = affine(branch.norm_act.norm)
    weight, slope = array(branch.depthwise.weight) * by_channel(scale), slope_of(branch.norm_act.act)
    answer = []
    for place, part in enumerate(x):
        channels = slice(place, None, len(x))
        y = write_depthwise(graph, part, weight[channels], shift[channels], slope=slope)
        answer.append(Blocked.of(y, part.layout))
    return answer


def write_encoder(graph: Graph, encoder: Encoder, frame: str) -> tuple[list[Blocked], list[list[Blocked]]]:
    """The parts of the deepest level's output, and the features that the decoder uses, deepest first."""
    parts, local = [write_level_1(graph, encoder.level_1, frame)], []
    for down, modules, join in encoder.levels():
        begun = write_down(graph, down, parts)
        deep = [begun]
        for module in modules or ():
            deep = write_module(graph, cast(SpatialSqueezeModule, module), deep)
        local.append(deep)
        parts = deep if join is None else write_join(graph, join, [begun, *deep])
    return parts, local[-2::-1]


def write_join(graph: Graph, join: NormAct, parts: list[Blocked]) -> list[Blocked]:
    """BN → PReLU of concatenated parts, without concatenating them."""
    answer, channel = [], 0
    for part in parts:
        count = len(part.layout.slots)
        answer.append(write_norm_act(graph, part, join, slice(channel, channel + count)))
        channel += count
    return answer


def write_decoder(
    graph: Graph,
    decoder: InformationBlockingDecoder,
    head: nn.Conv2d,
    deep: list[Blocked],
    local: list[Blocked],
) -> tuple[str, Array]:
    """The last convolution's input before it is enlarged ×4, (1, 2, H / 4, W / 4), and that convolution's kernel (2, 3, 3).

    The BN after the sum of coarse logits and detail is applied to both before, except for its sign, which goes into the kernel.
    """
    two, three = Layout(np.arange(2), 2), Layout(np.arange(3), 3)
    coarse_scale, coarse_shift = affine(decoder.norm_coarse)
    fine_scale, fine_shift = affine(decoder.norm_fine)
    # Three channels are enlarged: both coarse logits after that BN, and their difference before it, for the gate.
    weight = array(head.weight)[:, :, 0, 0] * coarse_scale[:, None]
    into = np.concatenate([np.diag(np.abs(fine_scale)), [[-1, 1]]])
    shift = into @ coarse_shift
    shift[:2] += fine_shift * np.sign(fine_scale)
    coarse_logits = write_enlarged(graph, write_pointwise(graph, deep, into @ weight, shift, three))
    coarse_logits, gap = graph.split(coarse_logits, 2, 1)
    gate = graph.node("Sigmoid", graph.node("Neg", graph.node("Abs", gap)))
    scale, shift = affine(decoder.local.norm)
    scale, shift = scale * np.abs(fine_scale), shift * np.abs(fine_scale)
    weight = array(decoder.local.conv.weight)[:, :, 0, 0] * scale[:, None]
    detail = write_pointwise(graph, local, weight, shift, two, slope_of(decoder.local.act))
    fine = graph.node("Add", coarse_logits, graph.node("Mul", detail, gate))
    kernel = array(decoder.head.weight) * np.sign(fine_scale)[:, None, None]
    return fine, kernel[1] - kernel[0]


def write_enlarged(graph: Graph, x: str) -> str:
    """(1, c, h, w) → (1, c, 2h, 2w), by two matrix products, which are faster than Resize for few channels."""
    height, width = graph.sides(x)
    across = graph.node("MatMul", x, graph.enlarged_identity(width, 1))
    return graph.node(
        "MatMul", graph.node("Transpose", graph.enlarged_identity(height, 1), perm=[0, 1, 3, 2]), across
    )


def write_tail(graph: Graph, fine: str, kernel: Array) -> str:
    """(1, 2, h, w) → (1, 2h, 2w): enlarge ×2 twice, convolve 3 × 3 to one channel, average 2 × 2; all by matrix products.

    Enlarging is linear in rows and in columns, so it is U X Vᵀ, where U and V are enlarged identities. The convolution with
    kernel (2, 3, 3) is a sum over the kernel's rows r: shifted U, times X, times V filtered by row r. Both matrices are zero
    far from the diagonal, so a quarter of the result's rows or columns depends on little more than a quarter of X's. Hence
    each product is split into four small ones. The matrices depend on the size only: if it is fixed (see Segmenter), they
    are computed once, when the network is loaded.
    """
    height, width = graph.sides(fine)
    low, narrow = (graph.node("Div", side, graph.shape(SHRINK)) for side in (height, width))  # of a quarter
    weight = kernel.transpose(1, 0, 2).reshape(6, 1, 1, 3)  # by row of the kernel, then by channel
    columns = graph.banded(width, weight, SHRINK)  # (1, 6, 4, narrow, n)
    columns = graph.node("Transpose", graph.reshape(columns, 3, 2, 0, 0, -1), perm=[2, 4, 1, 0, 3])
    columns = graph.reshape(columns, 4, -1, graph.node("Mul", narrow, graph.shape(3)))  # (4, 2n, 3 · narrow)
    rows = graph.banded(height, np.eye(3).reshape(3, 1, 1, 3), SHRINK)  # (1, 3, 4, low, m)
    rows = graph.reshape(graph.node("Transpose", rows, perm=[0, 2, 3, 4, 1]), 0, 0, 0, -1)  # (1, 4, low, 3m)

    across = graph.node("Transpose", fine, perm=[3, 1, 2, 0])  # (w, 2, h, 1)
    across = graph.node("Gather", across, graph.windows(width), axis=0)  # (4, n, 2, h, 1)
    across = graph.node("Transpose", graph.reshape(across, 4, -1, height), perm=[0, 2, 1])
    across = graph.node("MatMul", across, columns)  # (4, h, 3 · narrow)
    across = graph.node("Gather", across, graph.windows(height), axis=1)  # (4, 4, m, 3 · narrow)
    logit = graph.node("MatMul", rows, graph.reshape(across, 0, 0, -1, narrow))  # (4, 4, low, narrow)
    logit = graph.node("Transpose", logit, perm=[1, 2, 0, 3])
    return graph.reshape(logit, 1, graph.node("Mul", low, graph.shape(4)), -1)


def deployed_graph(model: SINet, *, groups_apart: bool = False) -> onnx.ModelProto:
    """The graph from "frame", uint8 BGR (1, H, W, 3), H and W multiples of 32, to "alpha", float32 (1, H / 2, W / 2) in [0, 1].

    Alpha is the sigmoid of the logits' 2 × 2 means. No detail is lost, because the network's finest features are at H / 4.

    model: two classes, three levels, in evaluation mode, tied slopes. Raises ValueError otherwise.
    groups_apart: the graph for processors without AVX-512; see Graph.
    """
    if model.classes != 2 or model.levels != 3 or model.training:
        raise ValueError(
            "the graph of alphas needs a network with two classes and three levels in evaluation mode"
        )
    graph = Graph(groups_apart)
    deep, local = write_encoder(graph, model.encoder, "frame")
    fine, kernel = write_decoder(graph, model.decoder, model.encoder.head, deep, local[0])
    graph.nodes.append(helper.make_node("Sigmoid", [write_tail(graph, fine, kernel)], ["alpha"]))
    return finished(graph, "alpha", TensorProto.FLOAT, [1, "alpha_height", "alpha_width"])


def finished(graph: Graph, answer: str, kind: int, shape: list[int | str]) -> onnx.ModelProto:
    """The checked ONNX model from "frame" to the tensor `answer`, which has this kind and shape."""
    onnx_graph = helper.make_graph(
        graph.nodes,
        "sinet",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, "height", "width", 3])],
        [helper.make_tensor_value_info(answer, kind, shape)],
        graph.constants,
    )
    deployed = helper.make_model(
        onnx_graph,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(deployed, full_check=True)
    return deployed
