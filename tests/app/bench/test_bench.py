"""`backdrop bench`: what it reports, never how long anything took."""

import json
import threading
from itertools import pairwise

import numpy as np
import pytest

from backdrop.__main__ import main
from backdrop.bench.cases import BenchError, Case, cases, demo_frames, read_size
from backdrop.bench.command import bench
from backdrop.bench.line import BURST, CaseLine, p95, times_of
from backdrop.bench.live import measure_live
from backdrop.bench.network import Network, compared
from backdrop.bench.stopwatch import Stopwatch
from backdrop.bench.table import STAGES
from backdrop.cli.parser import build_parser
from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from sinet_core import Segmenter, native
from sinet_core.instructions import instruction_set
from tests.toy_network import write_toy_network


@pytest.fixture
def toy(tmp_path):
    return write_toy_network(tmp_path / "toy.onnx")


def run_bench(capsys, *arguments):
    wanted = build_parser().parse_args(["bench", *map(str, arguments)])
    assert bench(wanted, threading.Event()) == 0
    return capsys.readouterr().out


def assert_reported(case):
    assert case["frames"] >= 5 * BURST
    assert case["fps"] == pytest.approx(1000 / case["wall_ms"], rel=0.01, abs=0.06)  # it is rounded
    assert tuple(case["stages"]) == STAGES, "in the order of the line"
    stages = sum(stage["median_ms"] for stage in case["stages"].values())
    assert 0.3 * case["cpu_ms"] < stages < 3 * case["cpu_ms"], "the stages are what a frame is made of"
    for times in (*case["stages"].values(), case["decode"], case["live"]["age_ms"]):
        assert 0 < times["median_ms"] <= times["p95_ms"]
    assert case["live"]["frames"] > 0
    assert case["live"]["cpu_percent"] > 0
    assert case["live"]["memory_mb"] is None or 20 < case["live"]["memory_mb"] < 2000


def test_one_case_is_one_object(capsys, toy):
    options = ("--size", "160x96", "--backdrop", "blur", "--network", toy, "--peer", toy, "--seconds", 0.5)
    case = json.loads(run_bench(capsys, *options, "--json"))
    assert (case["width"], case["height"], case["backdrop"]) == (160, 96, "blur")
    assert_reported(case)
    assert {"cpu", "cores", "onnxruntime", "opencv"} <= set(case["machine"])
    machine = case["machine"]
    assert machine["compiled"] == (native.library is not None)
    assert (machine["instructions"], machine["compiled_for"]) == (instruction_set(), native.version())
    assert machine["blocks"] == {"AVX-512": 16, "AVX2": 8}.get(instruction_set())
    assert case["network"]["cpu_ms"] > 0
    (peer,) = case["peers"]
    assert peer["network"] == "toy.onnx"
    assert peer["ratio"] > 0


def test_several_cases_are_a_list(capsys, toy):
    options = ("--size", "160x96", "--size", "64x64", "--backdrop", "colour", "--seconds", 0.2)
    report = json.loads(run_bench(capsys, *options, "--network", toy, "--json"))
    assert [case["size"] for case in report["cases"]] == ["160x96", "64x64"]
    for case in report["cases"]:
        assert_reported(case)


def test_the_table_has_a_row_for_each_case_and_each_network(capsys, toy):
    options = ("--size", "64x64", "--backdrop", "colour", "--seconds", 0.2)
    rows = run_bench(capsys, *options, "--network", toy, "--peer", toy).splitlines()
    (kernels,) = (row for row in rows if row.startswith("kernels: network toy.onnx with "))
    assert instruction_set() in kernels
    assert kernels.endswith(f"our C code {native.version() or 'not compiled'}")
    starts = [" ".join(row.split()[:2]) for row in rows]
    for start in ("size backdrop", "64x64 colour", "network alone,"):
        assert starts.count(start) == 1
    assert sum(start.startswith("toy.onnx") for start in starts) == 2


