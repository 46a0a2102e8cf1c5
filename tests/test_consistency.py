"""Two moments of a scene: what moves, what stays the camera's, and that only a change without a reason counts."""

import numpy as np
import pytest
import torch

from sinet_core.training.batches import Batches
from sinet_core.training.consistency import WHO_MOVES, carried, inconsistency, make_moments, movement
from sinet_core.training.data import read_training_data
from sinet_core.training.learning import Objective, advance, begin
from sinet_core.training.model import normalise, person_logit
from sinet_core.training.parallel import Processes
from sinet_core.training.recipe import Recipe, Stage
from tests.small_data import small_photo, write_small_data

STAGE = Stage("whole", 40, 8, ((64, 96),), 1e-3, warm_up=0)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return read_training_data(write_small_data(tmp_path_factory.mktemp("data")))


def unit(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture)[None].float() / 255


def test_a_pixel_comes_from_where_it_is_said_to():
    picture = np.zeros((20, 30), np.uint8)
    picture[8, 12] = 200
    came_from = np.zeros((20, 30, 2), np.float32)
    came_from[..., 0], came_from[..., 1] = 3, -2
    assert np.argwhere(carried(picture, came_from)).tolist() == [[10, 9]]


def test_the_same_seed_gives_the_same_moments(data):
    first, again = (make_moments(data, np.random.default_rng(4), 64, 96) for _ in range(2))
    assert np.array_equal(first.now.frame, again.now.frame)
    assert np.array_equal(first.later.frame, again.later.frame)
    assert np.array_equal(first.came_from, again.came_from)


def test_later_it_is_the_same_camera_with_other_noise(data):
    moments = [make_moments(data, np.random.default_rng(seed), 64, 96) for seed in range(240)]
    still = [pair for pair in moments if not pair.came_from.any()]
    assert 40 < len(still) < 160
    assert all(np.array_equal(pair.now.alpha, pair.later.alpha) for pair in still)
    changes = [np.abs(pair.now.frame.astype(float) - pair.later.frame) for pair in still]
    assert (
        np.mean([change.max() > 0 for change in changes]) > 0.9
    )  # without noise, a little light may round off
    assert max(change.mean() for change in changes) < 15  # of 255; two cameras would differ by more


def test_a_person_who_moves_leaves_the_far_room_where_it_is():
    _, alpha = small_photo(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    away = movement(alpha, "person", rng)
    assert np.abs(away[alpha > 127]).mean() > 0.2
    assert not away[:, :10].any()
    assert np.abs(movement(alpha, "camera", rng)[:, :10]).mean() > 0.2
    assert set(WHO_MOVES) == {"nobody", "person", "camera"}


def test_an_answer_that_moves_with_the_person_is_consistent_and_one_that_is_held_is_not():
    _, alpha = small_photo(np.random.default_rng(0))
    came_from = np.zeros((*alpha.shape, 2), np.float32)
    came_from[..., 0], came_from[..., 1] = 4, 2.5
    later, came = carried(alpha, came_from), torch.from_numpy(came_from)[None]
    followed = inconsistency(unit(alpha), unit(later), came, unit(alpha), unit(later))
    held = inconsistency(unit(alpha), unit(alpha), came, unit(alpha), unit(later))
    assert followed.shape == (1,)
    assert followed.item() < 1e-3
    assert held.item() > 0.01


def test_what_comes_into_the_frame_and_what_truly_changes_does_not_count():
    came_from = torch.zeros(1, 20, 30, 2)
    came_from[..., 0] = -5  # the left five columns were not in the frame before
    now, later, nobody = torch.zeros(1, 20, 30), torch.zeros(1, 20, 30), torch.zeros(1, 20, 30)
    later[..., :5] = 1
    assert inconsistency(now, later, came_from, nobody, nobody).item() == 0
    appeared = nobody.clone()
    appeared[:, 5:10, 10:20] = 1
    assert inconsistency(now, appeared, came_from, nobody, appeared).item() == 0
    assert inconsistency(now, appeared, came_from, nobody, nobody).item() == pytest.approx(50 / 500)


def test_a_batch_of_pairs_is_of_half_as_many_scenes(data):
    batch = Batches(data, Recipe((STAGE,), pairs=True), Processes())[0]
    assert batch.frames.shape == (8, 64, 96, 3)
    assert batch.came_from is not None
    assert batch.came_from.shape == (4, 64, 96, 2)
    assert batch.photos[:4] == batch.photos[4:]
    for now, later, away in zip(batch.alphas[:4], batch.alphas[4:], batch.came_from, strict=True):
        assert np.abs(carried(now, away).astype(int) - later).mean() < 3


def test_the_loss_counts_the_change_by_its_weight(data):
    plain, strict = Recipe((STAGE,), pairs=True), Recipe((STAGE,), pairs=True, consistency=3.0)
    run, batch = begin(plain, None), Batches(data, plain, Processes())[0]
    frames, alphas = torch.from_numpy(batch.frames), torch.from_numpy(batch.alphas)
    came_from = torch.from_numpy(batch.came_from)
    with torch.no_grad():
        run.model.eval()
        without, with_it = (
            Objective(run.model, "whole", recipe)(frames, alphas, came_from) for recipe in (plain, strict)
        )
        answers = person_logit(run.model(normalise(frames))).sigmoid().chunk(2)
        change = inconsistency(*answers, came_from, *(alphas.float() / 255).chunk(2))
    assert change.max() > 0
    assert torch.allclose(with_it - without, 3 * change.repeat(2), atol=1e-5)


def test_with_that_loss_alone_the_answer_changes_less_and_less(data):
    recipe = Recipe((STAGE,), pairs=True, consistency=200.0)
    run, batches = begin(recipe, None), Batches(data, recipe, Processes())
    objective, plain = (
        Objective(run.model, "whole", kind) for kind in (recipe, Recipe((STAGE,), pairs=True))
    )
    changes = []
    for step in range(8):
        batch = batches[0]
        with torch.no_grad():
            without = plain(torch.from_numpy(batch.frames), torch.from_numpy(batch.alphas)).mean()
        changes.append(float((advance(run, objective, batch, recipe).mean() - without) / 200))
        assert run.step == step + 1
    assert changes[-1] < 0.7 * changes[0]
