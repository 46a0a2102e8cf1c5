"""SINet as an ONNX graph written by algebra: equal to the trained network, and several times faster than a plain export.

ONNX Runtime is fast where a convolution, the addition after it and a LeakyRelu fuse into one kernel on blocked channels
(NCHWc, 16 at a time with AVX-512), and slow where a tensor leaves that layout. So:

- BatchNorms are folded into the convolutions beside them. BN commutes with the bilinear enlargement, which is linear and
  keeps constants; the shift of a BN before a zero-padded convolution is applied before, not folded into, that convolution.
- The channel shuffle is a reordering of the weights that follow it; grouped 1 × 1 convolutions become dense with zeros.
- PReLU with one slope (training ties them) is LeakyRelu, which a convolution takes into itself. So where BN and PReLU follow a
  sum, they are a depthwise 1 × 1 convolution; the sum itself is taken by the convolution before it.
- Channel counts are padded with zeros to whole blocks.
- The two-class gate 1 − max(softmax) is sigmoid(−|difference|); the two logits collapse to the one that sigmoid takes.
"""

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from sinet_core.training.model import (
    ConvNormAct,
    DownSqueeze,
    NormAct,
    SINet,
    SpatialSqueezeBranch,
    SpatialSqueezeModule,
)

Array = NDArray[np.floating]  # computed in float64, written as float32
BLOCK = 16
OPSET, IR_VERSION = 18, 9


