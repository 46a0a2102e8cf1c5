"""The measures over time, on clips in which it is known what stands still and what moves."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sinet_core import metrics
from sinet_core.training.evaluate.clips import OVER_TIME, clips_in, evaluate_clips, read_clip
from sinet_core.training.evaluate.evaluate import clips as main
from sinet_core.training.evaluate.networks import load_scored_network
from tests.toy_network import write_toy_network

SIZE = 96
Frames = list[NDArray[np.uint8]]


def still(frames: int = 4) -> Frames:
    return [np.full((SIZE, SIZE, 3), 90, np.uint8) for _ in range(frames)]


def with_a_square(left: int) -> NDArray[np.uint8]:
    """A bright square of 16 pixels on a dark ground, 40 pixels from the top."""
    frame = np.full((SIZE, SIZE, 3), 20, np.uint8)
    frame[40:56, left : left + 16] = 235
    return frame


def alphas_of(*values: float) -> list[NDArray[np.float32]]:
    return [np.full((SIZE, SIZE), value, np.float32) for value in values]


def test_only_the_surroundings_of_what_changed_have_moved() -> None:
    moved = metrics.motion_mask(with_a_square(40), with_a_square(44))
    assert moved[48, 35]  # within 7 pixels of the 4 that were uncovered, 40 to 43
    assert not moved[48, 32]
    assert moved[48, 66]  # and of the 4 that were covered, 56 to 59
    assert not moved[48, 67]
    assert np.flatnonzero(moved.any(axis=1)).tolist() == list(range(33, 63))


def test_noise_of_a_few_levels_is_no_movement() -> None:
    chance = np.random.default_rng(0)
    before, after = (chance.integers(80, 96, (SIZE, SIZE, 3), np.uint8) for _ in range(2))
    assert not metrics.motion_mask(before, after).any()


def test_flicker_is_the_mean_change_of_alpha_while_the_picture_stands_still() -> None:
    assert metrics.flicker(still(), alphas_of(0.5, 0.5, 0.5, 0.5)) == 0
    assert metrics.flicker(still(), alphas_of(0.5, 0.51, 0.5, 0.5)) == pytest.approx(
        1000 * 0.02 / 3, rel=1e-4
    )


def test_a_change_of_alpha_where_the_picture_moves_is_no_flicker() -> None:
    frames = [with_a_square(40), with_a_square(44)]
    moved = metrics.motion_mask(*frames)
    alphas = [np.zeros((SIZE, SIZE), np.float32), moved.astype(np.float32)]
    assert metrics.flicker(frames, alphas) == 0
    assert metrics.flicker(frames, [alphas[0], 1 - alphas[1]]) == 1000


def test_motion_error_counts_only_where_the_picture_has_just_moved() -> None:
    frames = [with_a_square(40), with_a_square(44)]
    moved = metrics.motion_mask(*frames)
    truths = alphas_of(0, 0)
    wrong_elsewhere = [np.ones((SIZE, SIZE), np.float32), (~moved).astype(np.float32)]
    assert metrics.motion_error(frames, wrong_elsewhere, truths) == 0
    assert metrics.motion_error(frames, alphas_of(0, 0.25), truths) == pytest.approx(250)


def test_what_never_happens_is_not_measured() -> None:
    assert math.isnan(metrics.motion_error(still(), alphas_of(0, 0, 0, 0), alphas_of(1, 1, 1, 1)))
    assert math.isnan(metrics.flicker(still(1), alphas_of(0)))


def test_one_alpha_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="4 frames, but 3 alphas"):
        metrics.flicker(still(), alphas_of(0, 0, 0))
    with pytest.raises(ValueError, match="4 frames, but 5 alphas"):
        metrics.motion_error(still(), alphas_of(0, 0, 0, 0), alphas_of(0, 0, 0, 0, 0))


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """ "steps": a bright square that moves 4 pixels a frame, with its true alpha. "still": one that never does."""
    for name, step in (("steps", 4), ("still", 0)):
        frames = [with_a_square(16 + step * index) for index in range(6)]
        writer = cv2.VideoWriter(
            str(tmp_path / f"{name}.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (SIZE, SIZE)
        )
        for frame in frames:
            writer.write(frame)
        writer.release()
        alphas = np.stack([(frame[:, :, 0] > 128).astype(np.uint8) * 255 for frame in frames])
        np.savez_compressed(tmp_path / f"{name}.alpha.npz", alpha=alphas)
    (tmp_path / "without-alphas.avi").write_bytes(b"")
    return tmp_path


def test_a_clip_is_read_with_its_alphas(clips: Path) -> None:
    assert [path.stem for path in clips_in(clips)] == ["steps", "still"]
    clip = read_clip(clips / "steps.avi")
    assert (len(clip.frames), clip.truths.shape, clip.fps) == (6, (6, SIZE, SIZE), 10)
    np.savez_compressed(clips / "steps.alpha.npz", alpha=clip.truths[:5])
    with pytest.raises(ValueError, match=r"steps\.avi: frames are \(6, 96, 96\), their alphas \(5, 96, 96\)"):
        read_clip(clips / "steps.avi")


def test_a_network_is_scored_on_each_clip_and_on_all(clips: Path) -> None:
    networks = {
        kind: load_scored_network(write_toy_network(clips / f"{kind}.onnx", kind))
        for kind in ("person", "nobody")
    }
    results = evaluate_clips(networks, clips, steady=True)
    assert list(results) == [
        f"{network}{way}"
        for network in ("person", "nobody")
        for way in ("", ", EMA of one half", ", steadied")
    ]
    assert list(results["person"]) == ["steps", "still", OVER_TIME]
    assert results["nobody"]["steps"].motion_error > 4 * results["person"]["steps"].motion_error
    assert results["person"]["still"].flicker < 0.5
    assert math.isnan(results["person"]["still"].motion_error)
    assert results["person"][OVER_TIME].motion_error == results["person"]["steps"].motion_error


def test_the_command_writes_what_could_not_be_measured_as_null(clips: Path, capsys) -> None:
    toy = write_toy_network(clips / "toy.onnx")
    assert main([str(toy), "--data", str(clips), "--json", str(clips / "scores.json")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + 3
    scores = json.loads((clips / "scores.json").read_text())["clips"]["toy"]
    assert scores["still"]["motion_error"] is None
    assert scores["steps"]["motion_error"] > 0
