"""Frame in, alpha out; and what is said of files that are no network of ours."""

import hashlib

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinet_core import Segmenter, SegmenterError, segmenter
from sinet_core.segmenter import hash_path, input_size, is_new_enough, shipped_weights
from tests.toy_network import write_toy_network

WEIGHTS = shipped_weights()


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return Segmenter.load(write_toy_network(tmp_path_factory.mktemp("toy") / "toy.onnx"))


@pytest.mark.parametrize(
    "shape", [(32, 32), (33, 47), (480, 640), (720, 1280), (1280, 720), (32, 500), (2160, 3840)]
)
def test_any_frame_from_32_by_32_up_gives_an_alpha_of_its_size(toy, shape):
    alpha = toy(np.full((*shape, 3), 255, np.uint8))
    assert alpha.shape == shape
    assert alpha.dtype == np.float32
    assert alpha.min() > 0.99
    assert alpha.max() <= 1


def test_the_alpha_lies_where_the_person_is(toy):
    frame = np.zeros((360, 640, 3), np.uint8)
    cv2.circle(frame, (200, 180), 100, (255, 255, 255), -1)
    alpha = toy(frame)
    assert alpha[180, 200] > 0.99
    assert alpha[180, 500] < 0.01
    inside = frame[:, :, 0] > 0
    assert np.mean((alpha > 0.5) == inside) > 0.99


def test_the_frame_is_not_written_to_and_may_be_a_view(toy):
    frame = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    before = frame.copy()
    assert np.array_equal(toy(frame[:, ::-1]), toy(np.ascontiguousarray(frame[:, ::-1])))
    assert np.array_equal(frame, before)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((31, 64, 3), np.uint8),
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64, 3), np.float32),
    ],
)
def test_what_is_no_frame_is_refused(toy, frame):
    with pytest.raises(ValueError, match="a frame is"):
        toy(frame)


@pytest.mark.parametrize(
    ("frame", "size"),
    [((720, 1280), (192, 320)), ((480, 640), (224, 288)), ((800, 600), (288, 224)), ((500, 500), (256, 256))],
)
def test_the_networks_size_follows_the_frames_aspect_ratio(frame, size):
    assert input_size(*frame) == size


@settings(deadline=None, max_examples=50)
@given(st.integers(32, 4000), st.floats(1 / 3, 3))
def test_the_networks_size_is_always_one_it_takes_and_within_its_budget(height, aspect):
    small_height, small_width = input_size(height, max(32, round(height * aspect)))
    assert small_height % 32 == 0
    assert small_width % 32 == 0
    assert 46_000 <= small_height * small_width <= 78_000


def test_a_share_of_the_area_gives_a_smaller_alpha_of_the_same_person(toy):
    frame = np.zeros((360, 640, 3), np.uint8)
    cv2.circle(frame, (200, 180), 100, (255, 255, 255), -1)
    whole, part = toy.predict_lowres(frame), toy.predict_lowres(frame, 0.6)
    assert 0.4 * whole.size <= part.size <= 0.8 * whole.size
    enlarged = cv2.resize(part, whole.shape[::-1])
    assert np.mean((enlarged > 0.5) == (whole > 0.5)) > 0.97


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SegmenterError, match=r"gone\.onnx: there is no such file"):
        Segmenter.load(tmp_path / "gone.onnx")


@pytest.mark.parametrize("keep", [0, 1, 200, -40])
def test_a_truncated_file_is_named(tmp_path, keep):
    whole = write_toy_network(tmp_path / "whole.onnx").read_bytes()
    (tmp_path / "cut.onnx").write_bytes(whole[:keep])
    with pytest.raises(SegmenterError, match=r"cut\.onnx: "):
        Segmenter.load(tmp_path / "cut.onnx")


def test_a_file_that_is_something_else_is_named(tmp_path):
    (tmp_path / "letter.onnx").write_text("Dear Sir or Madam,\n" * 100)
    with pytest.raises(SegmenterError, match=r"letter\.onnx: not an ONNX file"):
        Segmenter.load(tmp_path / "letter.onnx")


def test_a_foreign_network_is_refused_with_the_reason(tmp_path):
    model = onnx.load(write_toy_network(tmp_path / "toy.onnx"))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "foreign.onnx")
    with pytest.raises(SegmenterError, match=r"foreign\.onnx: .*backdrop\.contract"):
        Segmenter.load(tmp_path / "foreign.onnx")


@pytest.mark.parametrize("value", ["", "0", "many"])
def test_a_contract_without_an_input_area_is_refused(tmp_path, value):
    path = write_toy_network(tmp_path / "toy.onnx", metadata={"backdrop.input_area": value})
    with pytest.raises(SegmenterError, match=r"backdrop\.input_area"):
        Segmenter.load(path)


def test_a_network_with_other_inputs_is_refused(tmp_path):
    model = onnx.load(write_toy_network(tmp_path / "toy.onnx"))
    model.graph.input[0].name = model.graph.node[0].input[0] = "picture"
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(SegmenterError, match="no tensor\\(uint8\\) 'frame'"):
        Segmenter.load(tmp_path / "other.onnx")


def test_numbers_that_are_no_alpha_are_an_error(tmp_path):
    broken = Segmenter.load(write_toy_network(tmp_path / "nan.onnx", kind="nan"))
    with pytest.raises(SegmenterError, match=r"nan\.onnx: the network answered"):
        broken(np.zeros((64, 64, 3), np.uint8))


@pytest.mark.parametrize(
    ("version", "right"),
    [("1.26.0", False), ("1.27.0", True), ("1.32.1", True), ("2.0.0", True), ("0.9.1", False)],
)
def test_versions_of_onnx_runtime_that_compute_wrongly_are_told_apart(version, right):
    assert is_new_enough(version) is right


def test_a_file_with_another_hash_beside_it_is_refused_and_one_with_its_own_is_not(tmp_path):
    path = write_toy_network(tmp_path / "toy.onnx")
    beside = hash_path(path)
    beside.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  toy.onnx\n")
    Segmenter.load(path)
    for wrong in (f"{hashlib.sha256(b'other').hexdigest()}  toy.onnx\n", "", "no hash", "ÿ"):
        beside.write_text(wrong)
        with pytest.raises(SegmenterError, match=r"toy\.onnx: damaged or exchanged"):
            Segmenter.load(path)


def test_the_weights_that_ship_are_refused_without_their_hash(tmp_path, monkeypatch):
    copy = tmp_path / "sinet.onnx"
    copy.write_bytes(segmenter.shipped_weights().read_bytes())
    monkeypatch.setattr(segmenter, "shipped_weights", lambda: copy)
    with pytest.raises(SegmenterError, match=r"its hash cannot be read from sinet\.onnx\.sha256"):
        Segmenter.load()
    hash_path(copy).write_bytes(hash_path(WEIGHTS).read_bytes())
    Segmenter.load()
