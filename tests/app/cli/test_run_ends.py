"""`backdrop run` ends when it is told to, at any moment of its start, its work and its end, and leaves nothing behind."""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from backdrop.cameras.video_file import VideoFile
from backdrop.control.client import ask
from backdrop.control.place import folder
from backdrop.control.request import Request
from tests import ROOT
from tests.app.system.test_leave import SECONDS, caught, is_free, start, write_large
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not Path("/proc/self/status").exists(), reason="only there can be seen what it heeds"
)  # fmt: skip

SMALL = ("--camera", "demo", "--width", "160", "--height", "90")
STUCK = """
import sys, threading
import backdrop.cameras.open, backdrop.cli.headless
def stuck(*asked):
    print("stuck", flush=True)
    threading.Event().wait()
backdrop.cli.headless.open_camera = stuck  # a device that never answers
from backdrop.system import leave
from backdrop.__main__ import main
leave.handle_signals()
leave.run(lambda: main(["run", "--camera", "0", "--output", "null"]))
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    short = Path(tempfile.mkdtemp(prefix="b-"))  # a socket's path may not be long
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    yield tmp_path
    shutil.rmtree(short)


def is_given_up(name):
    """Whether a run of that name has been there, and its lock is free."""
    lock = folder() / f"{name}.lock"
    return is_free(lock) and not (folder() / f"{name}.sock").exists()


def ended(process, number, after):
    """Send a signal after so many seconds. Returns the status, and what was said."""
    time.sleep(after)
    process.send_signal(number)
    try:
        said, _nothing = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    return process.returncode, said


@pytest.mark.parametrize(("number", "allowed"), [(signal.SIGTERM, (0,)), (signal.SIGINT, (0, 130))])
def test_at_any_moment_a_signal_ends_a_run_and_gives_up_its_lock(home, number, allowed):
    """0; Ctrl-C before it runs is 130, as of any program."""
    moments = random.Random(int(number))
    for _time in range(6):
        process = start("run", *SMALL, "--output", "null", "--seconds", "1.2", "--instance", "one")
        status, said = ended(process, number, moments.uniform(0, 3))
        assert status in allowed, said
        assert "Traceback" not in said
        assert not (folder() / "one.lock").exists() or is_given_up("one")
        assert not list(home.glob("state/backdrop/*")), "no report of a crash, none of a run that is over"


@pytest.mark.parametrize("moment", [0.0, 0.5, 1.0, 1.5])
def test_a_file_that_a_signal_ends_plays_or_is_not_there(home, moment):
    target = home / "out.mkv"
    process = start("run", *SMALL, "--output", str(target))
    status, said = ended(process, signal.SIGTERM, moment)
    assert (status, "Traceback" in said) == (0, False), said
    if target.exists() and " frames in " in said and not said.startswith("0 frames"):
        assert VideoFile(target, paced=False).read() is not None


def started(program):
    """Start a program of Python's. Returns it when it is stuck."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )  # fmt: skip
    assert process.stdout is not None
    assert "stuck\n" in process.stdout
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [0, 0.5])
def test_a_camera_that_does_not_open_holds_up_no_signal(home, number, after):
    status, said = ended(started(STUCK), number, after)
    assert status in (0, 130), said


def test_a_run_that_ends_while_a_large_picture_is_read_is_not_aborted(home):
    large = write_large(home / "large.png")
    for moment in (0, 0.05, 0.1, 0.2):
        process = start("run", *SMALL, "--output", "null", "--instance", "one")
        while process.poll() is None and not (folder() / "one.sock").exists():
            time.sleep(0.01)
        assert ask(Request("set", settings={"backdrop": "picture", "picture": large}), "one")
        status, said = ended(process, signal.SIGTERM, moment)  # read on a thread of its own meanwhile
        assert status == 0, said
        assert is_given_up("one")


def test_a_second_ctrl_c_ends_at_once_what_does_not_end(home):
    process = started(STUCK.replace("headless.open_camera", "headless.warm_up"))
    assert caught(process.pid, signal.SIGINT)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: not caught(process.pid, signal.SIGINT))  # the first has been heard
    assert process.poll() is None
    status, _said = ended(process, signal.SIGINT, 0)
    assert status == -signal.SIGINT
