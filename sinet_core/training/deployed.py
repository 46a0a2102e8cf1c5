"""SINet as an ONNX graph written by algebra: equal to the trained network, and several times faster than a plain export.

ONNX Runtime is fast where a convolution, the addition after it and a LeakyRelu fuse into one kernel on blocked channels
(NCHWc, 16 at a time with AVX-512), and slow where a tensor leaves that layout. So:

- BatchNorms are folded into the convolutions beside them. BN commutes with the bilinear enlargement, which is linear and
  keeps constants; the shift of a BN before a zero-padded convolution is applied before, not folded into, that convolution.
- The channel shuffle is a reordering of the weights that follow it; the grouped 1 × 1 convolution before it, whose groups are
  narrower than a block, becomes dense with zeros.
- PReLU with one slope (training ties them) is LeakyRelu, which a convolution takes into itself. So where BN and PReLU follow a
  sum, they are a depthwise 1 × 1 convolution; the sum itself is taken by the convolution before it.
- The two pointwise convolutions of an S2 module are one of two groups, after the enlargement, with which they commute.
- Channels lie in whole blocks, with zero channels between (Blocked).
- The two-class gate 1 − max(softmax) is sigmoid(−|difference|); the two logits collapse to the one that sigmoid takes.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import nn

from sinet_core.training.model import (
    ConvNormAct,
    DownSqueeze,
    Encoder,
    InformationBlockingDecoder,
    NormAct,
    SINet,
    SpatialSqueezeBranch,
    SpatialSqueezeModule,
)
from sinet_core.training.onnx_graph import Array, Graph

BLOCK = 16
OPSET, IR_VERSION = 18, 9


@dataclass(frozen=True)
class Layout:
    """Where a network's channels lie among those of a tensor: channel i at slots[i] of `width`; the others are zero."""

    slots: NDArray[np.intp]
    width: int

    @staticmethod
    def of(channels: int, groups: int = 1) -> "Layout":
        """Each group begins at a block of its own."""
        each = channels // groups
        wide = -(-each // BLOCK) * BLOCK
        return Layout(
            np.concatenate([np.arange(each) + group * wide for group in range(groups)]), groups * wide
        )

    def spread(self, values: Array, axis: int = 0) -> Array:
        """values with its axis of network channels widened to this layout's, zeros between."""
        shape = list(values.shape)
        shape[axis] = self.width
        result = np.zeros(shape)
        np.moveaxis(result, axis, 0)[self.slots] = np.moveaxis(values, axis, 0)
        return result


@dataclass(frozen=True)
class Blocked:
    """A tensor of the graph with its layout."""

    name: str
    layout: Layout


def array(tensor: object) -> Array:
    return tensor.detach().cpu().double().numpy()  # type: ignore[attr-defined]


def affine(norm: nn.BatchNorm2d) -> tuple[Array, Array]:
    """A BatchNorm in evaluation mode as (scale, shift), a channel each."""
    scale = array(norm.weight) / np.sqrt(array(norm.running_var) + norm.eps)
    return scale, array(norm.bias) - array(norm.running_mean) * scale


def slope_of(act: nn.PReLU) -> float:
    """The one slope of a tied PReLU. Raises ValueError where channels differ: training with keep_deployable() ties them."""
    slopes = array(act.weight)
    if np.ptp(slopes) > 1e-6:
        raise ValueError(
            "this network's PReLU slopes differ by channel; the deployed graph needs them tied (keep_deployable)"
        )
    return float(slopes[0])


def by_channel(values: Array) -> Array:
    """(C,) → (C, 1, 1, 1), to scale the outputs of a convolution's weight."""
    return values[:, None, None, None]


def write_pointwise(graph: Graph, x: Blocked, weight: Array, bias: Array | None, layout: Layout) -> str:
    """A dense 1 × 1 convolution. weight: (out, in), bias: (out,), of the network's channels; layout: the output's."""
    weight = layout.spread(x.layout.spread(weight, axis=1))
    return graph.conv(x.name, weight[:, :, None, None], None if bias is None else layout.spread(bias))


def write_depthwise(graph: Graph, x: Blocked, weight: Array, bias: Array | None, *, stride: int = 1) -> str:
    """weight: (C, 1, k, k), bias: (C,), of the network's channels; the layout stays."""
    layout = x.layout
    bias = None if bias is None else layout.spread(bias)
    return graph.conv(x.name, layout.spread(weight), bias, stride=stride, groups=layout.width)


def write_norm_act(graph: Graph, x: Blocked, norm_act: NormAct, channels: slice = slice(None)) -> Blocked:
    """BN → PReLU as a depthwise 1 × 1 convolution. channels: those of norm_act that x has, where it is a part."""
    scale, shift = affine(norm_act.norm)
    y = write_depthwise(graph, x, by_channel(scale[channels]), shift[channels])
    return Blocked(graph.leaky(y, slope_of(norm_act.act)), x.layout)


def write_level_1(graph: Graph, level: ConvNormAct, frame: str) -> Blocked:
    """From uint8 (1, H, W, 3). The division by 127.5 is in the weights; not the subtraction, as zeros are padded."""
    x = graph.node("Cast", frame, to=TensorProto.FLOAT)
    x = graph.node("Sub", x, graph.constant(np.array(127.5, np.float32)))
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    scale, shift = affine(level.norm)
    layout = Layout.of(len(scale))
    weight = layout.spread(array(level.conv.weight) / 127.5 * by_channel(scale))
    x = graph.conv(x, weight, layout.spread(shift), stride=2)
    return Blocked(graph.leaky(x, slope_of(level.act)), layout)


def write_down(graph: Graph, down: DownSqueeze, parts: list[Blocked]) -> Blocked:
    """DownSE of the concatenation of parts, which are joined where they are smallest, after the stride."""
    weight = array(down.depthwise.weight)
    shrunk, slots, channel, width = [], [], 0, 0
    for part in parts:
        count = len(part.layout.slots)
        shrunk.append(write_depthwise(graph, part, weight[channel : channel + count], None, stride=2))
        slots.append(part.layout.slots + width)
        channel, width = channel + count, width + part.layout.width
    joined = graph.node("Concat", *shrunk, axis=1) if len(shrunk) > 1 else shrunk[0]
    layout = Layout(np.concatenate(slots), width)
    squeezed = graph.node("Mul", joined, write_squeeze(graph, down.squeeze.dense, Blocked(joined, layout)))
    scale, shift = affine(down.norm_act.norm)
    weight = array(down.pointwise.weight)[:, :, 0, 0] * scale[:, None]
    out = Layout.of(len(scale))
    x = write_pointwise(graph, Blocked(squeezed, layout), weight, shift, out)
    return Blocked(graph.leaky(x, slope_of(down.norm_act.act)), out)


def write_squeeze(graph: Graph, dense: nn.Sequential, x: Blocked) -> str:
    """What each channel of x is multiplied by. The dense layers are 1 × 1 convolutions of one pixel."""
    weights = Blocked(graph.node("GlobalAveragePool", x.name), x.layout)
    layers = list(dense)
    for linear, act in zip(layers[::2], layers[1::2], strict=True):
        last = act is layers[-1]
        layout = x.layout if last else Layout.of(len(array(linear.bias)))
        y = write_pointwise(graph, weights, array(linear.weight), array(linear.bias), layout)
        slopes = layout.spread(array(act.weight))[:, None, None].astype(np.float32)
        weights = Blocked(graph.node("PRelu", y, graph.constant(slopes)), layout)
    return weights.name


def dense_of(grouped: nn.Conv2d) -> Array:
    """The weight of a 1 × 1 convolution of two groups with the channel shuffle after it, as (out, in)."""
    weight = array(grouped.weight)[:, :, 0, 0]
    out, into = weight.shape
    dense = np.zeros((out, 2 * into))
    dense[: out // 2, :into] = weight[: out // 2]
    dense[out // 2 :, into:] = weight[out // 2 :]
    return dense.reshape(2, out // 2, 2 * into).transpose(1, 0, 2).reshape(out, 2 * into)


def write_branch(graph: Graph, branch: SpatialSqueezeBranch, x: Blocked) -> str:
    """An S2 branch but for its pointwise convolution, which commutes with the enlargement and is the module's."""
    if branch.pool > 1:
        x = Blocked(graph.shrink(x.name, branch.pool), x.layout)
    scale, shift = affine(branch.norm_act.norm)
    y = write_depthwise(graph, x, array(branch.depthwise.weight) * by_channel(scale), shift)
    y = graph.leaky(y, slope_of(branch.norm_act.act))
    return graph.enlarge(y, branch.pool) if branch.pool > 1 else y


def write_module(graph: Graph, module: SpatialSqueezeModule, x: Blocked) -> Blocked:
    dense = dense_of(module.grouped)
    inner, outer = Layout.of(len(dense)), Layout.of(2 * len(dense), groups=2)
    y = Blocked(write_pointwise(graph, x, dense, None, inner), inner)
    sides, weights, shifts = [], [], []
    for branch in (module.left, module.right):
        sides.append(write_branch(graph, branch, y))
        scale, shift = affine(branch.norm)
        weights.append(inner.spread(inner.spread(array(branch.pointwise.weight) * by_channel(scale)), axis=1))
        shifts.append(inner.spread(shift))
    both = graph.node("Concat", *sides, axis=1)
    total = graph.conv(both, np.concatenate(weights), np.concatenate(shifts), groups=2)
    total = graph.node("Add", total, x.name) if module.add else total
    return write_norm_act(graph, Blocked(total, outer), module.norm_act)


def write_encoder(graph: Graph, encoder: Encoder, frame: str) -> tuple[list[Blocked], Blocked]:
    """Level 3 and what it is joined with, normalised apart; and the local features of level 2."""
    down_2 = write_down(graph, encoder.down_2, [write_level_1(graph, encoder.level_1, frame)])
    local = down_2
    for module in encoder.level_2:
        local = write_module(graph, cast(SpatialSqueezeModule, module), local)
    down_3 = write_down(graph, encoder.down_3, write_join(graph, encoder.join_2, down_2, local))
    deep = down_3
    for module in encoder.level_3:
        deep = write_module(graph, cast(SpatialSqueezeModule, module), deep)
    return write_join(graph, encoder.join_3, down_3, deep), local


def write_join(graph: Graph, join: NormAct, first: Blocked, second: Blocked) -> list[Blocked]:
    """BN → PReLU over the concatenation of the two, which stay apart."""
    split = len(first.layout.slots)
    return [
        write_norm_act(graph, first, join, slice(0, split)),
        write_norm_act(graph, second, join, slice(split, None)),
    ]


def write_decoder(
    graph: Graph, decoder: InformationBlockingDecoder, head: nn.Conv2d, deep: list[Blocked], local: Blocked
) -> str:
    """Logit (1, H, W). coarse and detail are already scaled and shifted by the BN that follows their sum."""
    two = Layout(np.arange(2), 2)
    coarse_scale, coarse_shift = affine(decoder.norm_coarse)
    fine_scale, fine_shift = affine(decoder.norm_fine)
    weight = array(head.weight)[:, :, 0, 0] * (coarse_scale * fine_scale)[:, None]
    split = len(deep[0].layout.slots)
    coarse = graph.node(
        "Add",
        write_pointwise(graph, deep[1], weight[:, split:], coarse_shift * fine_scale + fine_shift, two),
        write_pointwise(graph, deep[0], weight[:, :split], None, two),
    )
    coarse = graph.enlarge(coarse, 2)
    difference = np.array([-1, 1]) / fine_scale
    gap = graph.conv(coarse, difference.reshape(1, 2, 1, 1), np.array([-(difference * fine_shift).sum()]))
    gate = graph.node("Sigmoid", graph.node("Neg", graph.node("Abs", gap)))
    scale, shift = affine(decoder.local.norm)
    weight = array(decoder.local.conv.weight)[:, :, 0, 0] * scale[:, None]
    detail = graph.leaky(write_pointwise(graph, local, weight, shift, two), slope_of(decoder.local.act))
    detail = graph.node("Mul", detail, graph.constant(fine_scale.reshape(1, 2, 1, 1).astype(np.float32)))
    fine = graph.node("Add", coarse, graph.node("Mul", detail, gate))
    kernel = array(decoder.head.weight)
    return write_tail(graph, fine, kernel[1] - kernel[0])


def write_tail(graph: Graph, fine: str, kernel: Array) -> str:
    """(1, 2, h, w) → (1, 4h, 4w): enlarge ×2, enlarge ×2, 3 × 3 convolution to one channel, as two matrix products.

    Enlarging is linear in rows and in columns, so it is U X Vᵀ with U and V the enlarged identities; the convolution with
    kernel (2, 3, 3) is a sum over its rows r of shifted U times X times V filtered by row r. U and V follow from the size alone:
    where the size is fixed (see Segmenter) they are computed once, when the network is loaded.
    """
    height, width = (graph.node("Shape", fine, start=axis, end=axis + 1) for axis in (2, 3))
    rows = graph.enlarged_identity(height)  # (1, 1, h, 4h)
    columns = graph.enlarged_identity(width)  # (1, 1, w, 4w)
    weight = kernel.transpose(1, 0, 2).reshape(6, 1, 1, 3)  # by row of the kernel, then by channel
    columns = graph.node(
        "Conv", columns, graph.constant(weight.astype(np.float32)), pads=[0, 1, 0, 1], kernel_shape=[1, 3]
    )
    columns = graph.reshape(
        columns,
        graph.node(
            "Concat", graph.shape(3), graph.shape(-1), graph.node("Mul", width, graph.shape(4)), axis=0
        ),
    )
    # X with its channels side by side (h, 2w); times (3, 2w, 4w) → (3, h, 4w)
    across = graph.node("Transpose", graph.node("Squeeze", fine, graph.shape(0)), perm=[1, 0, 2])
    across = graph.reshape(across, graph.node("Concat", height, graph.shape(-1), axis=0))
    across = graph.node("MatMul", across, columns)
    # (4h, 3h) of U shifted by each row of the kernel; times (3h, 4w)
    weight = np.eye(3).reshape(3, 1, 1, 3)
    down = graph.node(
        "Conv", rows, graph.constant(weight.astype(np.float32)), pads=[0, 1, 0, 1], kernel_shape=[1, 3]
    )
    down = graph.reshape(
        down, graph.node("Concat", graph.shape(-1), graph.node("Mul", height, graph.shape(4)), axis=0)
    )
    down = graph.node("Transpose", down, perm=[1, 0])
    across = graph.reshape(
        across, graph.node("Concat", graph.shape(-1), graph.node("Mul", width, graph.shape(4)), axis=0)
    )
    return graph.node("Unsqueeze", graph.node("MatMul", down, across), graph.shape(0))


def deployed_graph(model: SINet) -> onnx.ModelProto:
    """The graph: "frame" uint8 BGR (1, H, W, 3), H and W multiples of 32 → "alpha" float32 (1, H, W) in [0, 1].

    model: two classes, in evaluation mode, slopes tied. Raises ValueError otherwise.
    """
    if model.classes != 2 or model.training:
        raise ValueError("the deployed graph is of a network with two classes in evaluation mode")
    graph = Graph()
    deep, local = write_encoder(graph, model.encoder, "frame")
    logit = write_decoder(graph, model.decoder, model.encoder.head, deep, local)
    graph.nodes.append(helper.make_node("Sigmoid", [logit], ["alpha"]))
    onnx_graph = helper.make_graph(
        graph.nodes,
        "sinet",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, "height", "width", 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, "height", "width"])],
        graph.constants,
    )
    deployed = helper.make_model(
        onnx_graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(deployed, full_check=True)
    return deployed
