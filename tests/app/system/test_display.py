"""The window's display: one that does not answer at the start, and one that goes while Backdrop runs."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from backdrop.control.client import ask
from backdrop.control.place import ControlError
from backdrop.control.request import Request
from backdrop.frames.placeholder import GROUND
from backdrop.system.display import answers, has_display, platforms
from tests import ROOT
from tests.waiting import wait_until
from tests.x_server import x_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")

SECONDS = 300
DEAD = {"DISPLAY": ":4077", "WAYLAND_DISPLAY": "nobody-serves-this"}
SMALL = ("--camera", "demo", "--width", "320", "--height", "180")
COLOUR = (0x40, 0x30, 0x20)


@pytest.fixture
def place(monkeypatch) -> Iterator[Path]:
    """A folder for the sockets and settings of one test, and no display but those that it names."""
    with tempfile.TemporaryDirectory(prefix="backdrop-") as parent:
        for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(name, parent)
        for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"):
            monkeypatch.delenv(name, raising=False)
        yield Path(parent)


def backdrop(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "backdrop.start", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environ", "tried"),
    [
        ({}, []),
        ({"DISPLAY": ":0"}, ["xcb"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["wayland", "xcb"]),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, ["offscreen"]),
        ({"QT_QPA_PLATFORM": "wayland;vnc:size=640x480"}, ["wayland", "vnc"]),
    ],
)
def test_the_ways_to_show_a_window_are_those_that_qt_would_try(environ, tried):
    assert platforms(environ) == tried


def test_where_no_display_answers_backdrop_runs_without_a_window_and_says_so(place, monkeypatch):
    for name, value in DEAD.items():  # each alone, and both
        monkeypatch.setenv(name, value)
        assert not has_display()
    monkeypatch.delenv("DISPLAY")
    assert not has_display()
    done = backdrop(*SMALL, "--output", "null", "--seconds", "0.1")
    assert done.stdout.startswith("Demo camera, 320 × 180"), (
        done.stderr
    )  # a busy computer gets no further in this time
    assert "No display found, so Backdrop runs without a window." in done.stderr
    asked = backdrop("gui", *SMALL)
    assert (asked.returncode, asked.stderr) == (
        1,
        "No display found. Use `backdrop run`, which needs none.\n",
    )


def test_a_socket_that_a_dead_display_has_left_is_no_display(place, monkeypatch):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place / "wayland-7"))  # nobody listens
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert not answers("wayland")
    assert not has_display()


@pytest.mark.parametrize("platform", ["no-such-platform"])
def test_where_qt_gives_up_there_is_a_sentence_and_no_abort(place, monkeypatch, platform):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    done = backdrop("gui", *SMALL)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "The window can't open: `backdrop doctor` shows why." in done.stderr


@contextmanager
def x11(place: Path) -> Iterator[tuple[dict[str, str], subprocess.Popen[bytes]]]:
    with x_server() as (name, process):
        yield {"DISPLAY": name}, process


@contextmanager
def compositor(place: Path) -> Iterator[tuple[dict[str, str], subprocess.Popen[bytes]]]:
    command = ["weston", "--backend=headless-backend.so", "--socket=here", "--idle-time=0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield {"WAYLAND_DISPLAY": "here"}, process
        finally:
            process.kill()


def frames():
    try:
        return ask(Request("status"), patience=SECONDS)["status"]["frames"]
    except ControlError:  # it does not run yet, or has no time to answer
        return 0


SERVERS = [("Xvfb", x11), ("weston", compositor)]


@pytest.mark.parametrize(("program", "server"), SERVERS, ids=["X11", "Wayland"])
def test_when_the_display_goes_backdrop_ends_with_a_sentence_and_its_recording_plays_without_the_room(
    place, monkeypatch, program, server, record_property
):
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}; `make test` installs it on Debian, Ubuntu")
    video = place / "kept.mp4"
    with server(place) as (environ, display):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        wait_until(has_display)
        (place / "backdrop").mkdir(mode=0o700, exist_ok=True)
        (place / "backdrop" / "settings.json").write_text(
            '{"virtual_camera": true, "on_demand": false, "backdrop": "colour", "colour": "#203040"}'
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "backdrop.start", "gui", *SMALL, "--output", str(video)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        with process:
            try:
                wait_until(lambda: frames() > 20 or process.poll() is not None)
                ask(Request("set", settings={"mirror": True}), patience=SECONDS)
                display.send_signal(signal.SIGKILL)
                said, _nothing = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
    assert (process.returncode, said) == (
        1,
        "The connection to the display was lost, so Backdrop has quit.\n",
    )
    assert '"mirror": true' in (place / "backdrop" / "settings.json").read_text()
    with av.open(str(video)) as kept:  # the corners of the demo's room are light
        corners = [frame.to_ndarray(format="bgr24")[8, 8].astype(int) for frame in kept.decode(video=0)]
    raw = sum(min(abs(each - COLOUR).max(), abs(each - GROUND).max()) > 12 for each in corners)
    record_property("frames", len(corners))
    record_property("raw", int(raw))
    assert len(corners) > 10
    assert raw == 0
