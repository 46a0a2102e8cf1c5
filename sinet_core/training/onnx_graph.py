"""An ONNX graph being written, node by node, with the few operators that the deployed network needs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[np.floating]  # computed in float64, written as float32


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
