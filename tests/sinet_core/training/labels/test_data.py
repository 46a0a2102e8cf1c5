"""Photos with label maps: the layouts of folders, classes and their numbers, and photos changed at random."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from sinet_core.label_segmenter import painted
from sinet_core.training.labels.classes import IGNORED, NAMED, classes_of
from sinet_core.training.labels.data import (
    LabelBatches,
    Labelled,
    changed,
    label_files,
    mixed,
    read_labelled,
    shares,
)
from sinet_core.training.learn.parallel import Processes
from sinet_core.training.learn.recipe import Recipe, Stage
from tests.drawn_shapes import SHAPES, STREET, save, shapes, write_annot, write_beside, write_cityscapes


@pytest.mark.parametrize(
    ("write", "names", "cityscapes"),
    [(write_beside, SHAPES, False), (write_annot, SHAPES, False), (write_cityscapes, STREET, True)],
)
def test_each_layout_is_read_as_the_same_photos_and_labels(
    tmp_path: Path, write: Callable, names: tuple[str, ...], cityscapes: bool
) -> None:
    drawn = shapes(3, 0)
    write(tmp_path, "train", drawn)
    found = read_labelled(tmp_path, "train", classes_of(names, cityscapes=cityscapes))
    by_name = {example.name.removesuffix("_leftImg8bit")[-3:]: example for example in found}
    assert by_name.keys() == {"000", "001", "002"}
    for example in drawn:
        np.testing.assert_array_equal(by_name[example.name].labels, example.labels)
        np.testing.assert_array_equal(by_name[example.name].frame, example.frame)


def test_a_photo_without_a_label_map_is_passed_over_and_a_part_without_any_is_an_error(
    tmp_path: Path,
) -> None:
    write_beside(tmp_path, "train", shapes(2, 0))
    save(tmp_path / "train" / "without.webp", shapes(1, 2)[0].frame)
    assert [photo.stem for photo, _ in label_files(tmp_path, "train")] == ["000", "001"]
    with pytest.raises(FileNotFoundError, match="holds no part test"):
        label_files(tmp_path, "test")


def test_camvids_void_and_what_cityscapes_does_not_score_count_as_unknown() -> None:
    stored = np.array([[0, 10, 11, 255]], np.uint8)
    camvid = classes_of(("sky", *"bcdefghij", "k"), cityscapes=False)
    with pytest.raises(ValueError, match="has class 11, but there are 11 classes"):
        camvid.numbered(stored)
    assert classes_of(NAMED["camvid"], cityscapes=False).numbered(stored).tolist() == [
        [0, 10, IGNORED, IGNORED]
    ]
    streets = classes_of(("car", "road"), cityscapes=True)
    assert streets.numbered(np.array([[7, 26, 0, 33]], np.uint8)).tolist() == [[1, 0, IGNORED, IGNORED]]
    with pytest.raises(ValueError, match="Cityscapes has no class cloud"):
        classes_of(("car", "cloud"), cityscapes=True)


def test_shares_add_up_without_the_unknown() -> None:
    labels = np.array([[0, 0, 0, 1], [1, 2, IGNORED, IGNORED]], np.uint8)
    share = shares(
        [Labelled("", np.zeros((2, 4, 3), np.uint8), labels)], classes_of(SHAPES, cityscapes=False)
    )
    np.testing.assert_allclose(share, [3 / 6, 2 / 6, 1 / 6])


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    batches = LabelBatches(
        shapes(6, 0), Recipe((Stage("", 9, 4, ((32, 64),), 1e-3),), 1), Processes(), (0.8, 1.5)
    )
    first, again, other = batches[5], batches[5], batches[6]
    assert (first.frames.shape, first.alphas.shape) == ((4, 32, 64, 3), (4, 32, 64))
    np.testing.assert_array_equal(first.frames, again.frames)
    np.testing.assert_array_equal(first.alphas, again.alphas)
    assert (first.frames != other.frames).any()


def test_labels_stay_with_what_they_label_when_a_photo_is_changed() -> None:
    frame, labels = np.full((60, 80, 3), 60, np.uint8), np.zeros((60, 80), np.uint8)
    frame[10:40, 15:50], labels[10:40, 15:50] = 160, 2
    seen = 0
    for seed in range(10):
        example = changed(Labelled("", frame, labels), (96, 96), (1.5, 3.0), np.random.default_rng(seed))
        if len(np.unique(example.labels)) == 2:
            middle = np.mean([example.frame.min(), example.frame.max()])
            assert ((example.frame.mean(axis=2) > middle) == (example.labels == 2)).mean() > 0.96
            seen += 1
    assert seen > 5


def test_scales_say_how_large_things_become() -> None:
    labels = np.zeros((200, 200), np.uint8)
    cv2.rectangle(labels, (80, 80), (119, 119), 1, -1)
    example = Labelled("", np.zeros((200, 200, 3), np.uint8), labels)
    for scale in (0.7, 2.0):
        areas = [
            int(changed(example, (128, 128), (scale, scale), np.random.default_rng(seed)).labels.sum())
            for seed in range(8)
        ]
        assert max(areas) == pytest.approx((40 * scale) ** 2, rel=0.25)


def test_a_label_map_is_painted_in_its_colours_and_the_unknown_black() -> None:
    picture = painted(np.array([[0, 1, IGNORED]], np.uint8), np.array([[0, 0, 255], [9, 0, 0]], np.uint8))
    assert picture.tolist() == [[[0, 0, 255], [9, 0, 0], [0, 0, 0]]]


def test_half_of_the_windows_show_a_class_that_is_rare() -> None:
    labels = np.zeros((400, 400), np.uint8)
    labels[390:, 390:] = 1
    example = Labelled("", np.zeros((400, 400, 3), np.uint8), labels)
    seeds = [np.random.default_rng(seed) for seed in range(200)]

    with_it = sum(bool(changed(example, (64, 64), (1.0, 1.0), rng).labels.any()) for rng in seeds)

    assert 0.2 < with_it / 200 < 0.3, "half of the half in which a class is drawn; by chance alone, 3 %"


def test_a_photo_without_any_label_still_has_windows() -> None:
    example = Labelled("", np.zeros((80, 80, 3), np.uint8), np.full((80, 80), 255, np.uint8))

    assert (changed(example, (64, 64), (1.0, 1.0), np.random.default_rng(0)).labels == 255).all()


def test_half_of_the_classes_of_a_window_are_set_before_another_with_their_own_pixels() -> None:
    behind = Labelled("", np.full((2, 4, 3), 9, np.uint8), np.full((2, 4), 7, np.uint8))
    labels = np.array([[0, 1, 2, 255], [0, 1, 2, 255]], np.uint8)
    front = Labelled("", np.repeat(labels[..., None], 3, axis=2), labels)
    kept = []
    for seed in range(30):
        made = mixed(behind, front, np.random.default_rng(seed))
        in_front = made.labels != 7
        assert in_front.any(axis=0).tolist() == in_front.all(axis=0).tolist()
        assert (made.frame[in_front] == made.labels[in_front][:, None]).all()
        assert (made.frame[~in_front] == 9).all()
        kept.append(tuple(np.unique(made.labels[in_front])))
    assert set(kept) == {(0, 1), (0, 2), (1, 2)}, "two of three classes, never what nobody labelled"


def test_nothing_is_set_before_another_window_where_nothing_is_labelled() -> None:
    behind = Labelled("", np.full((2, 4, 3), 9, np.uint8), np.full((2, 4), 7, np.uint8))
    front = Labelled("", np.zeros((2, 4, 3), np.uint8), np.full((2, 4), 255, np.uint8))

    assert (mixed(behind, front, np.random.default_rng(0)).labels == 7).all()
