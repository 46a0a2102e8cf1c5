"""A run's history as a picture."""

import json

import cv2


def test_of_a_run_that_was_interrupted_the_later_rows_count_and_are_drawn(tmp_path):
    from sinet_core.training.learn.curves import draw, read_history

    rows = [
        {"step": 100, "stage": "encoder", "loss": 0.9, "rate": 0.004},
        {"step": 200, "stage": "encoder", "loss": 9.9, "rate": 0.003},
        {"step": 200, "stage": "whole", "loss": 0.6, "rate": 0.002, "desks_iou": 0.8},
        {"step": 300, "stage": "whole", "loss": 0.5, "rate": 0.001, "desks_iou": 0.9},
    ]
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    history = read_history(tmp_path / "history.jsonl")
    assert [row["loss"] for row in history] == [0.9, 0.6, 0.5]
    draw(history, tmp_path / "curves.png")
    picture = cv2.imread(str(tmp_path / "curves.png"))
    assert picture is not None
    assert picture.std() > 10
