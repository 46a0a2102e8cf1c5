"""General segmentation by command: a small real training, its scores, its ONNX file, and what is said of bad input."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from sinet_core import LabelSegmenter
from sinet_core.training.labels.classes import NAMED, classes_of
from sinet_core.training.labels.data import read_labelled
from sinet_core.training.labels.facts import facts_of
from sinet_core.training.labels.labels import STAGES, main, stages_of
from sinet_core.training.labels.score import labels_of, report, sheet_entries
from sinet_core.training.model.checkpoint import load_model
from tests.drawn_shapes import SHAPES, STREET, save, shapes, write_beside, write_cityscapes


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(photos, run): three levels, for a minute's worth of steps in a few seconds."""
    data, run = tmp_path_factory.mktemp("shapes"), tmp_path_factory.mktemp("run")
    write_beside(data, "train", shapes(48, 0))
    write_beside(data, "val", shapes(12, 1))
    words = ["train", "--data", str(data), "--into", str(run), "--classes", ",".join(SHAPES), "--levels", "3"]
    words += [
        "--stage",
        "40",
        "8",
        "32",
        "64",
        "--stage",
        "20",
        "8",
        "64",
        "64",
        "--rate",
        "0.01",
        "--area",
        "4096",
    ]
    assert main([*words, "--scales", "0.8", "1.3", "--workers", "0", "--every", "30"]) == 0
    return data, run


