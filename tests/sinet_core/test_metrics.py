"""The measures, on shapes small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from sinet_core import metrics

ALPHAS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=8, max_side=24))


def square(size: int, top: int, left: int, side: int) -> NDArray[np.float32]:
    """A square person of `side` pixels in a frame of size × size."""
    alpha = np.zeros((size, size), np.float32)
    alpha[top : top + side, left : left + side] = 1
    return alpha


def test_a_square_moved_by_half_its_side_has_an_iou_of_one_third() -> None:
    assert metrics.iou(square(40, 10, 10, 8), square(40, 10, 14, 8)) == pytest.approx(32 / 96)


def test_one_half_is_no_person_in_either_type() -> None:
    assert not metrics.person(np.array([[0.5]], np.float32)).any()
    assert metrics.person(np.array([[127, 128]], np.uint8)).tolist() == [[False, True]]
    assert not metrics.person(np.array([[np.nan]], np.float32)).any()


def test_a_frame_without_a_person_is_right_only_when_nobody_is_seen() -> None:
    nobody, somebody = np.zeros((20, 20), np.float32), square(20, 6, 6, 8)
    assert metrics.iou(nobody, nobody) == metrics.boundary_f(nobody, nobody) == 1
    assert metrics.iou(somebody, nobody) == metrics.iou(nobody, somebody) == 0
    assert metrics.boundary_f(somebody, nobody) == metrics.boundary_f(nobody, somebody) == 0


def test_mean_iou_is_of_the_pooled_confusion() -> None:
    table = metrics.confusion(np.array([[1, 1, 0, 0]]), np.array([[1, 0, 0, 0]]))
    assert table.tolist() == [[2, 1], [0, 1]]
    assert metrics.mean_iou(table) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert metrics.person_iou(table) == pytest.approx(1 / 2)


def test_classes_that_never_occur_do_not_count_in_mean_iou() -> None:
    table = metrics.confusion(np.array([[0, 2, 2]]), np.array([[0, 2, 0]]), classes=4)
    ious = metrics.class_ious(table)
    assert ious[[0, 2]].tolist() == [0.5, 0.5]
    assert np.isnan(ious[[1, 3]]).all()
    assert metrics.mean_iou(table) == 0.5
    assert metrics.mean_iou(np.zeros((4, 4), np.int64)) == 1


def test_pixels_whose_truth_is_to_be_ignored_do_not_count() -> None:
    labels, truth = np.array([[9, 1, 0]]), np.array([[255, 1, 1]])
    assert metrics.confusion(labels, truth, classes=2).tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ValueError, match="outside 0"):
        metrics.confusion(labels, np.zeros_like(labels), classes=2)


def test_the_worst_five_percent_is_the_percentile_and_has_a_lower_mean() -> None:
    scores = [0.1, *np.linspace(0.9, 1.0, 40)]
    assert metrics.worst_five_percent(scores) == pytest.approx(np.sort(scores)[2])
    assert metrics.mean_of_worst(scores) == pytest.approx((0.1 + 0.9) / 2)
    assert metrics.mean_of_worst([0.7, 0.9]) == pytest.approx(0.7)
    assert np.isnan(metrics.worst_five_percent([]))
    assert np.isnan(metrics.mean_of_worst([]))


def test_mean_absolute_error_reads_both_types_on_one_scale() -> None:
    soft = np.array([[0.0, 0.5], [1.0, 0.25]], np.float32)
    hard = np.array([[0, 255], [255, 0]], np.uint8)
    assert metrics.mean_absolute_error(soft, hard) == pytest.approx((0.5 + 0.25) / 4)
    with pytest.raises(TypeError, match="int64"):
        metrics.mean_absolute_error(soft, np.zeros((2, 2), np.int64))  # type: ignore[arg-type]


def test_arrays_of_different_sizes_are_refused() -> None:
    for measure in (metrics.iou, metrics.boundary_f, metrics.mean_absolute_error, metrics.calibration_table):
        with pytest.raises(ValueError, match="sizes differ"):
            measure(np.zeros((8, 8), np.float32), np.zeros((8, 9), np.float32))


def test_an_outline_is_two_pixels_wide_and_not_at_the_frames_border() -> None:
    line = metrics.outline(square(30, 10, 10, 10) > 0)
    assert np.flatnonzero(line[15]).tolist() == [9, 10, 19, 20]
    cut_off_by_the_frame = np.zeros((30, 30), bool)
    cut_off_by_the_frame[20:] = True
    assert np.flatnonzero(metrics.outline(cut_off_by_the_frame).any(axis=1)).tolist() == [19, 20]
    assert not metrics.outline(np.ones((30, 30), bool)).any()


def test_outlines_within_the_tolerance_agree_and_beyond_it_do_not() -> None:
    # 300 × 400: the diagonal is 500, so half a per cent of it is 2.5 pixels.
    def half(height: int) -> NDArray[np.float32]:
        alpha = np.zeros((300, 400), np.float32)
        alpha[height:] = 1
        return alpha

    assert metrics.boundary_f(half(150), half(152)) == 1
    assert metrics.boundary_f(half(150), half(153)) == pytest.approx(
        0.5
    )  # of the two rows, the nearer one is within
    assert metrics.boundary_f(half(150), half(160)) == 0


def test_boundary_f_is_between_precision_and_recall() -> None:
    truth = np.zeros((300, 400), np.float32)
    truth[150:] = 1
    with_an_island = truth.copy()
    with_an_island[40:80, 100:140] = 1
    right, invented = metrics.outline(truth > 0).sum(), metrics.outline(with_an_island > 0).sum()
    precision = right / invented
    assert metrics.boundary_f(with_an_island, truth) == pytest.approx(2 * precision / (precision + 1))


def test_calibration_finds_the_overconfident_and_not_the_honest() -> None:
    truth = np.zeros((10, 10), np.uint8)
    truth[:7] = 255
    honest = np.full((10, 10), 0.7, np.float32)
    assert metrics.calibration_error(metrics.calibration_table(honest, truth)) == pytest.approx(0, abs=1e-6)
    sure = np.ones((10, 10), np.float32)
    assert metrics.calibration_error(metrics.calibration_table(sure, truth)) == pytest.approx(0.3)
    both = metrics.calibration_table(honest, truth) + metrics.calibration_table(sure, truth)
    assert metrics.calibration_error(both) == pytest.approx(0.15)
    assert metrics.calibration_error(np.zeros((15, 3))) == 0


@given(ALPHAS)
def test_an_alpha_agrees_with_itself(alpha: NDArray[np.uint8]) -> None:
    assert metrics.iou(alpha, alpha) == metrics.boundary_f(alpha, alpha) == 1
    assert metrics.mean_absolute_error(alpha, alpha) == 0
    assert metrics.calibration_error(metrics.calibration_table(alpha, alpha)) == 0


@given(ALPHAS, st.randoms(use_true_random=False))
def test_scores_are_symmetric_and_between_nought_and_one(alpha: NDArray[np.uint8], chance) -> None:
    pixels = alpha.ravel().tolist()
    chance.shuffle(pixels)
    other = np.array(pixels, np.uint8).reshape(alpha.shape)
    for measure in (metrics.iou, metrics.boundary_f, metrics.mean_absolute_error):
        score = measure(alpha, other)
        assert 0 <= score <= 1
        assert score == pytest.approx(measure(other, alpha))
    assert metrics.confusion(metrics.person(alpha), metrics.person(other)).sum() == alpha.size
    assert metrics.calibration_table(alpha, other)[:, 0].sum() == alpha.size


@given(ALPHAS)
def test_the_other_way_round_is_as_wrong_as_can_be(alpha: NDArray[np.uint8]) -> None:
    opposite = 255 - alpha
    assert metrics.iou(alpha, opposite) == 0
    assert (
        metrics.outline(metrics.person(alpha)).tolist() == metrics.outline(metrics.person(opposite)).tolist()
    )
