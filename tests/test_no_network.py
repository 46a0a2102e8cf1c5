"""No network access at all: every command of the application, where the first network socket is the end of it."""

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backdrop.cli.parser import build_parser
from tests import ROOT
from tests.line_ends import LONG
from tests.own_folders import own_folders
from tests.videos import greys, write_video
from tests.without_network import possible

LAUNCHER = [sys.executable, str(ROOT / "tests" / "without_network.py")]
MINUTE = 2 * LONG

pytestmark = pytest.mark.skipif(
    not possible(), reason="needs Linux on x86_64 or aarch64, which can forbid sockets"
)

SMALL = ("--camera", "demo", "--width", "320", "--height", "180")
# What is run alone; the other commands talk to a Backdrop that runs, and are tried below.
COMMANDS = {
    "run": ("run", *SMALL, "--output", "null", "--seconds", "2"),
    "video": ("video", "in.mp4", "out.mp4"),
    "devices": ("devices",),
    "doctor": ("doctor", "--json"),
    "install-desktop": ("install-desktop",),
    "setup": ("setup",),  # nobody agrees, for nobody is there: it says what it would do
    "bench": ("bench", "--size", "480p", "--backdrop", "blur", "--seconds", "0.2"),
}
CONTROL = [
    ("status",),
    ("toggle", "mirror"),
    ("set", "mirror=true"),
    ("preset", "Work", "--save"),
    ("snapshot",),
    ("show",),
    ("quit",),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Folders of its own, and no network of the Python that runs the test."""
    # Of what a library could take as a sign that it is tested, and behave, nothing is left.
    rest = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("ORT_")}
    return rest | own_folders(tmp_path) | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def run(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LAUNCHER, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=MINUTE
    )


@pytest.mark.parametrize(
    ("code", "killed"),
    [
        ("import socket; socket.socket(socket.AF_INET)", True),
        ("import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)", True),
        ("import urllib.request as r; r.urlopen('http://127.0.0.1:9')", True),
        ("import ctypes; ctypes.CDLL(None).socket(2, 1, 0)", True),
        ("import threading, socket; t = threading.Thread(target=socket.socket); t.start(); t.join()", True),
        ("import socket; socket.socketpair(); socket.socket(socket.AF_UNIX)", False),
    ],
    ids=["TCP", "UDP over 6", "a web page", "a library's", "on a thread", "between programs"],
)
def test_the_guard_kills_who_asks_for_a_network_socket_and_nobody_else(code, killed):
    program = f"from tests.without_network import forbid_network; forbid_network(); {code}"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=MINUTE)
    assert ended.returncode == (-signal.SIGSYS if killed else 0), ended.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_asks_for_no_network_socket(name, tmp_path, environment):
    if name == "video":
        write_video(tmp_path / "in.mp4", greys(5))
    ended = run(COMMANDS[name], tmp_path, environment)
    # 1 is what the doctor says of a computer without a virtual camera, and setup where nobody is there to agree.
    assert ended.returncode in ((0, 1) if name in ("doctor", "setup") else (0,)), ended.stderr
    assert ended.stdout or ended.stderr or name == "video"


def test_the_network_as_a_library_asks_for_no_socket_and_keeps_no_identifier(tmp_path, environment):
    """ONNX Runtime's wheels send usage to their maker unless they are told not to: some seconds after the start."""
    program = (
        "import tests.without_network as guard; guard.forbid_network()\n"
        "import time, numpy; from sinet_core import Segmenter; segmenter = Segmenter.load()\n"
        "until = time.monotonic() + 4\n"
        "while time.monotonic() < until: segmenter(numpy.zeros((180, 320, 3), numpy.uint8)); time.sleep(0.1)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=MINUTE,
    )
    assert ended.returncode == 0, ended.stderr
    kept = [path for name in ("HOME", "XDG_CACHE_HOME") for path in (tmp_path / name).rglob("*")]
    assert kept == []


@pytest.fixture
def window(tmp_path: Path, environment: dict[str, str]) -> Iterator["Window"]:
    window = Window(tmp_path, environment)
    yield window
    window.end()


class Window:
    """The window, drawn into memory, without a network."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [*LAUNCHER, "gui", *SMALL, "--verbose"],
            cwd=folder,
            env=environment | {"QT_QPA_PLATFORM": "offscreen"},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self._composited = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for_a_composite(self) -> None:
        assert self._composited.wait(MINUTE), self.said

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as said:
            for line in said:
                self.said.append(line)
                if "first composite" in line:
                    self._composited.set()
        self._composited.set()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()


def test_the_window_and_the_commands_that_reach_it_ask_for_no_network_socket(window, tmp_path, environment):
    window.wait_for_a_composite()
    for arguments in CONTROL:
        ended = run(arguments, tmp_path, environment)
        assert ended.returncode == 0, (arguments, ended.stderr, window.said)
    assert window.process.wait(LONG) == 0, window.said


def test_every_command_is_tried():
    (commands,) = [each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    tried = {arguments[0] for arguments in [*COMMANDS.values(), *CONTROL]} | {"gui"}
    assert set(commands.choices) == tried
