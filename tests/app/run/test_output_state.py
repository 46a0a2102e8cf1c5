"""What is said of the virtual camera is what it is: off, starting, ready, or failed and why."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backdrop.cameras.open import open_camera
from backdrop.cli.control import as_text, control
from backdrop.cli.headless import _first_output
from backdrop.cli.parser import build_parser
from backdrop.control.client import ask
from backdrop.control.place import ControlError
from backdrop.control.request import Request
from backdrop.control.unattended import reached_by_commands
from backdrop.outputs.base import NullOutput, OutputError
from backdrop.outputs.video_writer import VideoWriter
from tests import ROOT
from tests.app.outputs.test_consumers import WatchedRecorder
from tests.app.outputs.test_open_output import no_loopback
from tests.line_ends import LONG
from tests.own_folders import runtime_folder
from tests.whole_line import ON, Line, is_composite, until

MISSING = OutputError("There is no virtual camera: install one.")
OFF_AIR = replace(ON, virtual_camera=False)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = runtime_folder()
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    return Path(folder)


@pytest.fixture
def reached(line: Line, place: Path) -> Iterator[Line]:
    """A running line that commands reach, off air."""
    engine = line.start(OFF_AIR)
    until(engine, lambda result: result.notice is None)
    with reached_by_commands(engine, threading.Event(), ""):
        yield line


def say(*words: str) -> int:
    return control(build_parser().parse_args(words))


def state(line: Line) -> tuple[str, str]:
    assert line.engine is not None
    stats = line.engine.stats()
    return stats.output_state, stats.output_reason


@pytest.mark.usefixtures("impatient")
def test_the_state_follows_what_happens_to_the_output(line):
    may_open = threading.Event()
    plain = line.open_output

    def open_slowly(spec: str, width: int, height: int, fps: float) -> object:
        assert may_open.wait(LONG)
        return plain(spec, width, height, fps)

    engine = line.start(OFF_AIR)
    line.open_output = open_slowly
    until(engine, lambda result: result.notice is None)
    assert state(line) == ("off", "")
    engine.settings = ON
    assert state(line) == ("starting", ""), "from the moment that it is wanted"
    may_open.set()
    line.output().wait_for(is_composite)
    assert state(line) == ("ready", "")
    line.output_trouble = MISSING
    line.outputs[0].trouble = OutputError("It is gone.")
    until(engine, lambda _: state(line) == ("failed", str(MISSING)))
    line.output_trouble = None
    until(engine, lambda _: state(line) == ("ready", ""))
    engine.settings = OFF_AIR
    assert state(line) == ("off", "")
    until(engine, lambda _: True)


def test_a_toggle_that_finds_no_virtual_camera_fails_and_says_why(reached, capsys):
    reached.output_trouble = MISSING
    with pytest.raises(ControlError, match=r"failed: There is no virtual camera: install one\.") as raised:
        say("toggle", "virtual-camera")
    assert raised.value.status == 1
    assert capsys.readouterr().out == ""
    status = ask(Request("status"))["status"]
    assert status["virtual_camera"] == {"state": "failed", "reason": str(MISSING), "consumers": []}
    assert re.search(rf"^Virtual camera +failed: {re.escape(str(MISSING))}$", as_text(status), re.MULTILINE)
    assert say("toggle", "virtual-camera") == 0
    assert capsys.readouterr().out == "Virtual camera: off\n"


def test_a_toggle_says_which_virtual_camera_is_ready_and_the_status_who_reads_it(reached, capsys):
    reached.recorder = WatchedRecorder
    assert say("toggle", "virtual-camera") == 0
    assert capsys.readouterr().out == "Virtual camera: recorder\n"
    assert say("set", "output=/dev/video9", "mirror=on") == 0
    assert capsys.readouterr().out == "Flip for others: on\nOutput: /dev/video9\nVirtual camera: recorder\n"
    assert ask(Request("status"))["status"]["virtual_camera"]["state"] == "ready"
    output = reached.output()
    output.names, output.watching = ("Zoom",), True
    until(reached.engine, lambda _: reached.engine.stats().consumers)
    status = ask(Request("status"))["status"]
    assert status["virtual_camera"] == {"state": "in use", "reason": "", "consumers": ["Zoom"]}
    assert re.search("^Virtual camera +recorder, in use by Zoom$", as_text(status), re.MULTILINE)


def test_the_status_speaks_of_a_recording_where_the_output_is_a_file(reached, capsys):
    assert say("set", "output=talk.mp4", "virtual_camera=on") == 0
    assert capsys.readouterr().out == "Output: talk.mp4\nOutput: recording to recorder\n"
    status = ask(Request("status"))["status"]
    assert status["virtual_camera"]["state"] == "recording"
    assert "Virtual camera" not in as_text(status)


def test_one_that_takes_too_long_is_starting(reached, capsys, monkeypatch):
    monkeypatch.setattr("backdrop.cli.control.OPENING", 0.2)
    may_open = threading.Event()
    plain = reached.open_output

    def open_slowly(spec: str, width: int, height: int, fps: float) -> object:
        assert may_open.wait(LONG)
        return plain(spec, width, height, fps)

    reached.open_output = open_slowly
    assert say("set", "virtual_camera=on") == 0
    may_open.set()
    assert capsys.readouterr().out == "Virtual camera: starting\n"


def test_another_output_takes_the_place_of_null(line, tmp_path):
    """`backdrop run --output null`, and then `backdrop set output=a.mp4`."""
    opened: list[object] = []
    camera = open_camera("demo", 320, 180, 30)
    first = _first_output("null", NullOutput(), camera, overwrite=False)

    def open_it(spec: str, width: int, height: int, fps: float) -> object:
        opened.append(first(spec, width, height, fps))
        return opened[-1]

    line.open_output = open_it
    engine = line.start(replace(ON, output="null"))
    until(engine, lambda _: engine.stats().output == "nowhere")
    engine.settings = replace(engine.settings, output=str(tmp_path / "a.mp4"))
    until(engine, lambda _: engine.stats().output.endswith("a.mp4"))
    engine.settings = replace(engine.settings, output="null")
    until(engine, lambda _: engine.stats().output == "nowhere")
    assert [type(each) for each in opened] == [NullOutput, VideoWriter, NullOutput]
    assert engine.stop(LONG)


@no_loopback
def test_without_a_virtual_camera_a_run_looks_for_one_again(line, impatient):
    """Where the window has no display: it goes on, and takes a driver that is loaded later."""
    tries: list[str] = []
    first = _first_output("", None, open_camera("demo", 320, 180, 30), overwrite=False)

    def open_it(spec: str, width: int, height: int, fps: float) -> object:
        tries.append(spec)
        return first(spec, width, height, fps)

    line.open_output = open_it
    engine = line.start(ON)
    until(engine, lambda _: len(tries) > 2)
    assert state(line)[0] == "failed"
    assert engine.stats().output == ""


def test_the_options_of_a_second_start_are_taken_over_by_the_window_that_is_open(tmp_path, place):
    environment = os.environ | {
        "XDG_RUNTIME_DIR": str(place),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    start = [sys.executable, "-m", "backdrop"]
    root = ROOT
    window = subprocess.Popen(
        [*start, "--camera", "demo"], cwd=root, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        asked = [*start, "--width", "640", "--height", "360", "--backdrop", "#102030"]
        for _ in range(40):
            if any(place.glob("backdrop/*.sock")):
                break
            threading.Event().wait(0.25)
        second = subprocess.run(asked, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
        assert second.returncode == 0, second.stderr
        assert "Width: 640" in second.stdout
        settings = ask(Request("status"))["status"]["settings"]
        assert (settings["width"], settings["height"]) == (640, 360)
        assert (settings["backdrop"], settings["colour"]) == ("colour", "#102030")
        assert settings["camera"] == "demo"
        third = subprocess.run(start, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
        assert third.stdout == "Backdrop is already running. Its window is now in front.\n"
        ask(Request("quit"))
        window.wait(LONG)
    finally:
        window.kill()
        window.wait()
