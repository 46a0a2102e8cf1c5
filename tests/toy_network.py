"""ONNX files that keep the contract of our network but answer something simple, for tests of what is around it."""

from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Kind = Literal["person", "nan", "everyone", "nobody"]


def write_toy_network(path: Path, kind: Kind = "person", metadata: dict[str, str] | None = None) -> Path:
    """Write a network that takes uint8 BGR (1, H, W, 3) and answers float32 alpha (1, H / 2, W / 2), as sinet.onnx does.

    kind: "person" calls bright pixels (mean of the three channels above about 128) a person, steeply but softly;
    "nan" answers NaN everywhere; "everyone" 1 and "nobody" 0 everywhere. metadata: overrides or adds entries.
    """
    slope, offset = {
        "person": (0.2, -25.6),
        "nan": (np.nan, 0.0),
        "everyone": (0.0, 50.0),
        "nobody": (0.0, -50.0),
    }[kind]
    constants = {"slope": slope, "offset": offset}
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["frame"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["pixels", "channel"], ["bright"], keepdims=0),
            helper.make_node("Mul", ["bright", "slope"], ["steep"]),
            helper.make_node("Add", ["steep", "offset"], ["logit"]),
            helper.make_node("Sigmoid", ["logit"], ["whole"]),
            helper.make_node("Unsqueeze", ["whole", "second"], ["plane"]),
            helper.make_node("AveragePool", ["plane"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("Squeeze", ["small", "second"], ["alpha"]),
        ],
        "toy",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, "height", "width", 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, "alpha_height", "alpha_width"])],
        [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in constants.items()]
        + [numpy_helper.from_array(np.array([3], np.int64), "channel")]
        + [numpy_helper.from_array(np.array([1], np.int64), "second")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    entries = {"backdrop.contract": "2", "backdrop.input_area": "36864", "backdrop.multiple": "32"}
    helper.set_model_props(model, entries | (metadata or {}))
    onnx.save(model, path)
    return path