def test_without_a_choice_every_size_meets_every_backdrop():
    arguments = build_parser().parse_args(["bench"])
    assert (arguments.sizes, arguments.backdrops, arguments.network) == (None, None, None)
    every = cases(["480p", "2160p"], ["blur", "picture"])
    assert [(case.width, case.height, case.backdrop) for case in every] == [
        *((848, 480, "blur"), (848, 480, "picture")),
        *((3840, 2160, "blur"), (3840, 2160, "picture")),
    ]


@pytest.mark.parametrize("text", ["", "721", "16x16", "641x480", "640x481", "99999x2", "720P "])
def test_a_size_that_cannot_be_is_refused_in_one_line(capsys, text):
    with pytest.raises(ValueError, match="720p"):
        read_size(text)
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["bench", "--size", text])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_peer_that_is_no_network_is_named(tmp_path, toy):
    (tmp_path / "text.onnx").write_text("This is no network.")
    for name in ("text.onnx", "nowhere.onnx"):
        with pytest.raises(BenchError, match=name):
            Network(tmp_path / name, (160, 288))


def test_a_network_file_that_is_not_there_is_one_line_and_exit_1(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("backdrop.__main__.stop_on_signals", threading.Event)  # pytest keeps its own
    assert main(["bench", "--network", str(tmp_path / "nowhere.onnx")]) == 1
    assert "nowhere.onnx" in capsys.readouterr().err


def test_a_line_that_gives_the_card_is_not_measured(tmp_path):
    broken = Segmenter.load(write_toy_network(tmp_path / "nan.onnx", "nan"))
    with pytest.raises(BenchError, match="nothing to measure"):
        CaseLine(Case("", 160, 96, "blur"), broken, demo_frames(160, 96)).warm_up()


def test_a_live_line_that_fails_says_why(tmp_path):
    broken = write_toy_network(tmp_path / "toy.onnx", metadata={"backdrop.contract": "none of ours"})
    with pytest.raises(BenchError, match=r"toy\.onnx"):
        measure_live(Case("", 160, 96, "blur"), broken, 0.1)


def test_the_ratio_to_a_peer_is_the_median_of_the_rounds_ratios(toy):
    ours, peer = Network(toy, (160, 288)), Network(toy, (160, 288))
    ours.run_round()
    peer.run_round()
    ours.cpu, peer.cpu = [1.0, 10.0, 2.0], [3.0, 40.0, 4.0]
    assert compared(ours, [peer])[0]["ratio"] == 3.0
    assert peer.report()["inputs"] == {"frame": [1, 160, 288, 3]}


def test_the_frames_go_round_without_a_jump():
    frames = demo_frames(160, 96)
    steps = [np.abs(after.astype(int) - before).mean() for before, after in pairwise([*frames, frames[0]])]
    assert max(steps) < 2 * np.median(steps)
    assert min(steps) > 0
    assert len(demo_frames(3840, 2160)) == 4 + 2


def test_a_watched_line_answers_as_any_other(toy):
    watch, frames = Stopwatch(), demo_frames(160, 96)[:3]
    plain, profiled = (
        Pipeline(Segmenter.load(toy), live=False, profiler=watch.watch),
        Pipeline(Segmenter.load(toy), live=False),
    )
    for index, pixels in enumerate(frames):
        frame = Frame(pixels, index, index / 30)
        one, other = (line.process(frame, Settings(backdrop="blur")) for line in (plain, profiled))
        np.testing.assert_array_equal(one.pixels, other.pixels)
    assert {name: len(laps) for name, laps in watch.laps.items() if laps} == dict.fromkeys(STAGES, 3)
    watch.forget()
    assert not any(watch.laps.values())


def test_times_are_in_milliseconds():
    seconds = [index / 1000 for index in range(1, 102)]
    assert times_of(seconds) == {"median_ms": 51.0, "p95_ms": 96.0}
    assert p95([0.25]) == 0.25
