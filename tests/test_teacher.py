"""Distillation: what a teacher answers, and how much of it a pupil is asked for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sinet_core.training.batches import Batches, batches_from, taught
from sinet_core.training.checkpoint import load_model
from sinet_core.training.data import read_training_data
from sinet_core.training.model import SINet
from sinet_core.training.parallel import Processes
from sinet_core.training.recipe import Recipe, Stage
from sinet_core.training.teacher import Teacher, load_network
from sinet_core.training.teacher_network import TeacherNetwork
from sinet_core.training.torch_network import TorchNetwork
from tests.small_data import small_photo, write_small_data

WEIGHTS = Path(__file__).parents[1] / "weights" / "sinet.pt"


def photos(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pairs = [small_photo(rng) for _ in range(count)]
    return np.stack([frame for frame, _ in pairs]), np.stack([alpha for _, alpha in pairs])


def test_the_answer_to_a_mirror_image_is_the_answers_mirror_image():
    frames, _ = photos(2)
    teacher = Teacher([load_model(WEIGHTS)], 0.5, mirrored=True)
    answer, mirrored = teacher.answer(frames), teacher.answer(frames[:, :, ::-1].copy())
    assert np.allclose(mirrored[:, :, ::-1], answer, atol=1e-5)
    assert answer.std() > 100 * np.abs(mirrored[:, :, ::-1] - answer).max()


def test_a_lesson_without_blending_is_the_corrected_truth():
    frames, alphas = photos(3)
    teacher = Teacher([load_model(WEIGHTS)], 0.5)
    shown, wanted = teacher.lesson(frames, alphas, np.random.default_rng(0))
    assert np.array_equal(shown, frames)
    assert np.array_equal(wanted, teacher.corrected(frames, alphas))


def test_where_two_frames_are_blended_the_teacher_alone_is_asked():
    frames, alphas = photos(8)
    teacher = Teacher([load_model(WEIGHTS)], 0.5, blended=0.5)
    shown, wanted = teacher.lesson(frames, alphas, np.random.default_rng(1))
    blended = np.array([not np.array_equal(*both) for both in zip(shown, frames, strict=True)])
    assert 0 < blended.sum() < 8
    other = np.roll(frames, 1, axis=0)[blended]
    least, most = np.minimum(frames[blended], other), np.maximum(frames[blended], other)
    assert ((shown[blended] >= least) & (shown[blended] <= most)).all()
    assert np.array_equal(wanted[blended], np.rint(255 * teacher.answer(shown))[blended])
    assert np.array_equal(wanted[~blended], teacher.corrected(frames, alphas)[~blended])
    again, _ = teacher.lesson(frames, alphas, np.random.default_rng(1))
    assert np.array_equal(again, shown)


def test_the_truth_is_moved_towards_the_answer_by_its_share():
    frames, alphas = photos(2)
    model = load_model(WEIGHTS)
    assert np.array_equal(Teacher([model], 0.0).corrected(frames, alphas), alphas)
    answer = Teacher([model], 1.0).corrected(frames, alphas)
    assert np.abs(answer - 255 * Teacher([model], 1.0).answer(frames)).max() < 1
    half = Teacher([model], 0.5).corrected(frames, alphas)
    assert np.abs(half - (answer.astype(float) + alphas) / 2).max() <= 1
    assert half.dtype == np.uint8


def test_of_several_networks_the_mean_answer_counts():
    frames, _ = photos(2)
    first, second = load_model(WEIGHTS), TeacherNetwork(0)
    each = [Teacher([network], 0.5).answer(frames) for network in (first, second)]
    assert np.abs(each[0] - each[1]).mean() > 0.1
    assert np.allclose(Teacher([first, second], 0.5).answer(frames), np.mean(each, axis=0), atol=1e-5)


def test_a_teacher_is_read_as_what_it_is(tmp_path: Path):
    torch.save(TeacherNetwork(1).state_dict(), tmp_path / "teacher.pt")
    assert isinstance(load_network(tmp_path / "teacher.pt"), TeacherNetwork)
    assert isinstance(load_network(WEIGHTS), SINet)
    (tmp_path / "text.pt").write_text("no checkpoint")
    with pytest.raises(ValueError, match=r"text\.pt"):
        load_network(tmp_path / "text.pt")


def test_a_teacher_can_be_scored(tmp_path: Path):
    torch.save(TeacherNetwork(0).state_dict(), tmp_path / "teacher.pt")
    frames, _ = photos(1)
    alpha = TorchNetwork(tmp_path / "teacher.pt", (96, 128)).coarse(frames[0])
    assert np.allclose(
        alpha, Teacher([load_network(tmp_path / "teacher.pt")], 1).answer(frames)[0], atol=0.02
    )


def test_a_lesson_is_the_same_in_advance_and_in_turn(tmp_path: Path):
    data = read_training_data(write_small_data(tmp_path / "data"))
    recipe = Recipe((Stage("whole", 3, 4, ((64, 96),), 1e-3),), seed=5)
    teacher = Teacher([load_model(WEIGHTS)], 0.5, blended=0.5)
    in_advance = list(batches_from(Batches(data, recipe, Processes(), teacher), 0, 0))
    in_turn = [
        taught(batch, teacher, recipe.seed, step)
        for step, batch in enumerate(batches_from(Batches(data, recipe, Processes()), 0, 0))
    ]
    for one, other in zip(in_advance, in_turn, strict=True):
        assert np.array_equal(one.frames, other.frames)
        assert np.array_equal(one.alphas, other.alphas)
    assert not np.array_equal(in_turn[0].frames, Batches(data, recipe, Processes())[0].frames), (
        "none is blended"
    )
