"""General segmentation: folders of label maps, the loss that leaves unknown pixels out, and a small real training."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sinet_core.training.labels.data import IGNORED, Labelled, batch_of, changed, label_files, read_labelled
from sinet_core.training.labels.labels import label_band, label_loss, main, report, train
from sinet_core.training.labels.scenes import CLASSES, SIZE, divided, make_scene, write_scenes
from sinet_core.training.learn.recipe import Recipe, Stage
from sinet_core.training.scenes.data import Pair, TrainingData

SHAPES = ("ground", "disc", "square")


def shapes(count: int, seed: int) -> list[Labelled]:
    """Photos of 64 × 64 with a reddish disc and a bluish square on a greyish ground, each in many shades."""
    rng = np.random.default_rng(seed)
    examples = []
    for index in range(count):
        frame = np.full((64, 64, 3), rng.uniform(60, 180), np.float64)
        labels = np.zeros((64, 64), np.uint8)
        x, y = (int(place) for place in rng.integers(12, 52, 2))
        cv2.circle(labels, (x, y), int(rng.integers(9, 14)), 1, -1)
        x, y = (int(place) for place in rng.integers(4, 44, 2))
        cv2.rectangle(labels, (x, y), (x + 16, y + 16), 2, -1)
        frame[labels == 1] += rng.uniform(40, 90) * np.array([-0.5, -0.2, 1])
        frame[labels == 2] += rng.uniform(40, 90) * np.array([1, -0.2, -0.5])
        frame += rng.normal(0, 6, frame.shape)
        examples.append(Labelled(f"{index:03}", np.clip(frame, 0, 255).astype(np.uint8), labels))
    return examples


def write(examples: list[Labelled], folder: Path) -> Path:
    folder.mkdir()
    for example in examples:
        cv2.imwrite(str(folder / f"{example.name}.png"), example.frame)
        cv2.imwrite(str(folder / f"{example.name}.label.png"), example.labels)
    return folder


def test_training_by_command_learns_classes_that_it_is_then_seen_to_know(tmp_path: Path, capsys) -> None:
    training, validation = (
        write(shapes(48, 0), tmp_path / "train"),
        write(shapes(12, 1), tmp_path / "validation"),
    )
    run, scores, sheet = tmp_path / "run", tmp_path / "scores.json", tmp_path / "sheet.png"
    arguments = [
        "train",
        "--data",
        str(training),
        "--validation",
        str(validation),
        "--classes",
        ",".join(SHAPES),
    ]
    arguments += [
        "--run",
        str(run),
        "--size",
        "64x64",
        "--steps",
        "60",
        "--batch",
        "8",
        "--rate",
        "0.015",
        "--every",
        "30",
    ]
    assert main(arguments) == 0
    facts = json.loads((run / "labels.json").read_text())
    assert facts["classes"] == list(SHAPES)
    assert len(facts["mean IoU on the way"]) == 2
    arguments = [
        "evaluate",
        str(run / "labels.pt"),
        "--data",
        str(validation),
        "--json",
        str(scores),
        "--sheet",
        str(sheet),
    ]
    assert main(arguments) == 0
    figures = json.loads(scores.read_text())
    assert figures["mean IoU"] == pytest.approx(facts["mean IoU on the way"][-1])
    assert figures["blind mean IoU"] < 0.3
    assert figures["mean IoU"] > 0.6
    assert all(figures[name] > 0.45 for name in SHAPES)
    assert f"{figures['disc']:.4f}" in capsys.readouterr().out
    assert cv2.imread(str(sheet)) is not None


def test_a_training_with_the_same_seed_gives_the_same_weights() -> None:
    stages = (
        Stage("encoder", 2, 2, ((32, 32),), 1e-3),
        Stage("whole", 2, 2, ((32, 32),), 1e-3),
    )
    runs = [train(Recipe(stages, seed=3), 3, shapes(4, 0), shapes(2, 1), every=4) for _ in range(2)]
    first, second = (average.state_dict() for average, _ in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert runs[0][1] == runs[1][1]


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    examples = shapes(6, 0)
    batches = [batch_of(examples, (32, 64), 4, seed=1, step=step) for step in (5, 5, 6)]
    assert batches[0][0].shape == (4, 32, 64, 3)
    assert batches[0][1].shape == (4, 32, 64)
    np.testing.assert_array_equal(batches[0][0], batches[1][0])
    np.testing.assert_array_equal(batches[0][1], batches[1][1])
    assert (batches[0][0] != batches[2][0]).any()


def test_labels_stay_with_what_they_label_when_a_photo_is_changed() -> None:
    frame = np.full((60, 80, 3), 60, np.uint8)
    labels = np.zeros((60, 80), np.uint8)
    frame[10:40, 15:50], labels[10:40, 15:50] = 160, 2
    for seed in range(10):
        example = changed(Labelled("", frame, labels), (96, 96), np.random.default_rng(seed))
        if (example.labels == 2).any():
            assert set(np.unique(example.labels)) <= {0, 2}
            bright = example.frame.astype(float).mean(axis=2) > np.mean(
                [example.frame.min(), example.frame.max()]
            )
            assert (bright == (example.labels == 2)).mean() > 0.96


def test_label_maps_lie_beside_the_photos_or_in_a_folder_of_their_own(tmp_path: Path) -> None:
    beside, apart = write(shapes(2, 0), tmp_path / "beside"), tmp_path / "apart"
    cv2.imwrite(str(beside / "without-labels.png"), shapes(1, 2)[0].frame)
    for folder, suffix in (("images", ".png"), ("labels", ".label.png")):
        (apart / folder).mkdir(parents=True)
        for name in ("000", "001"):
            (apart / folder / f"{name}.png").write_bytes((beside / f"{name}{suffix}").read_bytes())
    assert [photo.stem for photo, _ in label_files(beside)] == ["000", "001"]
    for one, other in zip(read_labelled(beside, 3), read_labelled(apart, 3), strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)
        np.testing.assert_array_equal(one.frame, other.frame)
    with pytest.raises(FileNotFoundError, match="labels/NAME"):
        label_files(tmp_path)


def labelled_zero(folder: Path, labels: NDArray[np.uint8]) -> Path:
    folder.mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "0.png"), np.zeros((32, 32, 3), np.uint8))
    cv2.imwrite(str(folder / "0.label.png"), labels)
    return folder


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.full((32, 32), 3, np.uint8), "has class 3, but there are 3 classes"),
        (np.zeros((32, 32, 3), np.uint8), "one channel of 8 bits"),
        (np.zeros((16, 32), np.uint8), "different sizes"),
    ],
)
def test_a_label_map_that_cannot_be_used_is_named(
    tmp_path: Path, labels: NDArray[np.uint8], reason: str
) -> None:
    with pytest.raises(ValueError, match=rf"0\.(label\.)?png.*{reason}"):
        list(read_labelled(labelled_zero(tmp_path / "photos", labels), 3))


def test_a_folder_that_cannot_be_used_costs_one_line_and_exit_1(tmp_path: Path, capsys) -> None:
    nothing = [
        "--data",
        str(tmp_path),
        "--validation",
        str(tmp_path),
        "--classes",
        "a,b",
        "--run",
        str(tmp_path / "run"),
    ]
    assert main(["train", *nothing]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_unknown_pixels_do_not_change_the_loss() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(1, 3, 32, 32), torch.zeros(1, 32, 32, dtype=torch.int64)
    labels[:, :, 16:] = 1
    labels[:, :4] = IGNORED
    loss = label_loss(logits, labels, 5)
    logits[:, :, :4] += 10 * torch.randn(1, 3, 4, 32)
    assert torch.equal(label_loss(logits, labels, 5), loss)
    logits[:, 0, 16] += 5
    assert not torch.equal(label_loss(logits, labels, 5), loss)
    assert label_loss(logits, torch.full_like(labels, IGNORED), 5) == 0


def test_the_band_lies_where_classes_meet() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.int64)
    labels[:, :, 8:] = 2
    assert label_band(labels, 5)[0, 3].nonzero().flatten().tolist() == [6, 7, 8, 9]
    assert not label_band(torch.ones_like(labels), 5).any()


def test_a_report_says_what_a_blind_answer_would_get() -> None:
    table = np.array([[60, 0, 0], [10, 20, 0], [0, 0, 10]])
    figures = report(table, SHAPES)
    assert figures["ground"] == pytest.approx(60 / 70)
    assert figures["disc"] == pytest.approx(20 / 30)
    assert figures["mean IoU"] == pytest.approx((60 / 70 + 20 / 30 + 1) / 3)
    assert figures["pixels right"] == pytest.approx(0.9)
    assert figures["blind mean IoU"] == pytest.approx(0.6 / 3)


@pytest.fixture
def people_and_rooms() -> TrainingData:
    """Twenty people, discs of skin on grey, and twenty rooms of noise."""
    rng = np.random.default_rng(0)
    rooms = [rng.integers(0, 256, (160, 160, 3), np.uint8) for _ in range(20)]
    people = []
    for index in range(20):
        alpha = np.zeros((120, 100), np.uint8)
        cv2.ellipse(alpha, (50, 120), (40, 90), 0, 0, 360, 255, -1)
        frame = np.full((120, 100, 3), 90, np.uint8)
        frame[alpha > 0] = (110, 140, 200)
        people.append(Pair("lfw", f"{index:02}", frame, alpha))
    return TrainingData({"lfw": people}, {"rooms": rooms})


def test_scenes_with_things_have_every_class_and_come_out_the_same_each_time(
    people_and_rooms: TrainingData,
) -> None:
    seen = set()
    for index in range(12):
        frame, labels = make_scene(people_and_rooms, np.random.default_rng(index))
        again, same = make_scene(people_and_rooms, np.random.default_rng(index))
        assert (frame.shape, labels.shape) == ((*SIZE, 3), SIZE)
        np.testing.assert_array_equal(frame, again)
        np.testing.assert_array_equal(labels, same)
        seen |= set(np.unique(labels).tolist())
    assert seen == set(range(len(CLASSES)))


def test_scenes_are_written_as_they_are_read_and_from_photos_that_training_does_not_have(
    tmp_path: Path, people_and_rooms: TrainingData
) -> None:
    learning, held_back = divided(people_and_rooms)
    names = [{pair.name for pair in part.people["lfw"]} for part in (learning, held_back)]
    assert names[1] == {"00", "07", "14"}
    assert len(names[0]) == 17
    assert not names[0] & names[1]
    write_scenes(learning, tmp_path / "train", 3, seed=0)
    assert [example.name for example in read_labelled(tmp_path / "train", len(CLASSES))] == [
        "00000",
        "00001",
        "00002",
    ]
