"""`backdrop bench --loaded`: what it reports, never how long anything took."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest

from backdrop.bench import loaded
from backdrop.bench.cases import BenchError, cases, demo_frames
from backdrop.bench.command import bench
from backdrop.bench.ladder import full_alphas, measure_ladder
from backdrop.cli.parser import build_parser
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.quality import QUALITY_LEVELS
from sinet_core import Segmenter
from tests.toy_network import write_toy_network


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(loaded, "SETTLING", 0.0)
    monkeypatch.setattr(loaded, "demo_frames", lambda width, height: demo_frames(width, height)[:4])


@pytest.fixture
def toy(tmp_path):
    return write_toy_network(tmp_path / "toy.onnx")


def test_every_way_is_measured_before_while_and_after_and_said_in_a_table(toy):
    (case,) = cases(["160x96"], ["colour"])
    report = loaded.measure_loaded(case, 1, 0.4, threading.Event(), network=toy)
    assert (report["busy"], report["frames"]) == (1, "demo")
    ways = [(run["timing"], run["governed"]) for run in report["runs"]]
    assert ways == list(loaded.WAYS)
    for run in report["runs"]:
        assert tuple(run["phases"]) == loaded.PHASES
        assert all(0 <= step < len(QUALITY_LEVELS) for _, step in run["steps"])
        if not run["governed"]:
            assert [step for _, step in run["steps"]] == [0]
        for phase in run["phases"].values():
            assert phase["fps"] >= 0
            if phase["fps"] > 0:
                assert 0 < phase["age_ms"]["median_ms"] <= phase["age_ms"]["p95_ms"]
                assert 0 <= phase["iou"] <= 1
    lines = loaded.summary(report).splitlines()
    assert sum("busy   " in line for line in lines) == len(loaded.WAYS)


def test_the_ladder_says_what_each_step_costs_and_what_it_costs_the_alpha(toy):
    (case,) = cases(["160x96"], ["blur"])
    segmenter, frames = Segmenter.load(toy), demo_frames(160, 96)[:6]
    truths = full_alphas(case, segmenter, frames)
    rows = measure_ladder(case, segmenter, frames, truths)
    assert [row["step"] for row in rows] == [*range(len(QUALITY_LEVELS)), "low-latency"]
    assert rows[0]["iou"] > 0.99
    assert rows[0]["cost"] == 1
    assert all(row["cpu_ms"] > 0 for row in rows[:-1])
    assert rows[1]["error"] > rows[0]["error"]
    assert rows[-1]["iou"] > 0.5


def test_a_video_may_stand_in_for_the_demo_and_the_command_prints_json(tmp_path, toy, capsys, monkeypatch):
    monkeypatch.setattr(loaded, "WAYS", (("exact", True),))
    writer = VideoWriter(tmp_path / "clip.mkv", 160, 96, 30)
    for shade in range(0, 120, 20):
        writer.send(np.full((96, 160, 3), shade, np.uint8))
    writer.close()
    asked = f"bench --loaded 0 --seconds 0.5 --size 192x96 --backdrop blur --json --network {toy} --video {tmp_path}/clip.mkv"
    monkeypatch.setattr("backdrop.bench.whole.LEAST", 0.5)
    assert bench(build_parser().parse_args(asked.split()), threading.Event()) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == "clip.mkv"
    assert list(report["runs"][0]["phases"]) == ["quiet"]


def test_what_is_no_video_is_said(tmp_path):
    (tmp_path / "letter.mkv").write_text("Dear Sir or Madam")
    (case,) = cases(["160x96"], ["colour"])
    with pytest.raises(BenchError, match=r"letter\.mkv is not a readable video"):
        loaded.measure_loaded(case, 0, 0.5, threading.Event(), video=tmp_path / "letter.mkv")


def test_busy_programs_end_with_the_program_that_started_them():
    start = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", {loaded.BUSY!r}, str(os.getpid())])
"""
    # Waits until the pipe is closed, and so until both have ended.
    done = subprocess.run([sys.executable, "-c", start], stdout=subprocess.PIPE, timeout=600)
    assert done.returncode == 0
