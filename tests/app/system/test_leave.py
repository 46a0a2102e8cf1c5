"""How the process ends: processes of their own, for a test cannot survive it."""

import fcntl
import random
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.control.client import NotRunningError, ask
from backdrop.control.place import folder
from backdrop.control.request import Request
from tests import ROOT
from tests.own_folders import runtime_folder
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

SECONDS = 300
WINDOW = ("gui", "--camera", "demo", "--output", "null", "--width", "320", "--height", "180")
READING = """
import sys, threading, time
import cv2
from backdrop.system import leave

def main():
    threading.Thread(target=lambda: [cv2.imread(sys.argv[1]) for _ in range(99)], daemon=True).start()
    time.sleep(0.05)
    return int(sys.argv[2])

leave.run(main)
"""
# A thread that is waited for starts another one, as those of a window do that is left as soon as it has opened.
ONE_MORE = """
import sys, threading, time
import cv2
from backdrop.system import leave

def read():
    while True:
        cv2.imread(sys.argv[1])

def begin():
    time.sleep(0.1)
    threading.Thread(target=read, daemon=True).start()
    time.sleep(0.05)

def main():
    threading.Thread(target=begin, daemon=True).start()
    return int(sys.argv[2])

leave.run(main)
"""
# A thread of C++'s that Python has come to know of is one that nothing can wait for.
FOREIGN = """
import _thread, threading
from backdrop.system import leave
known = threading.Event()
def run():
    threading.current_thread()
    known.set()
    threading.Event().wait()
_thread.start_new_thread(run, ())
known.wait()
leave.leave(3, patience=0.01)
"""
AT_EXIT = """
import atexit, threading
from backdrop.system import leave
atexit.register(print, "closed")
print("said", end=" ")
threading.Thread(target=threading.Event().wait, name="stuck").start()
leave.leave(7, patience=0.01)
"""
NOTHING_TO_CLOSE = """
import time
from backdrop.system import leave
leave.handle_signals()
leave.restore_signals()
print("ready", flush=True)
time.sleep(60)
"""


@cache
def large(side):
    """A PNG that takes a while to read, and to make."""
    noise = np.random.default_rng(1).integers(0, 255, (side // 8, side // 8, 3), np.uint8)
    return cv2.imencode(".png", cv2.resize(noise, (side, side)))[1].tobytes()


def write_large(path, side=4000):
    path.write_bytes(large(side))
    return str(path)


def python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS
    )


@pytest.mark.parametrize("status", [0, 2])
def test_a_process_that_ends_while_a_picture_is_read_is_not_aborted(tmp_path, status):
    path = write_large(tmp_path / "large.png")
    for _time in range(3):
        done = python("-c", READING, path, str(status))
        assert (done.returncode, done.stderr) == (status, "")


def test_a_thread_that_another_one_starts_meanwhile_is_waited_for_too(tmp_path):
    done = python("-c", ONE_MORE, write_large(tmp_path / "small.png", side=64), "2")
    assert (done.returncode, done.stderr) == (2, "")


def test_a_thread_that_is_not_of_pythons_making_holds_up_nothing():
    done = python("-c", FOREIGN)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_thread_that_never_ends_holds_up_nothing_and_what_is_to_be_closed_is():
    done = python("-c", AT_EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (7, "said closed\n", "")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime_folder())
    return tmp_path


def start(*arguments):
    """Start the command, and return as soon as it heeds signals."""
    process = subprocess.Popen(
        [sys.executable, "-m", "backdrop.start", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while process.poll() is None and not caught(process.pid, signal.SIGTERM):
        time.sleep(0.002)
    return process


def caught(pid, number):
    """Whether a process has a handler of its own for a signal."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return bool(
        int(next(line for line in lines if line.startswith("SigCgt")).split()[1], 16) >> number - 1 & 1
    )


def _answers():
    try:
        return ask(Request("status"), patience=SECONDS)
    except NotRunningError:
        return False


def is_free(lock):
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises where somebody holds it
    return True


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only there can be seen what it heeds")
def test_whenever_it_is_told_to_end_it_does_with_0_and_gives_up_its_lock(home):
    moments = random.Random(3)
    for number in range(5):
        process = start(*WINDOW)
        while number == 0 and process.poll() is None and not list(folder().glob("*.lock")):
            time.sleep(0.01)  # once with a lock for certain, however busy this computer is
        time.sleep(moments.uniform(0, 2.5))
        process.send_signal(signal.SIGTERM)
        said, _nothing = process.communicate(timeout=SECONDS)
        assert (process.returncode, "Traceback" in said) == (0, False), said
        locks = list(folder().glob("*.lock"))
        assert locks or number > 0
        assert all(is_free(lock) for lock in locks)


def test_a_command_without_anything_to_close_is_ended_by_a_signal_as_any_program(home):
    process = subprocess.Popen([sys.executable, "-c", NOTHING_TO_CLOSE], cwd=ROOT, stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
    assert process.returncode == -signal.SIGTERM


def test_a_window_that_is_left_while_own_pictures_are_read_is_not_aborted(home):
    own = [write_large(home / f"{number}.png") for number in range(4)]
    (home / "config" / "backdrop").mkdir(parents=True)
    listed = ", ".join(f'"{path}"' for path in own)
    (home / "config" / "backdrop" / "pictures.json").write_text(f"[{listed}]")
    for _time in range(3):
        process = start(*WINDOW, "--backdrop", own[0])
        try:
            wait_until(lambda process=process: process.poll() is not None or _answers())
            process.terminate()
            said, _nothing = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
        assert process.returncode == 0, said
