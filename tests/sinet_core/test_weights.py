"""The weights that ship: what they were exported from, that the graph equals the network, and how good they are."""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from backdrop.cameras.demo import DemoCamera
from sinet_core import Segmenter, metrics, native
from sinet_core.instructions import instruction_set
from sinet_core.segmenter import hash_path, shipped_weights
from sinet_core.training.export.export import check
from sinet_core.training.model.checkpoint import file_hash, load_model
from sinet_core.training.model.model import parameter_count
from sinet_core.training.scenes.data import split_pairs
from tests import ROOT

WEIGHTS = ROOT / "weights"


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter.load()


@pytest.mark.parametrize("instructions", ["AVX-512", "AVX2"])
def test_each_graph_that_ships_equals_the_network_of_the_checkpoint_that_ships(instructions):
    model, path = load_model(WEIGHTS / "sinet.pt"), shipped_weights(instructions)
    assert parameter_count(model) == 86_910
    assert check(onnx.load(path), model, tolerance=1e-3) < 1e-3
    assert hash_path(path).read_text() == f"{file_hash(path)}  {path.name}\n"
    assert Segmenter.load(path).metadata["backdrop.checkpoint_sha256"] == file_hash(WEIGHTS / "sinet.pt")


def test_the_graph_with_groups_apart_ships_for_processors_without_avx_512():
    assert shipped_weights("AVX2").name == "sinet-avx2.onnx"
    assert {shipped_weights(other).name for other in ("AVX-512", "NEON", "")} == {"sinet.onnx"}
    usual, apart = (len(onnx.load(shipped_weights(name)).graph.node) for name in ("AVX-512", "AVX2"))
    assert usual < apart


def test_the_processors_instructions_are_those_that_linux_names():
    try:
        flags = set(re.findall(r"\bavx512f\b|\bavx2\b", Path("/proc/cpuinfo").read_text()))
    except OSError:
        pytest.skip("only Linux has /proc/cpuinfo")
    if flags:
        assert instruction_set() == ("AVX-512" if "avx512f" in flags else "AVX2")
    if native.version().startswith("x86-64"):
        assert native.version() == {"AVX-512": "x86-64-v4", "AVX2": "x86-64-v3"}.get(
            instruction_set(), "x86-64"
        )


def test_the_files_name_each_other_by_hash(segmenter):
    told = json.loads((WEIGHTS / "sinet.json").read_text())["sha256"]
    assert told == file_hash(WEIGHTS / "sinet.pt") == segmenter.metadata["backdrop.checkpoint_sha256"]


def test_the_metadata_names_the_training_data_and_the_scores(segmenter):
    assert "eg1800-train" in segmenter.metadata["backdrop.training_data"]
    assert "eg1800-test" not in segmenter.metadata["backdrop.training_data"]
    assert "desk-val" not in segmenter.metadata["backdrop.training_data"]
    assert json.loads(segmenter.metadata["backdrop.scores"])["portraits_iou"] > 0.9


def test_the_demos_person_is_found(segmenter):
    camera = DemoCamera(640, 360, fps=1, paced=False)
    scores = []
    for _ in range(8):
        frame = camera.read()
        scores.append(metrics.iou(segmenter(frame), camera.known_alpha()))
    assert min(scores) > 0.9


def test_portraits_that_training_left_out_are_found_as_well_as_promised(segmenter, shared):
    _, held_out = split_pairs(shared / "data" / "eg1800-train")
    assert len(held_out) == 121
    scores = [metrics.iou(segmenter(pair.frame), pair.alpha) for pair in held_out]
    assert np.mean(scores) > 0.94


@pytest.mark.parametrize(
    "colour",
    [(0, 0, 0), (128, 128, 128), (255, 255, 255), (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 0, 255)],
)
def test_a_frame_of_one_colour_is_nobody(segmenter, colour):
    """A covered lens, a wall, a screen; BGR."""
    alpha = segmenter(np.full((360, 640, 3), colour, np.uint8))
    assert np.mean(alpha > 0.5) < 0.1
