"""A checkpoint as the ONNX files that the application runs, compared with the network before they are written.

    python -m sinet_core.training export weights/sinet.pt weights/sinet.onnx
    python -m sinet_core.training export weights/sinet.pt plain.onnx --plain      what torch makes of it, to measure against

The first writes sinet.onnx and sinet-avx2.onnx, the graph that is faster on processors without AVX-512.
Each file carries its contract: uint8 BGR in, alpha out at half the size, normalisation and sigmoid inside; sizes,
opset, the checkpoint's SHA-256, the training data and the scores stand in its metadata. The export fails if ONNX Runtime
and torch differ by more than 1e-3, at two input sizes, of which training never saw one and the application by default
uses neither.
"""

import argparse
import io
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper
from torch import Tensor, nn
from torch.nn import functional as F

from sinet_core.segmenter import CONTRACT, INPUT_AREA, MULTIPLE, create_session, hash_path
from sinet_core.training.export.deployed import OPSET, deployed_graph
from sinet_core.training.model.checkpoint import file_hash, load_model
from sinet_core.training.model.model import SHRINK, SINet, normalise, parameter_count, person_logit

TOLERANCE = 1e-3
CHECKED_SIZES = ((128, 224), (256, 192))


class ExportError(Exception):
    """The graph's output differs from the network's."""


class Plain(nn.Module):
    """The network with the contract of the ONNX file, in torch: uint8 BGR (1, H, W, 3) → alpha (1, H / 2, W / 2)."""

    def __init__(self, model: SINet) -> None:
        super().__init__()
        self.model = model

    def forward(self, frame: Tensor) -> Tensor:
        logit = person_logit(self.model(normalise(frame)))
        return F.avg_pool2d(logit[:, None], SHRINK)[:, 0].sigmoid()


def plain_graph(model: SINet) -> onnx.ModelProto:
    """Torch's own export of the network, with the same contract: the baseline for speed."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls this exporter old, but the new one wants fixed sizes
        torch.onnx.export(
            Plain(model).eval(),
            (torch.zeros(1, 160, 288, 3, dtype=torch.uint8),),
            buffer,
            dynamo=False,
            opset_version=17,
            input_names=["frame"],
            output_names=["alpha"],
            dynamic_axes={"frame": {1: "height", 2: "width"}, "alpha": {1: "alpha_height", 2: "alpha_width"}},
        )
    return onnx.load_from_string(buffer.getvalue())


def probe_frame(height: int, width: int) -> NDArray[np.uint8]:
    """A frame (1, H, W, 3) uint8 with structure at every scale. It is always the same."""
    rng = np.random.default_rng(0)
    frame = np.zeros((height, width, 3))
    for cell in (1, 4, 16, 32):
        patches = rng.normal(0, 30, (height // cell, width // cell, 3))
        frame += np.kron(patches, np.ones((cell, cell, 1)))
    return np.clip(frame + 128, 0, 255).astype(np.uint8)[None]


@torch.no_grad()
def check(graph: onnx.ModelProto, model: SINet, tolerance: float = TOLERANCE) -> float:
    """The largest difference between the graph (ONNX Runtime) and the network (torch). Raises ExportError above the tolerance."""
    network, worst = graph.SerializeToString(), 0.0
    for height, width in CHECKED_SIZES:
        frame = probe_frame(height, width)
        expected = Plain(model).eval()(torch.from_numpy(frame)).numpy()
        answered = create_session(network, 1, (height, width)).run(["alpha"], {"frame": frame})[0]
        if answered.shape != expected.shape:
            raise ExportError(
                f"at {height} × {width} the graph answers {answered.shape}, the network {expected.shape}"
            )
        worst = max(worst, float(np.abs(answered - expected).max()))
    if not worst <= tolerance:
        raise ExportError(
            f"the graph differs from the network by {worst:.2g}, which is more than {tolerance}"
        )
    return worst


def metadata_of(checkpoint: Path, facts: dict[str, Any]) -> dict[str, str]:
    """The metadata of the ONNX file. facts: the content of the .json beside the checkpoint."""
    return {
        "backdrop.contract": CONTRACT,
        "backdrop.input": "frame: uint8 (1, H, W, 3), BGR, H and W multiples of 32; normalisation is inside the graph",
        "backdrop.output": "alpha: float32 (1, H / 2, W / 2) in [0, 1], 1 is all person; the sigmoid is inside the graph",
        "backdrop.input_area": str(INPUT_AREA),
        "backdrop.multiple": str(MULTIPLE),
        "backdrop.opset": str(OPSET),
        "backdrop.checkpoint_sha256": file_hash(checkpoint),
        "backdrop.training_data": ", ".join(facts.get("data", [])) or "not stated",
        "backdrop.scores": json.dumps(facts.get("scores", facts.get("validation", {}))),
    }


def export(checkpoint: Path, target: Path, *, plain: bool = False) -> None:
    """Write NAME.onnx and NAME-avx2.onnx, and beside each its SHA-256, by which it is known when it is loaded.

    Raises ExportError or ValueError, and writes nothing then.
    """
    model = load_model(checkpoint)
    graphs = {target: plain_graph(model) if plain else deployed_graph(model)}
    if not plain:
        graphs[target.with_stem(f"{target.stem}-avx2")] = deployed_graph(model, groups_apart=True)
    beside = checkpoint.with_suffix(".json")
    facts = json.loads(beside.read_text()) if beside.exists() else {}
    differences = [check(graph, model) for graph in graphs.values()]
    for (path, graph), difference in zip(graphs.items(), differences, strict=True):
        helper.set_model_props(graph, metadata_of(checkpoint, facts))
        write(graph, path)
        print(
            f"{path}: {parameter_count(model):,} parameters, differs from torch by {difference:.1e} at most"
        )


def write(graph: onnx.ModelProto, target: Path) -> None:
    """Write the ONNX file, then its hash. So an interrupted export never leaves the hash of another file."""
    hash_path(target).unlink(missing_ok=True)
    onnx.save(graph, target)
    hash_path(target).write_text(f"{file_hash(target)}  {target.name}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sinet_core.training export", description="Write the ONNX files."
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument(
        "--plain", action="store_true", help="torch's own export, to measure the deployed graph against"
    )
    options = parser.parse_args(arguments)
    try:
        export(options.checkpoint, options.target, plain=options.plain)
    except (ExportError, ValueError) as error:
        raise SystemExit(str(error)) from error
