"""Scoring networks on photos: over toy networks whose mistakes are known beforehand."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from sinet_core.matting.detail import LARGER
from sinet_core.matting.guided_upsampling import guided_upsample
from sinet_core.segmenter import input_size
from sinet_core.training.evaluate.contact_sheet import INVENTED, MISSED, contact_sheet, overlay
from sinet_core.training.evaluate.evaluate import photos as main
from sinet_core.training.evaluate.evaluate import sheet_of, unique_names
from sinet_core.training.evaluate.networks import NetworkError, load_scored_network
from sinet_core.training.evaluate.scores import evaluate, rows
from sinet_core.training.model.checkpoint import save_weights
from sinet_core.training.model.model import SINet
from tests.toy_network import write_toy_network

HEIGHT, WIDTH = 96, 128


def write_photo(folder: Path, name: str, person: slice, said: slice) -> None:
    """A photo that the toy network sees a person in at the columns `said`, while there is one at `person`."""
    folder.mkdir(exist_ok=True)
    frame = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
    frame[:, said] = 235
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[:, person] = 255
    cv2.imwrite(str(folder / f"{name}.webp"), frame)
    cv2.imwrite(str(folder / f"{name}.png"), alpha)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """easy: two photos that are seen as they are. hard: one of which half the person is missed, one where none is."""
    write_photo(tmp_path / "easy", "a", slice(32, 96), slice(32, 96))
    write_photo(tmp_path / "easy", "b", slice(0, 64), slice(0, 64))
    write_photo(tmp_path / "hard", "a", slice(32, 96), slice(32, 64))
    write_photo(tmp_path / "hard", "nobody", slice(0, 0), slice(0, 32))
    return tmp_path


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy_network(tmp_path / "toy.onnx")


def write_peer(path: Path, layout: str) -> Path:
    """A network with the names of a peer that answers from red alone, so that a wrong channel or layout shows."""
    nhwc = layout == "NHWC"
    shape, out_shape = ([1, 64, 64, 3], [1, 64, 64, 2]) if nhwc else ([1, 3, 64, 64], [1, 2, 64, 64])
    names = ("input_1:0", "segment:0") if nhwc else ("data", "Softmax/1")
    # Of the three channels red is the first as RGB and the last as BGR. NHWC answers logits, NCHW probabilities.
    axis, red = (3, 0) if nhwc else (1, 2)
    zero = [numpy_helper.from_array(np.array([red], np.int64), "red")]
    nodes = [
        helper.make_node("Gather", [names[0], "red"], ["level"], axis=axis),
        helper.make_node("Neg", ["level"], ["opposite"]),
        helper.make_node("Concat", ["opposite", "level"], ["both"], axis=axis),
        helper.make_node("Identity" if nhwc else "Sigmoid", ["both"], [names[1]]),
    ]
    graph = helper.make_graph(
        nodes,
        "peer",
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(names[1], TensorProto.FLOAT, out_shape)],
        zero,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def test_each_folder_gets_a_row_and_all_together_one(photos: Path, toy: Path) -> None:
    scores = evaluate(load_scored_network(toy), [photos / "easy", photos / "hard"])
    table = rows(scores)
    assert list(table) == ["easy", "hard", "all"]
    assert [table[source].photos for source in table] == [2, 2, 4]
    assert table["easy"].iou > 0.97
    assert table["hard"].iou == pytest.approx(0.25, abs=0.01)  # one half and nothing
    assert table["all"].iou == pytest.approx((table["easy"].iou + table["hard"].iou) / 2)
    assert table["hard"].mean_absolute_error == pytest.approx(0.25, abs=0.02)
    assert table["easy"].calibration_error < 0.02 < table["hard"].calibration_error


def test_the_command_prints_a_table_and_writes_the_same_as_json(photos: Path, toy: Path, capsys) -> None:
    asked = f"{toy} --data {photos}/easy {photos}/hard --json {photos}/scores.json"
    assert main(asked.split()) == 0
    lines = capsys.readouterr().out.splitlines()
    report = json.loads((photos / "scores.json").read_text())["photos"]["toy"]
    assert len(lines) == 2 + 3
    assert f"{report['rows']['hard']['iou']:.4f}" in lines[3]
    assert [photo["name"] for photo in report["photos"]["hard"]] == ["a", "nobody"]
    assert report["photos"]["hard"][1]["iou"] == 0


def test_the_sheet_shows_the_worst_photo_first_with_its_mistakes_in_colour(photos: Path, toy: Path) -> None:
    sheet = photos / "worst.png"
    assert main([str(toy), "--data", str(photos / "easy"), str(photos / "hard"), "--sheet", str(sheet)]) == 0
    picture = cv2.imread(str(sheet))
    assert picture is not None
    # Four tiles of 200 pixels, twice side by side: frame, truth, alpha, overlay. The worst photo's person is invented
    # (blue), the second one's half missed (red).
    worst, second = (picture[22:172, left : left + 200].astype(int) for left in (600, 1400))
    for tile, painted, other in ((worst, 0, 2), (second, 2, 0)):
        assert (tile[:, :, painted] - tile[:, :, other]).max() > 80
        assert (tile[:, :, other] - tile[:, :, painted]).max() < 20


def test_an_overlay_paints_only_mistakes() -> None:
    frame = np.zeros((40, 40, 3), np.uint8)
    truth = np.zeros((40, 40), np.uint8)
    truth[:, :20] = 255
    alpha = np.zeros((40, 40), np.float32)
    alpha[:20] = 1
    painted = overlay(frame, truth, alpha)
    assert painted[:20, :20].max() == painted[20:, 20:].max() == 0
    assert painted[30, 10].tolist() == [int(0.65 * level) for level in MISSED]
    assert painted[10, 30].tolist() == [int(0.65 * level) for level in INVENTED]
    assert frame.max() == 0


def test_photos_of_any_shape_share_one_sheet() -> None:
    entries = [(f"{width} wide", [np.full((90, width, 3), 128, np.uint8)] * 4) for width in (30, 90, 700)]
    assert contact_sheet(entries).shape == (2 * 172, 1600, 3)
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_a_peer_is_fed_in_its_own_channel_order_and_layout(tmp_path: Path, layout: str) -> None:
    peer = load_scored_network(write_peer(tmp_path / "peer.onnx", layout))
    frame = np.zeros((100, 150, 3), np.uint8)
    frame[:, :75, 0], frame[:, 75:, 2] = 255, 255  # blue on the left, red on the right
    alpha = peer(frame)
    assert alpha.shape == (100, 150)
    assert alpha.dtype == np.float32
    assert peer.predict_lowres(frame).shape == (64, 64)
    assert alpha[:, 110:].min() > alpha[:, :40].max()


def test_files_that_are_no_network_are_named_with_the_reason(tmp_path: Path, toy: Path) -> None:
    broken, checkpoint, stranger = (tmp_path / name for name in ("broken.onnx", "broken.pt", "stranger.onnx"))
    broken.write_bytes(b"not a network")
    checkpoint.write_bytes(b"nor this")
    foreign = onnx.load(toy)
    del foreign.metadata_props[:]
    onnx.save(foreign, stranger)
    for path, reason in (
        (tmp_path / "gone.onnx", "no such file"),
        (broken, "ONNX"),
        (checkpoint, "checkpoint"),
        (stranger, "peer"),
    ):
        with pytest.raises(NetworkError, match=f"{path.name}.*{reason}"):
            load_scored_network(path)
    with pytest.raises(NetworkError, match="checkpoints only"):
        load_scored_network(toy, (64, 64))


def test_what_cannot_be_scored_costs_one_line_and_exit_1(photos: Path, toy: Path, capsys) -> None:
    (photos / "empty").mkdir()
    for arguments in (
        [str(toy), "--data", str(photos / "empty")],
        [str(photos / "gone.onnx"), "--data", str(photos / "easy")],
    ):
        assert main(arguments) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit, match="2"):
        main([str(toy)])


def test_networks_of_one_file_name_are_told_apart() -> None:
    for paths, names in (
        (["runs/a/last.pt", "weights/sinet.onnx"], ["last", "sinet"]),
        (["weights/sinet.pt", "weights/sinet.onnx"], ["sinet.pt", "sinet.onnx"]),
        (["runs/a/last.pt", "runs/b/last.pt", "sinet.onnx"], ["a/last.pt", "b/last.pt", "/sinet.onnx"]),
        (["1/a/last.pt", "2/a/last.pt"], ["1/a/last.pt", "2/a/last.pt"]),
    ):
        assert unique_names([Path(path) for path in paths]) == dict(zip(names, map(Path, paths), strict=True))
    assert sheet_of(Path("worst.png"), "a/last.pt", networks=2) == Path("worst-a-last.pt.png")
    assert sheet_of(Path("worst.png"), "sinet", networks=1) == Path("worst.png")


def test_a_checkpoint_of_ours_works_at_the_size_that_suits_the_frame_or_at_the_one_asked_for(
    tmp_path: Path,
) -> None:
    torch.manual_seed(0)
    path = tmp_path / "ours.pt"
    save_weights(SINet().state_dict(), path, {})
    frame = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)
    network, at_a_size = load_scored_network(path), load_scored_network(path, (64, 96))
    assert network.predict_lowres(frame).shape == input_size(360, 640)
    assert at_a_size.predict_lowres(frame).shape == (64, 96)
    assert at_a_size(frame).shape == (360, 640)
    with pytest.raises(NetworkError, match="multiples of 32"):
        load_scored_network(path, (100, 96))


def test_a_checkpoint_with_more_classes_is_refused(tmp_path: Path) -> None:
    save_weights(SINet(5).state_dict(), tmp_path / "five.pt", {})
    with pytest.raises(NetworkError, match="5 classes"):
        load_scored_network(tmp_path / "five.pt")


def test_refined_alphas_are_scored_beside_the_plain_ones(photos: Path, toy: Path, capsys) -> None:
    assert (
        main([str(toy), "--data", str(photos / "easy"), "--refine", "--sheet", str(photos / "worst.png")])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["toy", "toy, refined"]
    assert {path.name for path in photos.glob("worst*.png")} == {"worst-toy.png", "worst-toy-refined.png"}
    frame = cv2.imread(str(photos / "easy" / "a.webp"))
    assert frame is not None
    plain = load_scored_network(toy)
    refined = plain.refined()
    frame = np.asarray(frame, np.uint8)
    np.testing.assert_array_equal(plain.predict_lowres(frame), refined.predict_lowres(frame))
    np.testing.assert_array_equal(
        refined(frame), guided_upsample(plain.predict_lowres(frame), frame) / np.float32(255)
    )


def test_our_network_in_high_detail_is_scored_beside_what_it_usually_gets(
    photos: Path, toy: Path, capsys
) -> None:
    peer = write_peer(photos / "peer.onnx", "NHWC")
    asked = [str(toy), str(peer), "--data", str(photos / "easy"), "--high-detail", "--refine"]
    assert main(asked) == 0
    rows = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()[2:]]
    assert sorted(rows) == sorted(
        [f"{name}{how}" for name in ("toy", "toy, high detail", peer.stem) for how in ("", ", refined")]
    )
    plain = load_scored_network(toy)
    detailed = plain.in_high_detail()
    assert detailed is not None
    frame = np.zeros((360, 640, 3), np.uint8)
    frame[120:, 260:380] = 255
    usual, large = input_size(360, 640, 36864), input_size(360, 640, round(LARGER * 36864))
    assert plain.predict_lowres(frame).shape == (usual[0] // 2, usual[1] // 2)
    assert detailed.predict_lowres(frame).shape == (large[0] // 2, large[1] // 2)


def test_two_folders_of_one_name_are_refused(photos: Path, toy: Path) -> None:
    write_photo(photos / "deeper", "a", slice(32, 96), slice(32, 96))
    (photos / "deeper").rename(photos / "hard" / "easy")
    with pytest.raises(ValueError, match="same name"):
        evaluate(load_scored_network(toy), [photos / "easy", photos / "hard" / "easy"])
