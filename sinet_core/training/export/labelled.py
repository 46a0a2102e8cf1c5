"""SINet with any number of classes and levels as an ONNX graph, written as in deployed.py.

Only the decoder differs: its gate uses a softmax over all classes, and the graph returns each pixel's class, or the
probability of each class.

- BatchNorms of logits are folded into the convolutions next to them, or applied to the small tensor before it is enlarged.
- The gate needs no softmax: its largest value is 1 / Σ exp(logit − largest logit).
- Small logits are enlarged by matrix products (write_enlarged). For the last step, Resize takes a third of their time.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper

from sinet_core.training.export.deployed import (
    Blocked,
    Layout,
    affine,
    array,
    finished,
    slope_of,
    write_encoder,
    write_enlarged,
    write_pointwise,
)
from sinet_core.training.export.onnx_graph import Array, Graph
from sinet_core.training.model.model import ConvNormAct, SINet

ANSWERS = ("labels", "probabilities")


def label_graph(model: SINet, answer: str = "labels") -> onnx.ModelProto:
    """The graph from "frame", uint8 BGR (1, H, W, 3), H and W multiples of model.multiple, to one of ANSWERS.

    "labels": uint8 (1, H, W), the likeliest class. "probabilities": float32 (1, classes, H, W); they add up to 1.
    model: in evaluation mode, with tied slopes. Raises ValueError otherwise.
    """
    if model.training:
        raise ValueError("the graph needs a network in evaluation mode")
    graph = Graph()
    logits = write_logits(graph, model)
    if answer == "labels":
        best = graph.node("ArgMax", logits, axis=1, keepdims=0)
        graph.nodes.append(helper.make_node("Cast", [best], [answer], to=TensorProto.UINT8))
        return finished(graph, answer, TensorProto.UINT8, [1, "height", "width"])
    graph.nodes.append(helper.make_node("Softmax", [logits], [answer], axis=1))
    return finished(graph, answer, TensorProto.FLOAT, [1, model.classes, "height", "width"])


def write_logits(graph: Graph, model: SINet) -> str:
    """(1, classes, H, W)."""
    decoder, layout = model.decoder, Layout(np.arange(model.classes), model.classes)
    deep, local = write_encoder(graph, model.encoder, "frame")
    scale, shift = affine(decoder.norm_coarse)
    weight = array(model.encoder.head.weight)[:, :, 0, 0] * scale[:, None]
    logits = write_enlarged(graph, write_pointwise(graph, deep, weight, shift, layout))
    logits = write_opened(graph, logits, decoder.local, local[0], layout)
    scale, shift = affine(decoder.norm_fine)
    logits = graph.node("Add", graph.node("Mul", logits, by_plane(graph, scale)), by_plane(graph, shift))
    logits = write_enlarged(graph, logits)
    kernel = array(decoder.head.weight)
    if len(local) == 1:
        return graph.conv(graph.enlarge(logits, 2), kernel)
    logits = write_opened(graph, logits, decoder.local_2, local[1], layout)
    # One transposed convolution predicts each pixel's four quarters, in a third of the time of rearranging them afterwards.
    quarters = kernel.reshape(model.classes, 2, 2, model.classes).transpose(3, 0, 1, 2)
    columns = graph.constant(quarters.astype(np.float32))
    return graph.enlarge(graph.node("ConvTranspose", logits, columns, strides=[2, 2], kernel_shape=[2, 2]), 2)


def write_opened(graph: Graph, logits: str, local: ConvNormAct, detail: list[Blocked], layout: Layout) -> str:
    """Add local detail to the logits where no class is likely, as model.opened() does."""
    channels = graph.shape(1)
    over = graph.node("Sub", logits, graph.node("ReduceMax", logits, channels))
    total = graph.node("ReduceSum", graph.node("Exp", over), channels)
    unsure = graph.node("Sub", graph.constant(np.array(1, np.float32)), graph.node("Reciprocal", total))
    scale, shift = affine(local.norm)
    weight = array(local.conv.weight)[:, :, 0, 0] * scale[:, None]
    seen = write_pointwise(graph, detail, weight, shift, layout, slope_of(local.act))
    return graph.node("Add", logits, graph.node("Mul", seen, unsure))


def by_plane(graph: Graph, values: Array) -> str:
    return graph.constant(values.astype(np.float32)[None, :, None, None])
