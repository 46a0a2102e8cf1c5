"""`backdrop bench` of the whole application: its start, its memory, its soak and its window. Never how long anything took."""

import json
import logging
import subprocess
import sys
import threading

import pytest

from backdrop.bench.cases import BenchError, Case
from backdrop.bench.memory import measure_memory
from backdrop.bench.memory import summary as memory_summary
from backdrop.bench.process import Sample, growth, look
from backdrop.bench.soak import Stretch, grown, per_round, steps
from backdrop.bench.start import LAST, measure_start
from backdrop.bench.start import summary as start_summary
from backdrop.bench.whole import measure_whole
from backdrop.bench.window import STATES, measure_window
from backdrop.bench.window import summary as window_summary
from backdrop.cli.parser import build_parser
from backdrop.system.milestone import milestone, read_milestone
from tests.toy_network import write_toy_network

SMALL = Case("", 160, 96, "blur")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process holds")


A_FILE_AND_A_THREAD_MORE = """
import sys, threading
print("begun")
sys.stdin.readline()
release, held = threading.Event(), open(sys.argv[1], "w")
threading.Thread(target=release.wait).start()
print("more")
sys.stdin.read()
release.set()
"""


def samples_of(memory, handles=10, threads=4):
    """One sample a second, each second using a tenth of CPU."""
    return [Sample(float(at), each, handles, threads, at / 10) for at, each in enumerate(memory)]


def test_what_is_taken_before_it_has_settled_is_no_growth():
    grows_first = [100.0 + min(at, 60) for at in range(200)]
    found = growth(samples_of(grows_first))
    assert found["memory_mb"] == {"from": 160.0, "to": 160.0, "more": 0.0}
    assert found["slope_mb_an_hour"] == pytest.approx(0, abs=0.01)
    assert found["handles"]["more"] == found["threads"]["more"] == 0
    assert found["cpu_percent"] == pytest.approx(10)


def test_a_leak_is_seen_as_one():
    found = growth(samples_of([100.0 + at / 10 for at in range(200)]))
    assert found["memory_mb"]["more"] == pytest.approx(13, abs=0.1)
    assert found["slope_mb_an_hour"] == pytest.approx(360)


def test_nothing_is_said_of_a_time_that_was_too_short():
    with pytest.raises(ValueError, match="60 seconds"):
        growth(samples_of([100.0] * 30))


@linux
def test_a_file_and_a_thread_more_are_counted(tmp_path):
    """Of a process that does nothing else: here, threads and files of other tests come and go."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", A_FILE_AND_A_THREAD_MORE, str(tmp_path / "file")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "begun\n"
        before = look(other.pid, 0.0)
        print("more", file=other.stdin, flush=True)
        assert other.stdout.readline() == "more\n"
        during = look(other.pid, 1.0, "busy")
        other.stdin.close()
    assert (during.handles - before.handles, during.threads - before.threads) == (1, 1)
    assert during.memory_mb > 1
    assert during.step == "busy"


@linux
def test_a_process_that_has_ended_is_said_to_have():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pytest.raises(BenchError, match="has ended"):
        look(ended.pid, 0.0)


def test_a_milestone_is_read_from_the_log_and_nothing_else_is(caplog):
    caplog.set_level(logging.INFO)
    milestone("first composite")
    line = logging.Formatter(logging.BASIC_FORMAT).format(caplog.records[0])
    reached = read_milestone(line)
    assert reached is not None
    assert reached[0] == "first composite"
    assert 0 < reached[1] < 1e5
    assert read_milestone("INFO:backdrop.run.engine:the camera is closed: 3.0 s of CPU") is None


def test_a_start_is_followed_to_its_first_composite():
    report = measure_start(SMALL, threading.Event(), starts=1)
    assert list(report["stages"]) == ["modules", "network", "warm", "camera", LAST]
    for clock in ("wall_s", "cpu_s"):
        times = [stage[clock] for stage in report["stages"].values()]
        assert times == sorted(times)
        assert report[clock] == times[-1] > 0
    assert LAST in start_summary(report)


def test_a_start_that_fails_says_why():
    with pytest.raises(BenchError, match="Width"):
        measure_start(Case("", 2, 96, "blur"), threading.Event(), starts=1)


@linux
def test_memory_is_that_of_a_real_run():
    report = measure_memory(SMALL, 0.1, threading.Event())
    assert 30 < report["memory_mb"] < 1000
    assert len(report["samples"]) >= 3
    assert "Threads" in memory_summary(report)


def test_a_round_counts_its_most_memory_and_what_was_open_at_its_end():
    stretches = [
        Stretch(name, at / 2, memory, 9, threads, 30.0)
        for at, (name, memory, threads) in enumerate(
            [("a", 50.0, 4), ("b", 90.0, 9), ("a", 60.0, 4), ("b", 80.0, 4), ("a", 1.0, 1)]
        )
    ]
    rounds = per_round(stretches, 2)
    assert rounds == [
        {"minutes": 0.5, "memory_mb": 90.0, "handles": 9, "threads": 9},
        {"minutes": 1.5, "memory_mb": 80.0, "handles": 9, "threads": 4},
    ]
    assert grown(rounds) == {}
    assert grown([*rounds, {"minutes": 2.5, "memory_mb": 83.0, "handles": 9, "threads": 4}]) == {
        "memory_mb": 3.0,
        "handles": 0,
        "threads": 0,
        "slope_mb_an_hour": 180.0,
    }


@linux
def test_threads_and_handles_stay_flat_in_a_short_soak_and_memory_nearly(tmp_path):
    network, target = write_toy_network(tmp_path / "toy.onnx"), tmp_path / "soak.json"
    command = [sys.executable, *f"-m backdrop bench --soak 0.2 --to {target} --network {network}".split()]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    report = json.loads(target.read_text())
    assert [each["step"] for each in report["stretches"][: len(steps(tmp_path))]] == list(steps(tmp_path))
    assert len(report["rounds"]) >= 3
    assert report["frames"] > 0
    assert report["error"] is None
    assert any("no camera" in notice for notice in report["notices"])
    assert (report["growth"]["handles"], report["growth"]["threads"]) == (0, 0)
    assert (
        report["growth"]["memory_mb"] < 60
    )  # what twelve seconds settle; a leak of frames would be hundreds
    assert "Threads" in ended.stdout


def test_the_window_is_counted_in_each_of_its_states():
    report = measure_window(SMALL, 0.5)
    for state in STATES:
        assert report[state]["cpu_ms"] > 0
        assert report[state]["fps"] > 0
    assert report["shown"]["painted"] > 0
    assert report["minimised"]["painted"] == report["hidden"]["painted"] == 0
    assert all(state in window_summary(report) for state in STATES)


def test_one_whole_thing_at_a_time(capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["bench", "--start", "--soak", "1"])
    assert len(capsys.readouterr().err.splitlines()) == 1
    two = build_parser().parse_args(["bench", "--start", "--size", "480p", "--size", "720p"])
    with pytest.raises(BenchError, match="only one of each"):
        measure_whole(two, threading.Event())
