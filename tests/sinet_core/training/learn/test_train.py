"""Training: what it minimises, that it learns, that an interruption changes nothing, and that two processes act as one."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sinet_core.training.learn.losses import (
    BAND_FULL,
    boundary_band,
    encoder_loss,
    missing_overlap,
    person_loss,
    unsure,
)
from sinet_core.training.learn.recipe import ENCODER, LARGE, WHOLE, Recipe
from sinet_core.training.learn.train import main
from sinet_core.training.model.checkpoint import file_hash, load_model
from tests import ROOT
from tests.small_data import write_small_data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_small_data(tmp_path_factory.mktemp("data"))


def train(data: Path, run: Path, *options: str, processes: int = 1) -> list[dict[str, float]]:
    """Train SINet. Returns the history. Several processes are started by torchrun."""
    stages = ["--encoder-steps", "2", "--large-steps", "0", "--batch", "4", "--steps", "3"]
    where = ["--data", str(data), "--into", str(run), "--every", "1", "--workers", "0", "--threads", "1"]
    asked = [*where, *stages, *options]
    if processes == 1:
        main(asked)
    else:
        several = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        done = subprocess.run(
            [sys.executable, *several, "-m", "sinet_core.training", "train", *asked],
            cwd=ROOT, capture_output=True, text=True, timeout=600,
            env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A run from its first step to its last, in one process, and its history."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, train(data, folder)


def test_the_band_is_a_frame_round_the_outline():
    alpha = torch.zeros(1, 40, 40)
    alpha[:, 10:30, 10:30] = 1
    band = boundary_band(alpha, 5)[0]
    assert band[20, 10] == band[20, 9] == band[20, 8] == band[20, 11] == 1
    assert band[20, 7] == band[20, 12] == band[20, 20] == band[0, 0] == 0


def test_what_overlaps_by_half_misses_the_other_half_and_nobody_for_nobody_misses_nothing():
    alpha = torch.zeros(3, 100, 100)
    alpha[:2, :, :50] = 1
    answer = alpha.clone()
    answer[1, :, 25:50] = 0
    assert missing_overlap(answer, alpha).tolist() == pytest.approx([0, 0.5, 0], abs=2e-3)
    answer[2, :, :10] = 1
    assert missing_overlap(answer, alpha)[2] > 0.9


def test_the_loss_is_small_for_the_right_answer_and_large_for_the_wrong_one():
    alpha = torch.zeros(2, 32, 32)
    alpha[:, 8:24, 8:24] = 1
    right = torch.stack([-9 * (2 * alpha - 1), 9 * (2 * alpha - 1)], dim=1)
    assert person_loss(right, alpha, 5).max() < 1e-3
    assert person_loss(-right, alpha, 5).min() > 10
    assert encoder_loss(right[:, :, 4::8, 4::8], alpha).max() < 1e-3


def test_what_the_teacher_was_unsure_of_counts_for_nothing_and_a_soft_edge_counts():
    alpha = torch.zeros(1, 64, 96)
    alpha[:, 20:, 30:70] = 1.0
    alpha[:, 30:50, 72:92] = 0.5  # a hand of which the teacher did not know
    alpha[:, 20:, 27:30] = 0.5  # an edge that moves
    hand = unsure(alpha, BAND_FULL)[0] > 0
    assert hand[32:48, 74:90].all()
    assert not hand[:, :60].any()
    yes, no = torch.zeros(2, 1, 2, 64, 96)
    yes[:, 1], no[:, 1] = 8 * (alpha - 0.5), 8 * (alpha - 0.5)
    yes[:, 1, 34:46, 76:88], no[:, 1, 34:46, 76:88] = 6.0, -6.0
    losses = [person_loss(logits, alpha, BAND_FULL, overlap=0.5) for logits in (yes, no)]
    assert losses[0] == losses[1]
    no[:, 1, 30:50, 27:30] = -6.0
    assert person_loss(no, alpha, BAND_FULL, overlap=0.5) > losses[0]


def test_a_scenes_loss_is_the_same_whatever_else_is_in_the_batch():
    torch.manual_seed(0)
    logits, alpha = torch.randn(4, 2, 32, 32), (torch.rand(4, 32, 32) > 0.7).float()
    each = torch.cat([person_loss(logits[index, None], alpha[index, None], 5) for index in range(4)])
    assert torch.allclose(person_loss(logits, alpha, 5), each)
    assert each.std() > 0


def test_the_learning_rate_warms_up_and_falls_in_each_stage():
    recipe = Recipe()
    rates = [recipe.rate(step) for step in range(recipe.steps)]
    assert rates[0] < rates[100] < rates[ENCODER.warm_up] == pytest.approx(ENCODER.rate)
    assert rates[ENCODER.steps - 1] == pytest.approx(ENCODER.rate * ENCODER.end, rel=0.05)
    assert max(rates[ENCODER.steps :]) == pytest.approx(WHOLE.rate)
    assert rates[ENCODER.steps + WHOLE.steps - 1] == pytest.approx(WHOLE.rate * WHOLE.end, rel=0.05)
    assert rates[-1] == pytest.approx(LARGE.rate * LARGE.end, rel=0.05)


def test_slopes_fall_to_nothing_by_the_step_that_was_asked_for_and_stay_there():
    assert Recipe().steepest(5000) == 1
    steepest = [Recipe(relu_by=10).steepest(step) for step in range(20)]
    assert steepest == sorted(steepest, reverse=True)
    assert steepest[8] > 0
    assert steepest[9:] == [0] * 11


@pytest.mark.long
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(data, whole, tmp_path):
    folder, history = whole
    train(data, tmp_path, "--stop-after", "3")
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(99)  # another process would draw other numbers
    rest = train(data, tmp_path, "--resume")
    assert [row["loss"] for row in rest] == pytest.approx([row["loss"] for row in history], rel=1e-6)
    first, second = (load_model(run / "sinet.pt").state_dict() for run in (folder, tmp_path))
    assert all(torch.allclose(first[name], second[name], atol=1e-6) for name in first)
    facts = json.loads((folder / "sinet.json").read_text())
    assert facts["sha256"] == file_hash(folder / "sinet.pt")
    assert set(facts["data"]) == {"eg1800-train", "ccp", "rooms"}
    assert set(facts["validation"]) == {"portraits_iou", "desks_iou"}


@pytest.mark.long
def test_two_processes_follow_the_loss_of_one(data, whole, tmp_path):
    together = train(data, tmp_path, processes=2)
    one, two = ([row["loss"] for row in history] for history in (whole[1], together))
    assert len(one) == 5
    assert two == pytest.approx(one, rel=0.01)
    assert np.ptp(one) > 0.05  # the losses differ from step to step, so following them means something


@pytest.mark.long
def test_it_learns_who_is_bright(data, tmp_path, monkeypatch):
    small = replace(WHOLE, sizes=ENCODER.sizes)  # the photos are no larger
    monkeypatch.setattr("sinet_core.training.learn.train.WHOLE", small)
    history = train(
        data, tmp_path / "learns", "--encoder-steps", "25", "--steps", "45", "--rate", "4e-3", "--every", "35"
    )
    assert history[-1]["desks_iou"] > 0.5
    learned = tmp_path / "learns" / "sinet.pt"
    train(data, tmp_path / "further", "--encoder-steps", "0", "--steps", "2", "--weights", str(learned))
    facts = json.loads((tmp_path / "further" / "sinet.json").read_text())
    assert facts["started_from"] == file_hash(learned)
    assert facts["validation"]["desks_iou"] > 0.4
