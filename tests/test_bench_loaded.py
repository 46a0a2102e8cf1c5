"""`backdrop bench --loaded`: what it reports, never how long anything took."""

import json
import threading

import numpy as np
import pytest

from app.__main__ import build_parser
from app.bench import loaded
from app.bench.cases import BenchError, cases
from app.bench.command import bench
from app.effort import LADDER
from app.video_writer import VideoWriter


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(loaded, "SETTLING", 0.0)


def test_every_way_is_measured_before_while_and_after_and_said_in_a_table():
    (case,) = cases(["160x96"], ["colour"])
    report = loaded.measure_loaded(case, 1, 0.6, None, threading.Event())
    assert (report["busy"], report["frames"]) == (1, "demo")
    ways = [(run["timing"], run["governed"]) for run in report["runs"]]
    assert ways == list(loaded.WAYS)
    for run in report["runs"]:
        assert tuple(run["phases"]) == loaded.PHASES
        assert all(0 <= step < len(LADDER) for _, step in run["steps"])
        if not run["governed"]:
            assert [step for _, step in run["steps"]] == [0]
        for phase in run["phases"].values():
            assert phase["fps"] > 0
            assert 0 < phase["age_ms"]["median_ms"] <= phase["age_ms"]["p95_ms"]
            assert 0 <= phase["iou"] <= 1
    exact = report["runs"][0]["phases"]["quiet"]
    assert exact["iou"] > 0.97, "the full path differs from itself only where a frame was dropped"
    lines = loaded.summary(report).splitlines()
    assert sum("busy " in line for line in lines[2:]) == len(loaded.WAYS)


def test_a_video_may_stand_in_for_the_demo_and_the_command_prints_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(loaded, "WAYS", (("exact", True),))
    writer = VideoWriter(tmp_path / "clip.mkv", 160, 96, 30)
    for shade in range(0, 120, 20):
        writer.send(np.full((96, 160, 3), shade, np.uint8))
    writer.close()
    options = ["--loaded", "0", "--seconds", "0.5", "--size", "192x96", "--backdrop", "blur", "--json"]
    monkeypatch.setattr("app.bench.whole.LEAST", 0.5)
    arguments = build_parser().parse_args(["bench", *options, "--video", str(tmp_path / "clip.mkv")])
    assert bench(arguments, threading.Event()) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == "clip.mkv"
    assert list(report["runs"][0]["phases"]) == ["quiet"]


def test_what_is_no_video_is_said(tmp_path):
    (tmp_path / "letter.mkv").write_text("Dear Sir or Madam")
    (case,) = cases(["160x96"], ["colour"])
    with pytest.raises(BenchError, match=r"letter\.mkv is no video"):
        loaded.measure_loaded(case, 0, 0.5, tmp_path / "letter.mkv", threading.Event())
