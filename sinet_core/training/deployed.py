"""SINet as an ONNX graph written by algebra: equal to the trained network, and several times faster than a plain export.

ONNX Runtime is fast where a convolution, the addition after it and a LeakyRelu fuse into one kernel on blocked channels
(NCHWc, 16 at a time with AVX-512), and slow where a tensor leaves that layout. So:

- BatchNorms are folded into the convolutions beside them. BN commutes with the bilinear enlargement, which is linear and
  keeps constants; the shift of a BN before a zero-padded convolution is applied before, not folded into, that convolution.
- The channel shuffle is a reordering of the weights that follow it; grouped 1 × 1 convolutions become dense with zeros.
- PReLU with one slope (training ties them) is LeakyRelu. It is positively homogeneous, so the scale of the BN after a residual
  addition moves backwards through the chain, and the addition becomes the fused sum of a convolution.
- Channel counts are padded with zeros to whole blocks.
- The two-class gate 1 − max(softmax) is sigmoid(−|difference|); the two logits collapse to the one that sigmoid takes.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from sinet_core.training.model import ConvNormAct, DownSqueeze, NormAct, SINet, SpatialSqueezeBranch, SpatialSqueezeModule

Array = NDArray[np.float32]
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

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def conv(self, x: str, weight: Array, bias: Array | None = None, *, stride: int = 1, groups: int = 1) -> str:
        """weight: (out, in / groups, k, k); same padding."""
        pad = (weight.shape[2] - 1) // 2
        inputs = [x, self.constant(weight.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32)))
        return self.node("Conv", *inputs, strides=[stride] * 2, pads=[pad] * 4, kernel_shape=list(weight.shape[2:]), group=groups)

    def leaky(self, x: str, slope: float) -> str:
        return self.node("LeakyRelu", x, alpha=slope)

    def enlarge(self, x: str, factor: int) -> str:
        """Bilinear, align_corners, as the network was trained with."""
        scales = self.constant(np.array([1, 1, factor, factor], np.float32))
        return self.node("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="align_corners")

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
        raise ValueError("this network's PReLU slopes differ by channel; the deployed graph needs them tied (keep_deployable)")
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
    """uint8 (1, H, W, 3) → level 1. The division by 127.5 is in the weights; the subtraction is not, for the zero padding's sake."""
    x = graph.node("Cast", frame, to=TensorProto.FLOAT)
    x = graph.node("Sub", x, graph.constant(np.float32(127.5)))
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    scale, shift = affine(level.norm)
    weight = array(level.conv.weight) / 127.5 * scale[:, None, None, None]
    wide = blocks(len(scale))
    return graph.leaky(graph.conv(x, padded(weight, wide), padded(shift, wide), stride=2), slope_of(level.act))


def write_down(graph: Graph, down: DownSqueeze, x: str, wide: int) -> str:
    """DownSE. wide: the padded number of channels of x. The squeeze's dense layers are 1 × 1 convolutions of one pixel."""
    narrow = down.depthwise.weight.shape[0]
    x = graph.conv(x, padded(array(down.depthwise.weight), wide), stride=2, groups=wide)
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
    """An S2 branch up to its pointwise convolution, which the module writes."""
    if branch.pool > 1:
        x = graph.shrink(x, branch.pool)
    scale, shift = affine(branch.norm_act.norm)
    weight = array(branch.depthwise.weight) * scale[:, None, None, None]
    x = graph.conv(x, padded(weight, wide), padded(shift, wide), groups=wide)
    return graph.leaky(x, slope_of(branch.norm_act.act))


