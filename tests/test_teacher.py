"""Distillation: what a teacher answers, and how much of it a pupil is asked for."""

from pathlib import Path

import numpy as np

from sinet_core.training.checkpoint import load_model
from sinet_core.training.teacher import Teacher
from tests.small_data import small_photo

WEIGHTS = Path(__file__).parents[1] / "weights" / "sinet.pt"


def photos(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pairs = [small_photo(rng) for _ in range(count)]
    return np.stack([frame for frame, _ in pairs]), np.stack([alpha for _, alpha in pairs])


def test_the_answer_to_a_mirror_image_is_the_answers_mirror_image():
    frames, _ = photos(2)
    teacher = Teacher(load_model(WEIGHTS), 0.5)
    answer, mirrored = teacher.answer(frames), teacher.answer(frames[:, :, ::-1].copy())
    assert np.allclose(mirrored[:, :, ::-1], answer, atol=1e-5)
    assert answer.std() > 100 * np.abs(mirrored[:, :, ::-1] - answer).max()


def test_the_truth_is_moved_towards_the_answer_by_its_share():
    frames, alphas = photos(2)
    model = load_model(WEIGHTS)
    assert np.array_equal(Teacher(model, 0.0).corrected(frames, alphas), alphas)
    answer = Teacher(model, 1.0).corrected(frames, alphas)
    assert np.abs(answer - 255 * Teacher(model, 1.0).answer(frames)).max() < 1
    half = Teacher(model, 0.5).corrected(frames, alphas)
    assert np.abs(half - (answer.astype(float) + alphas) / 2).max() <= 1
    assert half.dtype == np.uint8
