"""Hard examples: the worse a photo is answered, the more often it is shown, and never more often than was said."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sinet_core.training.checkpoint import load_model
from sinet_core.training.data import Pair, TrainingData
from sinet_core.training.hard_examples import HardExamples
from sinet_core.training.scenes import make_scene, pick_photo
from tests.small_data import small_room

WEIGHTS = Path(__file__).parents[1] / "weights" / "sinet.pt"


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    nobody, everywhere = np.zeros((96, 128), np.uint8), np.full((96, 128), 255, np.uint8)
    truths = {"lfw": [nobody, nobody, nobody], "vikram": [nobody, everywhere]}
    people = {
        source: [Pair(source, str(index), small_room(rng), alpha) for index, alpha in enumerate(alphas)]
        for source, alphas in truths.items()
    }
    return TrainingData(people, {"rooms": [small_room(rng)]})


def shown(data: TrainingData, times: int = 4000) -> Counter[tuple[str, str]]:
    rng = np.random.default_rng(1)
    pairs = (pick_photo(data, rng, upright=False) for _ in range(times))
    return Counter((pair.source, pair.name) for pair in pairs)


def test_before_anything_is_known_photos_are_shown_as_often_as_without_it(data):
    without, with_it = shown(data), shown(HardExamples(data, 4.0).data)
    assert all(with_it[photo] == pytest.approx(times, rel=0.15) for photo, times in without.items())


def test_a_hard_photo_is_shown_as_many_times_as_often_and_its_source_with_it(data):
    hard = HardExamples(data, 4.0)
    hard.losses["vikram"][1] = 100
    hard.note([("vikram", "1"), ("lfw", "0")], [1.0, 1.0])
    often = shown(hard.data)
    assert often["vikram", "1"] / often["vikram", "0"] == pytest.approx(4, rel=0.15)
    assert often["vikram", "0"] / often["lfw", "0"] == pytest.approx(0.8 / 2 / (1.2 / 3), rel=0.15)


def test_a_photo_that_is_learned_is_no_longer_hard(data):
    hard = HardExamples(data, 4.0)
    odds = []
    for loss in (9.0, 9.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        hard.note([("lfw", "0"), None, ("lfw", "1"), ("lfw", "2")], [loss, 1e9, 1.0, 1.0])
        odds.append(hard.data.photo_odds["lfw"][0])
    assert 1 < odds[0] < odds[1] < odds[2]
    assert odds[2] > odds[4] > odds[8] >= 1
    assert (hard.data.photo_odds["lfw"][1:] == 1).all()


def test_what_a_network_answers_wrongly_is_hard_from_the_beginning(data):
    hard = HardExamples(data, 3.0)
    hard.measure(load_model(WEIGHTS), 64 * 96)
    assert hard.data.photo_odds["vikram"][1] == 3
    assert (hard.data.photo_odds["lfw"] == 1).all()
    assert np.mean(np.concatenate(list(hard.losses.values()))) == pytest.approx(1)


def test_a_scene_says_which_photo_it_is(data):
    scenes = [make_scene(data, np.random.default_rng(seed), 64, 96) for seed in range(30)]
    assert all((scene.photo is not None) == (scene.kind == "photo") for scene in scenes)
    assert {scene.photo[0] for scene in scenes if scene.photo} <= {"lfw", "vikram"}
    assert len({scene.kind for scene in scenes}) > 1