def dense_of(grouped: nn.Conv2d) -> Array:
    """The weight of a 1 × 1 convolution of two groups with the channel shuffle after it, as (out, in)."""
    weight = array(grouped.weight)[:, :, 0, 0]
    out, into = weight.shape
    dense = np.zeros((out, 2 * into))
    dense[: out // 2, :into] = weight[: out // 2]
    dense[out // 2 :, into:] = weight[out // 2 :]
    return dense.reshape(2, out // 2, 2 * into).transpose(1, 0, 2).reshape(out, 2 * into)


def write_chain(graph: Graph, chain: nn.Sequential, x: str, x_scale: Array) -> tuple[str, Array]:
    """S2 modules one after another. x holds x_scale times what the network has there; so does what is returned.

    A module computes act(s · (branches + x) + t). With its output kept as S · output, where S of one module is S · s of the
    next, that becomes act(S·s·branches + x kept + S·t): the residual needs no scaling of its own.
    """
    modules: list[SpatialSqueezeModule] = list(chain)
    if any(float(array(module.norm_act.norm.weight).min()) <= 0 for module in modules[1:]):
        raise ValueError("the deployed graph needs a positive scale after each residual addition (keep_deployable)")
    kept = [np.ones(modules[-1].norm_act.norm.num_features)]
    for module in reversed(modules[1:]):
        kept.insert(0, kept[0] * affine(module.norm_act.norm)[0])
    for module, scale in zip(modules, kept, strict=True):
        x = write_module(graph, module, x, x_scale, scale)
        x_scale = scale
    return x, x_scale


def write_module(graph: Graph, module: SpatialSqueezeModule, x: str, x_scale: Array, y_scale: Array) -> str:
    dense = dense_of(module.grouped) / x_scale
    half = dense.shape[0]
    wide = blocks(half)
    y = graph.conv(x, padded(dense, wide)[:, :, None, None])
    scale, shift = affine(module.norm_act.norm)
    scale, shift = scale * y_scale, shift * y_scale
    total = x if module.add else ""
    sides = ((module.left, slice(0, half)), (module.right, slice(half, 2 * half)))
    for branch, rows in sides:
        inner, inner_shift = affine(branch.norm)
        weight = np.zeros((2 * half, wide))
        weight[rows, :half] = array(branch.pointwise.weight)[:, :, 0, 0] * (inner * scale[rows])[:, None]
        bias = np.zeros(2 * half)
        bias[rows] = inner_shift * scale[rows] + shift[rows]
        part = graph.conv(write_branch(graph, branch, y, wide), weight[:, :, None, None], bias)
        if branch.pool > 1:
            part = graph.enlarge(part, branch.pool)
        total = graph.node("Add", part, total) if total else part
    return graph.leaky(total, slope_of(module.norm_act.act))


def write_join(graph: Graph, join: NormAct, parts: list[tuple[str, Array]]) -> list[str]:
    """BN → PReLU over the concatenation of parts (tensor, its kept scale), which stay apart."""
    scale, shift = affine(join.norm)
    start, joined = 0, []
    for tensor, kept in parts:
        rows = slice(start, start + len(kept))
        start += len(kept)
        weight = (scale[rows] / kept)[:, None, None, None]
        joined.append(graph.leaky(graph.conv(tensor, weight, shift[rows], groups=len(kept)), slope_of(join.act)))
    return joined


def deployed_graph(model: SINet) -> onnx.ModelProto:
    """The graph: "frame" uint8 BGR (1, H, W, 3), H and W multiples of 32 → "alpha" float32 (1, H, W) in [0, 1].

    model: two classes, in evaluation mode, slopes tied. Raises ValueError otherwise.
    """
    if model.classes != 2 or model.training:
        raise ValueError("the deployed graph is of a network with two classes in evaluation mode")
    graph = Graph()
    encoder, decoder = model.encoder, model.decoder
    x = write_encoder_start(graph, encoder.level_1, "frame")
    down_2 = write_down(graph, encoder.down_2, x, BLOCK)
    local, local_scale = write_chain(graph, encoder.level_2, down_2, np.ones(16))
    joined = graph.node("Concat", *write_join(graph, encoder.join_2, [(down_2, np.ones(16)), (local, local_scale)]), axis=1)
    down_3 = write_down(graph, encoder.down_3, joined, 64)
    deep, deep_scale = write_chain(graph, encoder.level_3, down_3, np.ones(48))
    joined = graph.node("Concat", *write_join(graph, encoder.join_3, [(down_3, np.ones(48)), (deep, deep_scale)]), axis=1)

    # The decoder. coarse and local below are already scaled and shifted by the BN that follows their sum.
    coarse_scale, coarse_shift = affine(decoder.norm_coarse)
    fine_scale, fine_shift = affine(decoder.norm_fine)
    weight = array(encoder.head.weight) * (coarse_scale * fine_scale)[:, None, None, None]
    coarse = graph.enlarge(graph.conv(joined, weight, coarse_shift * fine_scale + fine_shift), 2)
    difference = np.array([-1, 1]) / fine_scale
    gap = graph.conv(coarse, difference.reshape(1, 2, 1, 1), np.array([-(difference * fine_shift).sum()]))
    gate = graph.node("Sigmoid", graph.node("Neg", graph.node("Abs", gap)))
    local_norm, local_shift = affine(decoder.local.norm)
    weight = array(decoder.local.conv.weight)[:, :, 0, 0] * local_norm[:, None] / local_scale
    detail = graph.leaky(graph.conv(local, weight[:, :, None, None], local_shift), slope_of(decoder.local.act))
    detail = graph.node("Mul", detail, graph.constant(fine_scale.reshape(1, 2, 1, 1).astype(np.float32)))
    fine = graph.node("Add", coarse, graph.node("Mul", detail, gate))
    fine = graph.enlarge(graph.enlarge(fine, 2), 2)
    head = array(decoder.head.weight)
    logit = graph.conv(fine, head[1:] - head[:1])
    alpha = graph.node("Sigmoid", logit)
    graph.nodes.append(helper.make_node("Squeeze", [alpha, graph.constant(np.array([1], np.int64))], ["alpha"]))
    onnx_graph = helper.make_graph(
        graph.nodes,
        "sinet",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, "height", "width", 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, "height", "width"])],
        graph.constants,
    )
    deployed = helper.make_model(onnx_graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(deployed, full_check=True)
    return deployed
