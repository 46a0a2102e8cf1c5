"""Writes an ONNX graph node by node, with the few operators that the deployed network needs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

FUSED = "com.microsoft"  # the domain of ONNX Runtime's own operators
Array = NDArray[np.floating]  # computed in float64, written as float32


@dataclass
class Graph:
    """An ONNX graph in the making. Tensors are named by strings. Methods append nodes and return the name of their output.

    groups_apart: whether the two groups of an S2 module's first convolution are separate tensors, so that nothing is
    multiplied by zeros. Each has 24 channels: three blocks of 8 with AVX2, but one and a half blocks of 16 with AVX-512.
    """

    groups_apart: bool = False
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: NDArray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def conv(
        self,
        x: str,
        weight: Array,
        bias: Array | None = None,
        *,
        stride: int = 1,
        groups: int = 1,
        plus: str | None = None,
        slope: float | None = None,
    ) -> str:
        """A convolution with same padding, then the addition of `plus`, then a LeakyRelu of this slope.

        weight: (out, in / groups, k, k). If all three are wanted, they are written as one FusedConv with a bias, because ONNX
        Runtime does not always fuse them itself. Versions before 1.27 compute that node wrongly.
        """
        pad = (weight.shape[2] - 1) // 2
        shape: dict[str, Any] = {
            "strides": [stride] * 2,
            "pads": [pad] * 4,
            "kernel_shape": list(weight.shape[2:]),
            "group": groups,
        }
        if plus is not None and slope is not None and bias is None:
            bias = np.zeros(len(weight))
        inputs = [x, self.constant(weight.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32)))
        if plus is not None and slope is not None:
            activation = (
                {"activation": "LeakyRelu", "activation_params": [slope]} if slope else {"activation": "Relu"}
            )
            return self.node("FusedConv", *inputs, plus, domain=FUSED, **activation, **shape)
        answer = self.node("Conv", *inputs, **shape)
        answer = answer if plus is None else self.node("Add", answer, plus)
        return answer if slope is None else self.leaky(answer, slope)

    def split(self, x: str, *channels: int) -> list[str]:
        """Split x by channels, into tensors with these numbers of them."""
        names = [f"t{len(self.nodes)}_{part}" for part in range(len(channels))]
        self.nodes.append(helper.make_node("Split", [x, self.shape(*channels)], names, axis=1))
        return names

    def leaky(self, x: str, slope: float) -> str:
        """LeakyRelu, or Relu if the slope is 0: a convolution computes Relu on the way, LeakyRelu in a second pass."""
        return self.node("LeakyRelu", x, alpha=slope) if slope else self.node("Relu", x)

    def enlarge(self, x: str, factor: int) -> str:
        """Enlarge bilinearly with aligned corners, as in training."""
        scales = self.constant(np.array([1, 1, factor, factor], np.float32))
        return self.node(
            "Resize", x, "", scales, mode="linear", coordinate_transformation_mode="align_corners"
        )

    def shape(self, *sides: int) -> str:
        return self.constant(np.array(sides, np.int64))

    def sides(self, x: str) -> tuple[str, str]:
        """The height and the width of x (1, c, h, w), as a tensor of one number each."""
        return self.node("Shape", x, start=2, end=3), self.node("Shape", x, start=3, end=4)

    def reshape(self, x: str, *sides: int | str) -> str:
        """sides: numbers or tensors of one number. 0 keeps the side that is there, and −1 takes what remains."""
        names = [self.shape(side) if isinstance(side, int) else side for side in sides]
        fixed = [side for side in sides if isinstance(side, int)]
        whole = self.shape(*fixed) if len(fixed) == len(sides) else self.node("Concat", *names, axis=0)
        return self.node("Reshape", x, whole)

    def enlarged_identity(self, side: str, times: int) -> str:
        """The matrix (1, 1, side, 2 ** times · side) that enlarges an axis of length `side` ×2, this many times."""
        square = self.node("ConstantOfShape", self.node("Concat", side, side, axis=0))
        identity = self.node("Unsqueeze", self.node("EyeLike", square), self.shape(0, 1))
        scales = self.constant(np.array([1, 1, 1, 2], np.float32))
        for _ in range(times):
            identity = self.node(
                "Resize", identity, "", scales, mode="linear", coordinate_transformation_mode="align_corners"
            )
        return identity

    def banded(self, side: str, weight: Array, shrink: int) -> str:
        """The matrix that enlarges ×2 twice, filters and shrinks, cut into four quarters without their zeros.

        weight: (k, 1, 1, 3), k filters along the axis. Returns (1, k, 4, side / shrink, n): how much each place in each quarter
        depends on the n places of the axis that windows() lists.
        """
        filtered = self.node(
            "Conv",
            self.enlarged_identity(side, 2),
            self.constant(weight.astype(np.float32)),
            pads=[0, 1, 0, 1],
            kernel_shape=[1, 3],
        )  # (1, k, side, 4 · side)
        if shrink > 1:
            filtered = self.node("AveragePool", filtered, kernel_shape=[1, shrink], strides=[1, shrink])
        quarters = self.node("Transpose", self.reshape(filtered, 0, 0, 0, 4, -1), perm=[0, 1, 3, 4, 2])
        bounds = self.constant(np.array([0, 1], np.float32))
        return self.node("MatMul", quarters, self.node("OneHot", self.windows(side), side, bounds, axis=1))

    def windows(self, side: str) -> str:
        """The places along an axis of length `side`, a multiple of 8, that each quarter of banded() depends on: (4, n)."""
        zero, two, four = (self.constant(np.array(value, np.int64)) for value in (0, 2, 4))
        length = self.node("Squeeze", side, self.shape(0))
        quarter = self.node("Div", length, four)
        wide = self.node("Add", quarter, four)
        begin = self.node("Mul", self.constant(np.arange(4)[:, None]), quarter)
        begin = self.node("Max", self.node("Sub", begin, two), zero)
        begin = self.node("Min", begin, self.node("Sub", length, wide))
        return self.node("Add", begin, self.node("Range", zero, wide, self.constant(np.array(1, np.int64))))

    def shrink(self, x: str, factor: int) -> str:
        return self.node("AveragePool", x, kernel_shape=[factor] * 2, strides=[factor] * 2)
