"""A picture of what others see."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.pipeline.pipeline import Result, hidden
from backdrop.run.snapshot import SnapshotError, write_snapshot
from tests.secret_room import leaked
from tests.whole_line import ON, PERSON

PIXELS = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
ALPHA = np.zeros((90, 160), np.uint8)


def test_snapshots_get_numbers_and_nothing_is_replaced(tmp_path):
    shown = Result(PIXELS, ALPHA, 0, 0.0)
    paths = [write_snapshot(shown, lambda: tmp_path / "Pictures") for _ in range(3)]
    assert [path.name for path in paths] == ["Backdrop.png", "Backdrop-2.png", "Backdrop-3.png"]
    for path in paths:
        np.testing.assert_array_equal(cv2.imread(str(path)), PIXELS)


def test_a_transparent_backdrop_is_transparent_in_the_file(tmp_path):
    alpha = np.full((90, 160), 255, np.uint8)
    alpha[:, :80] = 0
    path = write_snapshot(Result(PIXELS, alpha, 0, 0.0, key="#00b140"), lambda: tmp_path)
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read[..., 3], alpha)


@pytest.mark.parametrize("shown", [None, hidden((320, 180), "Why.")])
def test_there_is_no_snapshot_of_the_placeholder(tmp_path, shown):
    with pytest.raises(SnapshotError, match="no picture"):
        write_snapshot(shown, lambda: tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match="file"):
        write_snapshot(Result(PIXELS, ALPHA, 0, 0.0), lambda: tmp_path / "file")


def test_the_engine_writes_what_others_see_and_no_raw_frame_from_before(line, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path))
    engine, _output = line.running()
    path = engine.snapshot()
    assert path == Path(tmp_path / "Backdrop.png")
    assert leaked(cv2.imread(str(path)), PERSON) == 0
    engine.settings = replace(ON, backdrop="none")
    line.output().wait_for(lambda pixels: leaked(pixels, PERSON) > 1000)
    assert engine.stop()
    line.output().sent.clear()  # the room, as chosen
    engine.settings = ON  # what was shown last is from just before
    with pytest.raises(SnapshotError):
        engine.snapshot()


def test_no_snapshot_shows_a_person_who_has_just_hidden(line, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path))
    engine, _output = line.running()
    assert engine.stop()
    engine.settings = replace(ON, hide=True)  # the placeholder takes a moment
    with pytest.raises(SnapshotError, match="You are hidden"):
        engine.snapshot()