@dataclass
class Graph:
    """An ONNX graph being written. Tensors are named by strings; each method appends a node and gives its output's name."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: NDArray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def conv(
        self, x: str, weight: Array, bias: Array | None = None, *, stride: int = 1, groups: int = 1
    ) -> str:
        """weight: (out, in / groups, k, k); same padding."""
        pad = (weight.shape[2] - 1) // 2
        inputs = [x, self.constant(weight.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32)))
        return self.node(
            "Conv",
            *inputs,
            strides=[stride] * 2,
            pads=[pad] * 4,
            kernel_shape=list(weight.shape[2:]),
            group=groups,
        )

    def leaky(self, x: str, slope: float) -> str:
        return self.node("LeakyRelu", x, alpha=slope)

    def enlarge(self, x: str, factor: int) -> str:
        """Bilinear, align_corners, as the network was trained with."""
        scales = self.constant(np.array([1, 1, factor, factor], np.float32))
        return self.node(
            "Resize", x, "", scales, mode="linear", coordinate_transformation_mode="align_corners"
        )

    def shape(self, *sides: int) -> str:
        return self.constant(np.array(sides, np.int64))

    def reshape(self, x: str, shape: str) -> str:
        return self.node("Reshape", x, shape)

    def enlarged_identity(self, side: str) -> str:
        """What enlarging ×2 twice does along one axis of length `side`, as a matrix: (1, 1, side, 4 · side)."""
        square = self.node("ConstantOfShape", self.node("Concat", side, side, axis=0))
        identity = self.node("Unsqueeze", self.node("EyeLike", square), self.shape(0, 1))
        scales = self.constant(np.array([1, 1, 1, 2], np.float32))
        for _ in range(2):
            identity = self.node(
                "Resize", identity, "", scales, mode="linear", coordinate_transformation_mode="align_corners"
            )
        return identity

    def shrink(self, x: str, factor: int) -> str:
        return self.node("AveragePool", x, kernel_shape=[factor] * 2, strides=[factor] * 2)


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


def padded(weight: Array, out: int, into: int | None = None) -> Array:
    """Zero channels at the end of the first axis, up to `out`, and of the second, up to `into`."""
    grow = [(0, 0)] * weight.ndim
    grow[0] = (0, out - weight.shape[0])
    if into is not None:
        grow[1] = (0, into - weight.shape[1])
    return np.pad(weight, grow)


def blocks(channels: int) -> int:
    return -(-channels // BLOCK) * BLOCK


def write_encoder_start(graph: Graph, level: ConvNormAct, frame: str) -> str:
    """uint8 (1, H, W, 3) → level 1. The division by 127.5 is in the weights; not the subtraction, as zeros are padded."""
    x = graph.node("Cast", frame, to=TensorProto.FLOAT)
    x = graph.node("Sub", x, graph.constant(np.array(127.5, np.float32)))
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    scale, shift = affine(level.norm)
    weight = array(level.conv.weight) / 127.5 * scale[:, None, None, None]
    wide = blocks(len(scale))
    return graph.leaky(
        graph.conv(x, padded(weight, wide), padded(shift, wide), stride=2), slope_of(level.act)
    )


def write_down(graph: Graph, down: DownSqueeze, parts: list[tuple[str, int]]) -> str:
    """DownSE of the concatenation of parts (tensor, channels with padding), which are joined where they are smallest.

    The squeeze's dense layers are 1 × 1 convolutions of one pixel.
    """
    narrow, wide = down.depthwise.weight.shape[0], sum(channels for _, channels in parts)
    depthwise = padded(array(down.depthwise.weight), wide)
    shrunk, start = [], 0
    for part, channels in parts:
        shrunk.append(graph.conv(part, depthwise[start : start + channels], stride=2, groups=channels))
        start += channels
    x = graph.node("Concat", *shrunk, axis=1) if len(shrunk) > 1 else shrunk[0]
    weights = graph.node("GlobalAveragePool", x)
    for layer in down.squeeze.dense:
        if isinstance(layer, nn.Linear):
            weight, bias = array(layer.weight), array(layer.bias)
            into = wide if weight.shape[1] == narrow else weight.shape[1]
            out = wide if weight.shape[0] == narrow else weight.shape[0]
            weights = graph.conv(weights, padded(weight, out, into)[:, :, None, None], padded(bias, out))
        else:
            slopes = array(layer.weight)
            slopes = padded(slopes, wide) if len(slopes) == narrow else slopes
            weights = graph.node("PRelu", weights, graph.constant(slopes[:, None, None].astype(np.float32)))
    x = graph.node("Mul", x, weights)
    scale, shift = affine(down.norm_act.norm)
    weight = padded(array(down.pointwise.weight) * scale[:, None, None, None], len(scale), wide)
    return graph.leaky(graph.conv(x, weight, shift), slope_of(down.norm_act.act))


def write_branch(graph: Graph, branch: SpatialSqueezeBranch, x: str, wide: int) -> str:
    """An S2 branch but for its pointwise convolution, which the module writes.

    That convolution commutes with the enlargement. After it, it takes the module's sum and activation into itself.
    """
    if branch.pool > 1:
        x = graph.shrink(x, branch.pool)
    scale, shift = affine(branch.norm_act.norm)
    weight = array(branch.depthwise.weight) * scale[:, None, None, None]
    x = graph.conv(x, padded(weight, wide), padded(shift, wide), groups=wide)
    x = graph.leaky(x, slope_of(branch.norm_act.act))
    return graph.enlarge(x, branch.pool) if branch.pool > 1 else x


def dense_of(grouped: nn.Conv2d) -> Array:
    """The weight of a 1 × 1 convolution of two groups with the channel shuffle after it, as (out, in)."""
    weight = array(grouped.weight)[:, :, 0, 0]
    out, into = weight.shape
    dense = np.zeros((out, 2 * into))
    dense[: out // 2, :into] = weight[: out // 2]
    dense[out // 2 :, into:] = weight[out // 2 :]
    return dense.reshape(2, out // 2, 2 * into).transpose(1, 0, 2).reshape(out, 2 * into)


def write_module(graph: Graph, module: SpatialSqueezeModule, x: str) -> str:
    dense = dense_of(module.grouped)
    half = dense.shape[0]
    wide = blocks(half)
    y = graph.conv(x, padded(dense, wide)[:, :, None, None])
    sides = [write_branch(graph, branch, y, wide) for branch in (module.left, module.right)]
    weights, biases = zip(*(pointwise_of(branch) for branch in (module.left, module.right)), strict=True)
    if half % BLOCK == 0:
        total = graph.conv(
            graph.node("Concat", *sides, axis=1), np.concatenate(weights), np.concatenate(biases), groups=2
        )
        total = graph.node("Add", total, x) if module.add else total
    else:
        total = x if module.add else ""
        for rows, side, weight, bias in zip(
            (slice(0, half), slice(half, 2 * half)), sides, weights, biases, strict=True
        ):
            sparse, shift = np.zeros((2 * half, wide, 1, 1)), np.zeros(2 * half)
            sparse[rows, :half], shift[rows] = weight, bias
            part = graph.conv(side, sparse, shift)
            total = graph.node("Add", part, total) if total else part
    return write_norm_act(graph, total, module.norm_act)


def pointwise_of(branch: SpatialSqueezeBranch) -> tuple[Array, Array]:
    """The pointwise convolution of an S2 branch with the BN after it, as (weight, bias)."""
    scale, shift = affine(branch.norm)
    return array(branch.pointwise.weight) * scale[:, None, None, None], shift


def write_norm_act(graph: Graph, x: str, norm_act: NormAct, rows: slice = slice(None)) -> str:
    """BN → PReLU as a depthwise 1 × 1 convolution, which stays in the blocked layout. rows: only these channels."""
    scale, shift = affine(norm_act.norm)
    scale, shift = scale[rows], shift[rows]
    return graph.leaky(
        graph.conv(x, scale[:, None, None, None], shift, groups=len(scale)), slope_of(norm_act.act)
    )


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
    encoder, decoder = model.encoder, model.decoder
    x = write_encoder_start(graph, encoder.level_1, "frame")
    down_2 = write_down(graph, encoder.down_2, [(x, BLOCK)])
    local = down_2
    for module in encoder.level_2:
        local = write_module(graph, cast(SpatialSqueezeModule, module), local)
    first, rest = slice(0, 16), slice(16, 64)
    joined = [
        (write_norm_act(graph, down_2, encoder.join_2, first), 16),
        (write_norm_act(graph, local, encoder.join_2, rest), 48),
    ]
    down_3 = write_down(graph, encoder.down_3, joined)
    deep = down_3
    for module in encoder.level_3:
        deep = write_module(graph, cast(SpatialSqueezeModule, module), deep)

    # The decoder. coarse and detail are already scaled and shifted by the BN that follows their sum.
    coarse_scale, coarse_shift = affine(decoder.norm_coarse)
    fine_scale, fine_shift = affine(decoder.norm_fine)
    weight = array(encoder.head.weight) * (coarse_scale * fine_scale)[:, None, None, None]
    first, rest = slice(0, 48), slice(48, 144)
    coarse = graph.conv(write_norm_act(graph, down_3, encoder.join_3, first), weight[:, first])
    deep = write_norm_act(graph, deep, encoder.join_3, rest)
    coarse = graph.node(
        "Add", graph.conv(deep, weight[:, rest], coarse_shift * fine_scale + fine_shift), coarse
    )
    coarse = graph.enlarge(coarse, 2)
    difference = np.array([-1, 1]) / fine_scale
    gap = graph.conv(coarse, difference.reshape(1, 2, 1, 1), np.array([-(difference * fine_shift).sum()]))
    gate = graph.node("Sigmoid", graph.node("Neg", graph.node("Abs", gap)))
    local_norm, local_shift = affine(decoder.local.norm)
    weight = array(decoder.local.conv.weight) * local_norm[:, None, None, None]
    detail = graph.leaky(graph.conv(local, weight, local_shift), slope_of(decoder.local.act))
    detail = graph.node("Mul", detail, graph.constant(fine_scale.reshape(1, 2, 1, 1).astype(np.float32)))
    fine = graph.node("Add", coarse, graph.node("Mul", detail, gate))
    head = array(decoder.head.weight)
    logit = write_tail(graph, fine, head[1] - head[0])
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
