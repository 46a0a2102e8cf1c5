"""LabelSegmenter on a small real network, and what is said of files that are none of its own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from sinet_core import LabelSegmenter, SegmenterError
from sinet_core.training.labels.export import export_labels
from sinet_core.training.model.checkpoint import save_weights
from sinet_core.training.model.model import SINet, keep_deployable
from tests.toy_network import write_toy_network


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained, with three classes."""
    folder = tmp_path_factory.mktemp("exported")
    model = SINet(3)
    keep_deployable(model)
    facts = {"classes": ["a", "b", "c"], "colours": [[255, 0, 0], [0, 255, 0], [0, 0, 255]], "area": 64 * 96}
    save_weights(model.state_dict(), folder / "labels.pt", facts)
    export_labels(folder / "labels.pt", folder / "labels.onnx")
    return folder / "labels.onnx"


@pytest.mark.parametrize("shape", [(32, 32), (90, 100), (33, 400), (720, 1280)])
def test_any_frame_gets_a_class_a_pixel(exported: Path, shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    labels = LabelSegmenter(exported)(frame)
    assert labels.shape == shape
    assert labels.dtype == np.uint8
    assert labels.max() < 3


def test_what_is_no_frame_is_refused(exported: Path) -> None:
    segmenter = LabelSegmenter(exported)
    frames: list[Any] = [
        np.zeros((31, 64, 3), np.uint8),
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 3), np.float32),
    ]
    for frame in frames:
        with pytest.raises(ValueError, match="a frame is"):
            segmenter(frame)


def test_names_and_colours_stand_in_the_file(exported: Path) -> None:
    segmenter = LabelSegmenter(str(exported))
    assert segmenter.names == ["a", "b", "c"]
    assert segmenter.painted(np.array([[0, 2, 9]], np.uint8)).tolist() == [
        [[0, 0, 255], [255, 0, 0], [0, 0, 0]]
    ]


def with_metadata(exported: Path, target: Path, **changed: str) -> Path:
    model = onnx.load(exported)
    known = {one.key: one.value for one in model.metadata_props}
    onnx.helper.set_model_props(model, known | {f"backdrop.{key}": value for key, value in changed.items()})
    onnx.save(model, target)
    return target


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("contract", "2", r"backdrop\.contract = labels-1"),
        ("multiple", "0", r"no backdrop\.multiple"),
        ("classes", "a, b, c", r"backdrop\.classes does not list names and colours"),
        ("classes", json.dumps([{"name": "a"}]), r"backdrop\.classes does not list"),
        ("classes", json.dumps([{"name": "a", "colour": [256, 0, 0]}]), r"backdrop\.classes does not list"),
        ("classes", json.dumps([{"name": "a", "colour": [1, 2]}]), r"backdrop\.classes does not list"),
        (
            "classes",
            json.dumps([{"name": "a", "colour": [0, 0, 0]}] * 257),
            r"backdrop\.classes does not list",
        ),
        ("classes", "[]", r"backdrop\.classes does not list"),
        ("classes", "[" * 100_000, r"backdrop\.classes does not list"),
        ("multiple", "²", r"no backdrop\.multiple"),
        ("input_area", "9" * 5000, r"no backdrop\.input_area"),
    ],
)
def test_a_file_with_other_metadata_is_refused(
    exported: Path, tmp_path: Path, key: str, value: str, reason: str
) -> None:
    with pytest.raises(SegmenterError, match=rf"other\.onnx: .*{reason}"):
        LabelSegmenter(with_metadata(exported, tmp_path / "other.onnx", **{key: value}))


def test_classes_without_a_name_are_an_error(exported: Path, tmp_path: Path) -> None:
    few = json.dumps([{"name": "a", "colour": [0, 0, 0]}])
    segmenter = LabelSegmenter(with_metadata(exported, tmp_path / "few.onnx", classes=few))
    with pytest.raises(SegmenterError, match=r"few\.onnx: the network answered .* up to class [12]"):
        segmenter(np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8))


def test_a_network_of_people_a_missing_and_a_damaged_file_are_refused(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(SegmenterError, match=r"toy\.onnx: .*not a network of labels"):
        LabelSegmenter(write_toy_network(tmp_path / "toy.onnx"))
    with pytest.raises(SegmenterError, match="there is no such file"):
        LabelSegmenter(tmp_path / "gone.onnx")
    (tmp_path / "cut.onnx").write_bytes(exported.read_bytes()[:-40])
    with pytest.raises(SegmenterError, match=r"cut\.onnx: "):
        LabelSegmenter(tmp_path / "cut.onnx")
