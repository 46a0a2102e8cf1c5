"""The weights that ship: what they were exported from, that the graph equals the network, and how good they are."""

import json

import numpy as np
import onnx
import pytest

from backdrop.cameras.demo import DemoCamera
from sinet_core import Segmenter, metrics
from sinet_core.segmenter import hash_path, shipped_weights
from sinet_core.training.export.export import check
from sinet_core.training.model.checkpoint import file_hash, load_model
from sinet_core.training.model.model import parameter_count
from sinet_core.training.scenes.data import split_portraits
from tests import ROOT

WEIGHTS = ROOT / "weights"


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter.load()


def test_the_graph_that_ships_equals_the_network_of_the_checkpoint_that_ships():
    model = load_model(WEIGHTS / "sinet.pt")
    assert parameter_count(model) == 86_910
    assert check(onnx.load(shipped_weights()), model, tolerance=1e-3) < 1e-3


def test_the_files_name_each_other_by_hash(segmenter):
    told = json.loads((WEIGHTS / "sinet.json").read_text())["sha256"]
    assert told == file_hash(WEIGHTS / "sinet.pt") == segmenter.metadata["backdrop.checkpoint_sha256"]


def test_the_hash_that_ships_is_that_of_the_weights_that_ship():
    assert hash_path(shipped_weights()).read_text() == f"{file_hash(shipped_weights())}  sinet.onnx\n"


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
    _, held_out = split_portraits(shared / "data" / "eg1800-train")
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
