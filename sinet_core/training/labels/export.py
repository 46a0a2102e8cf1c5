"""Exports a checkpoint of labels to the ONNX file that LabelSegmenter runs, and compares both before writing it."""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper

from sinet_core.label_segmenter import CONTRACT
from sinet_core.segmenter import create_session
from sinet_core.training.export.export import TOLERANCE, ExportError, probe_frame, write
from sinet_core.training.export.labelled import label_graph
from sinet_core.training.labels.facts import facts_of
from sinet_core.training.model.checkpoint import file_hash, load_model
from sinet_core.training.model.model import SINet, normalise


@torch.no_grad()
def check(graph: onnx.ModelProto, model: SINet, answer: str, tolerance: float = TOLERANCE) -> float:
    """The largest difference between the graph and the network in torch, at two sizes. Raises ExportError above the tolerance.

    For "probabilities" it is a difference of probabilities; for "labels", how much likelier another class is in torch.
    """
    network, worst = graph.SerializeToString(), 0.0
    for high, wide in ((1, 2), (3, 2)):
        size = high * model.multiple, wide * model.multiple
        frame = probe_frame(*size)
        expected = model(normalise(torch.from_numpy(frame))).softmax(dim=1).numpy()
        answered = create_session(network, 1, size).run([answer], {"frame": frame})[0]
        if answer == "labels":
            chosen = np.take_along_axis(expected, answered[:, None].astype(np.int64), axis=1)
            difference = expected.max(axis=1, keepdims=True) - chosen
        else:
            difference = np.abs(answered - expected)
        worst = max(worst, float(difference.max()))
    if not worst <= tolerance:
        raise ExportError(
            f"The graph differs from the network by {worst:.2g}, which is more than {tolerance}."
        )
    return worst


def export_labels(checkpoint: Path, target: Path, answer: str = "labels", area: int | None = None) -> float:
    """Write the ONNX file and its hash. Returns check()'s difference. Raises ExportError or ValueError, and writes nothing then.

    answer: see label_graph(). area: about how many pixels LabelSegmenter's input has, instead of the checkpoint's number.
    """
    model, facts = load_model(checkpoint), facts_of(checkpoint)
    graph = label_graph(model, answer)
    difference = check(graph, model, answer)
    classes = [
        {"name": name, "colour": colour}
        for name, colour in zip(facts["classes"], facts["colours"], strict=True)
    ]
    helper.set_model_props(
        graph,
        {
            "backdrop.contract": CONTRACT,
            "backdrop.input": f"frame: uint8 (1, H, W, 3), BGR, H and W multiples of {model.multiple}",
            "backdrop.output": "labels: uint8 (1, H, W), the likeliest class"
            if answer == "labels"
            else "probabilities: float32 (1, classes, H, W)",
            "backdrop.classes": json.dumps(classes),
            "backdrop.input_area": str(area or facts["area"]),
            "backdrop.multiple": str(model.multiple),
            "backdrop.checkpoint_sha256": file_hash(checkpoint),
            "backdrop.training_data": ", ".join(facts.get("data", [])) or "not stated",
            "backdrop.scores": json.dumps(facts.get("validation", {})),
        },
    )
    write(graph, target)
    return difference