def test_training_by_command_learns_classes_that_it_is_then_seen_to_know(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = trained
    scores, sheet = tmp_path / "scores.json", tmp_path / "sheet.png"
    words = [
        "evaluate",
        str(run / "labels.pt"),
        "--data",
        str(data),
        "--json",
        str(scores),
        "--sheet",
        str(sheet),
    ]
    assert main(words) == 0
    figures, facts = json.loads(scores.read_text()), facts_of(run / "labels.pt")
    assert facts["classes"] == list(SHAPES)
    assert figures["mean IoU"] == pytest.approx(facts["validation"]["mean_iou"])
    assert figures["blind mean IoU"] < 0.3
    assert figures["mean IoU"] > 0.6
    assert all(figures[name] > 0.45 for name in SHAPES)
    assert f"{figures['disc']:.4f}" in capsys.readouterr().out
    assert cv2.imread(str(sheet)) is not None
    entries = sheet_entries(
        lambda frame: frame[:, :, 0] % 3,
        shapes(9, 2),
        classes_of(SHAPES, cityscapes=False),
        answers_only=True,
    )
    assert [len(pictures) for _, pictures in entries] == [1] * 9
    assert len(np.unique(entries[1][1][0].reshape(-1, 3), axis=0)) == 3


def test_the_exported_file_says_what_the_network_says_with_names_and_colours(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    data, run = trained
    target = tmp_path / "shapes.onnx"
    assert main(["export", str(run / "labels.pt"), str(target)]) == 0
    assert main(["evaluate", str(target), "--data", str(data), "--json", str(tmp_path / "scores.json")]) == 0
    figures = json.loads((tmp_path / "scores.json").read_text())
    assert figures["mean IoU"] == pytest.approx(
        facts_of(run / "labels.pt")["validation"]["mean_iou"], abs=0.002
    )
    assert figures["photos a second"] > 0
    segmenter, model = LabelSegmenter(target), load_model(run / "labels.pt")
    assert segmenter.names == list(SHAPES)
    for example in read_labelled(data, "val", classes_of(SHAPES, cityscapes=False))[:3]:
        frame = cv2.resize(example.frame, (100, 90))
        labels = segmenter(frame)
        assert labels.shape == frame.shape[:2]
        assert labels.dtype == np.uint8
        assert (labels == labels_of(model, frame, 4096)).mean() > 0.999
        assert len(np.unique(labels)) == 3
    painted = segmenter.painted(labels)
    assert painted[labels == 1][0].tolist() == segmenter.colours[1].tolist()
    assert len(np.unique(segmenter.colours, axis=0)) == 3


def test_a_folder_in_cityscapes_layout_trains_the_four_level_network(tmp_path: Path) -> None:
    for part, seed in (("train", 0), ("val", 1)):
        write_cityscapes(tmp_path / "city", part, shapes(4, seed, size=128))
    words = [
        "train",
        "--data",
        str(tmp_path / "city"),
        "--into",
        str(tmp_path / "run"),
        "--classes",
        ",".join(STREET),
    ]
    words += ["--stage", "2", "2", "128", "128", "--area", str(128 * 128), "--workers", "0"]
    assert main(words) == 0
    model = load_model(tmp_path / "run" / "labels.pt")
    assert (model.levels, model.classes) == (4, 3)
    assert main(["evaluate", str(tmp_path / "run" / "labels.pt"), "--data", str(tmp_path / "city")]) == 0


def test_the_rate_falls_over_all_stages_without_a_jump() -> None:
    stages = stages_of(STAGES, 3e-3)
    assert stages[0].rate == pytest.approx(3e-3)
    assert stages[1].rate == pytest.approx(stages[0].rate * stages[0].end)
    assert stages[1].rate * stages[1].end == pytest.approx(3e-5)


def write_one(root: Path, labels: np.ndarray) -> None:
    for part in ("train", "val"):
        save(root / part / "0.webp", np.zeros((32, 32, 3), np.uint8))
        save(root / part / "0.png", labels)


HALVES = np.repeat(np.arange(2, dtype=np.uint8), 16)[:, None].repeat(32, 1)


@pytest.mark.parametrize(
    ("labels", "classes", "reason"),
    [
        (HALVES + 2, "a,b,c", "0.png has class 3, but there are 3 classes, 0 … 2."),
        (np.zeros((32, 32, 3), np.uint8), "a,b", "one channel of 8 bits"),
        (HALVES[:16], "a,b", "0.webp and its label map have different sizes, 32 × 32 and 32 × 16."),
        (HALVES, "a,b,c", "No photo to learn from shows the class c"),
        (HALVES, "a", "at least two classes"),
        (HALVES, "a,a", "The class a is named twice."),
        (HALVES, "a,b", "multiples of 128"),
    ],
)
def test_what_cannot_be_learned_from_costs_one_sentence_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: np.ndarray, classes: str, reason: str
) -> None:
    write_one(tmp_path, labels)
    words = ["train", "--data", str(tmp_path), "--into", str(tmp_path / "run"), "--classes", classes]
    assert main([*words, "--stage", "1", "1", "32", "32"]) == 1
    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_an_empty_folder_and_a_checkpoint_without_facts_cost_one_sentence_too(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone.pt"
    alone.write_bytes((trained[1] / "labels.pt").read_bytes())
    for words in (
        ["train", "--data", str(tmp_path), "--into", str(tmp_path / "run")],
        ["evaluate", str(alone), "--data", str(trained[0])],
        ["export", str(alone), str(tmp_path / "alone.onnx")],
    ):
        assert main(words) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "alone.onnx").exists()


def test_a_report_says_what_a_blind_answer_would_get() -> None:
    table = np.array([[60, 0, 0], [10, 20, 0], [0, 0, 10]])
    figures = report(table, SHAPES)
    assert figures["ground"] == pytest.approx(60 / 70)
    assert figures["disc"] == pytest.approx(20 / 30)
    assert figures["mean IoU"] == pytest.approx((60 / 70 + 20 / 30 + 1) / 3)
    assert figures["pixels right"] == pytest.approx(0.9)
    assert figures["blind mean IoU"] == pytest.approx(0.6 / 3)


def test_the_named_sets_of_classes_have_the_sizes_of_their_benchmarks() -> None:
    assert {name: len(classes) for name, classes in NAMED.items()} == {"camvid": 11, "cityscapes": 19}
