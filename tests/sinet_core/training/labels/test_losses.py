"""The loss of label maps: unknown pixels, the weights of classes, the band where they meet, what overlaps."""

import numpy as np
import pytest
import torch

from sinet_core.training.labels.classes import IGNORED
from sinet_core.training.labels.losses import (
    class_weights,
    label_band,
    label_loss,
    labels_at,
    missing_overlap,
)

EVEN = torch.ones(3)


def half_and_half() -> torch.Tensor:
    labels = torch.zeros(1, 32, 32, dtype=torch.int64)
    labels[:, :, 16:] = 1
    return labels


def test_unknown_pixels_do_not_change_the_loss() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(1, 3, 32, 32), half_and_half()
    labels[:, :4] = IGNORED
    loss = label_loss(logits, labels, EVEN, 5)
    logits[:, :, :4] += 10 * torch.randn(1, 3, 4, 32)
    assert torch.equal(label_loss(logits, labels, EVEN, 5), loss)
    logits[:, 0, 16] += 5
    assert not torch.equal(label_loss(logits, labels, EVEN, 5), loss)
    assert label_loss(logits, torch.full_like(labels, IGNORED), EVEN, 5) == 0


def test_a_mistake_costs_more_where_classes_meet_and_in_a_class_that_weighs_more() -> None:
    labels, right = half_and_half(), torch.zeros(1, 3, 32, 32)
    right.scatter_(1, labels[:, None], 8.0)

    def loss_of_a_mistake(column: int, weights: torch.Tensor) -> float:
        logits = right.clone()
        logits[:, 2, :, column] = 16
        return float(label_loss(logits, labels, weights, 5))

    assert loss_of_a_mistake(16, EVEN) > 1.5 * loss_of_a_mistake(28, EVEN)
    heavy = torch.tensor([1.0, 4.0, 1.0])
    assert loss_of_a_mistake(28, heavy) > 1.2 * loss_of_a_mistake(3, heavy)


def test_rare_classes_weigh_more_and_the_average_pixel_one() -> None:
    shares = np.array([0.6, 0.39, 0.01])
    weights = class_weights(shares).numpy()
    assert weights[0] < weights[1] < weights[2]
    assert (weights * shares).sum() == pytest.approx(1)


def test_the_band_lies_where_classes_meet() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.int64)
    labels[:, :, 8:] = 2
    assert label_band(labels, 5)[0, 3].nonzero().flatten().tolist() == [6, 7, 8, 9]
    assert not label_band(torch.ones_like(labels), 5).any()


def test_the_missing_overlap_is_one_minus_the_iou_of_the_classes_that_are_there() -> None:
    labels = half_and_half()
    sure = torch.zeros(1, 3, 32, 32)
    sure[:, 0] = 100.0  # the first class everywhere: half right, and the second missed
    assert float(missing_overlap(sure, labels)) == pytest.approx((0.5 + 1) / 2)
    assert float(missing_overlap(100.0 * torch.eye(3)[labels].permute(0, 3, 1, 2), labels)) == pytest.approx(
        0
    )


def test_labels_of_smaller_logits_are_those_of_aligned_corners() -> None:
    labels = torch.arange(9).repeat(9, 1)[None]
    assert labels_at(labels, 3, 5)[0].tolist() == [[0, 2, 4, 6, 8]] * 3
    assert torch.equal(labels_at(labels, 9, 9), labels)
