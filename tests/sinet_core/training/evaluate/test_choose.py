"""The rule by which weights are chosen, and what is measured beside it: rooms, and people by skin."""

import cv2
import numpy as np
import pytest

from sinet_core.training.evaluate.bias import typology_angle
from sinet_core.training.evaluate.choose import CHOSEN_BY, composites, figure
from sinet_core.training.evaluate.nobody import ALONE, Visit, line_of, visit
from sinet_core.training.evaluate.scores import Row
from sinet_core.training.scenes.data import Pair
from tests.small_data import small_photo, small_room


def row_of(iou: float, boundary_f: float) -> Row:
    return Row(1, iou, iou, iou, iou, boundary_f, 0.0, 0.0)


def test_the_rule_is_the_mean_of_iou_and_boundary_f_over_four_sets_and_no_other():
    rows = {name: row_of(0.9, 0.7) for name in CHOSEN_BY}
    assert figure(rows | {"other composites": row_of(0.0, 0.0)}) == pytest.approx(0.8)
    assert figure(rows | {"webcams-val": row_of(1.0, 0.8)}) == pytest.approx(0.825)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Rooms and cut-outs: of 13 people every sixth is held out, of 11 rooms every tenth."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for folder in ("cutouts", "rooms", "rooms-chairs"):
        (root / folder).mkdir()
    for index in range(13):
        frame, alpha = small_photo(rng)
        cv2.imwrite(str(root / "cutouts" / f"key-csfive-{index:05}.webp"), frame)
        cv2.imwrite(str(root / "cutouts" / f"key-csfive-{index:05}.png"), alpha)
    for folder in ("rooms", "rooms-chairs"):
        for index in range(11):
            cv2.imwrite(str(root / folder / f"{index:05}.webp"), small_room(rng))
    return root


def test_composites_are_of_the_held_out_people_and_the_same_every_time(root):
    first, again = composites(root), composites(root)
    assert [pair.name for pair in first] == ["key-csfive-00000", "key-csfive-00006", "key-csfive-00012"]
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.frame, other.frame)
        assert np.array_equal(one.alpha, other.alpha)
        assert one.alpha.max() > 200


class Bright:
    """A network that takes what is bright for a person, and is as sure of it as it is told to be."""

    def __init__(self, sure: float) -> None:
        self.sure = sure

    def refined(self) -> "Bright":
        return self

    def predict_lowres(self, frame: np.ndarray, input_scale: float = 1.0) -> np.ndarray:
        small = cv2.resize(frame, (160, 128), interpolation=cv2.INTER_AREA).mean(axis=2)
        return np.where(small > 140, np.float32(self.sure), np.float32(0.0))


def test_a_bed_of_which_the_network_is_sure_is_shown_and_another_is_not():
    bed = np.full((480, 640, 3), 60, np.uint8)
    bed[200:400, 100:400] = 200
    sure, unsure = (visit(Bright(how), "bed", bed, None, 0) for how in (0.95, 0.7))
    assert sure.shown == pytest.approx(300 * 200 / (640 * 480), rel=0.1)
    assert unsure.shown == 0
    assert ALONE > 1


def test_a_row_counts_the_rooms_that_are_shown_and_the_visitors_who_are_found():
    seen = [Visit("a", 0.2, 0.9, 0.95), Visit("b", 0.0, 0.1, 0.9), Visit("c", 0.001), Visit("d", 0.004)]
    words = line_of("rooms", seen).split()
    assert words == ["rooms", "4", "25.0%", "5.12%", "0.500", "0.925", "50%"]


def test_light_skin_has_a_larger_angle_than_dark_skin_and_no_skin_has_none():
    def head(colour: tuple[int, int, int]) -> Pair:
        alpha = np.zeros((60, 60), np.uint8)
        cv2.ellipse(alpha, (30, 30), (15, 20), 0, 0, 360, 255, -1)
        return Pair("cutouts", "", np.full((60, 60, 3), colour, np.uint8), alpha)

    light, dark = typology_angle(head((180, 200, 235))), typology_angle(head((40, 55, 85)))
    assert light > 28 > -10 > dark
    assert np.isnan(typology_angle(head((60, 200, 60))))
