"""Nobody who does not listen ends the work: full disks, closed terminals, pipes without a reader."""

import contextlib
import fcntl
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backdrop.cameras.video_file import VideoFile
from backdrop.system.say import is_terminal, say

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no such pipes, terminals and signals")

SMALL = ("--camera", "demo", "--width", "160", "--height", "90")
LIVE = ("run", *SMALL, "--output", "null", "--seconds", "2.5")  # two lines with rates
FILE = ("run", *SMALL, "--output", "out.mp4", "--seconds", "1")
LONG = 300


def command(*arguments):
    return [sys.executable, "-m", "backdrop", *arguments]


def in_shell(line, cwd):
    """Run a line of bash, in which "$@" is the command. Returns what is still said, and its status."""
    return subprocess.run(
        ["bash", "-c", line], cwd=cwd, capture_output=True, text=True, timeout=LONG
    )  # fmt: skip


def unless_busy(said):
    """The lines of what was said, without those of a busy computer: how far a file is, and that it is busy."""
    return [line for line in said.splitlines() if " frames, " not in line and "too busy" not in line]


@pytest.mark.parametrize("where", [">/dev/full", ">/dev/full 2>/dev/full", ">&-", ">&- 2>&- <&-"])
def test_a_run_that_cannot_say_anything_runs_on(tmp_path, where):
    ended = in_shell(f"{' '.join(command(*LIVE))} {where}", tmp_path)
    assert (ended.returncode, unless_busy(ended.stderr)) == (0, [])


@pytest.mark.parametrize("where", [">/dev/full", ">&- 2>&- <&-"])
def test_a_file_is_made_whole_even_if_nobody_listens(tmp_path, where):
    """With standard output closed, the file that is written would be standard output, and get what is said."""
    ended = in_shell(f"{' '.join(command(*FILE))} {where}", tmp_path)
    assert (ended.returncode, unless_busy(ended.stderr)) == (0, [])
    assert VideoFile(tmp_path / "out.mp4", paced=False).frames == 30


@pytest.mark.parametrize("arguments", [LIVE, FILE])
def test_a_run_whose_reader_has_gone_runs_on(tmp_path, arguments):
    ended = in_shell(f"{' '.join(command(*arguments))} 2>&1 | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert ended.returncode == 0


def test_a_pipe_that_nobody_empties_holds_up_neither_the_run_nor_its_end(tmp_path):
    reader, writer = os.pipe()
    fill(writer)
    with contextlib.closing(os.fdopen(reader)), contextlib.closing(os.fdopen(writer, "w")):
        process = subprocess.Popen(
            command("run", "--verbose", *SMALL, "--output", "out.mkv"), cwd=tmp_path, stdout=writer, stderr=writer
        )  # fmt: skip
        try:
            wait_for(lambda: (tmp_path / "out.mkv").exists(), process)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=LONG) == 0
        finally:
            process.kill()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals to hang up")
@pytest.mark.parametrize("arguments", [LIVE, ("run", *SMALL, "--output", "out.mp4", "--seconds", "3")])
def test_a_run_outlives_its_terminal(tmp_path, arguments):
    ours, theirs = os.openpty()
    # A session of its own, whose terminal that is: to hang it up sends SIGHUP.
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", take, *command(*arguments)],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        said = b""
        while b"frames" not in said and b"out.mp4" not in said and not (tmp_path / "out.mp4").exists():
            said += os.read(ours, 1000)
        os.close(ours)
        assert process.wait(timeout=LONG) == 0, "the terminal is gone"
    finally:
        process.kill()
    if "out.mp4" in arguments:
        assert VideoFile(tmp_path / "out.mp4", paced=False).frames == 90


@pytest.mark.parametrize("arguments", [("devices",), ("doctor", "--json")])
def test_a_command_whose_answer_is_lost_says_so(tmp_path, arguments):
    ended = in_shell(f"{' '.join(command(*arguments))} >/dev/full", tmp_path)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert "could not be written: No space left on device" in ended.stderr


@pytest.mark.parametrize("where", [">/dev/full", ">&-", "| true"])
def test_an_installation_is_done_whole_even_if_nobody_listens(tmp_path, where):
    """Its lines say what has been done: they must not keep the next thing from being done."""
    own = f"XDG_DATA_HOME={tmp_path}/data XDG_CONFIG_HOME={tmp_path}/config"
    ended = in_shell(
        f"{own} {' '.join(command('install-desktop'))} {where}; exit ${{PIPESTATUS[0]}}", tmp_path
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "data/icons/hicolor/scalable/apps/backdrop.svg").exists(), "it is one of the last"
    assert (tmp_path / "config/systemd/user/backdrop.service").exists()


def test_a_reader_who_has_had_enough_is_no_fault_to_tell_of(tmp_path):
    ended = in_shell(f"{' '.join(command('devices'))} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (ended.returncode in (0, 1), ended.stderr) == (True, "")


def test_what_is_said_is_heard_where_somebody_listens(capfd):
    say("30 frames → here")
    say("no camera", error=True)
    say("half", end="")
    assert tuple(capfd.readouterr()) == ("30 frames → here\nhalf", "no camera\n")


def test_a_long_text_is_said_whole_to_a_reader_who_takes_his_time(tmp_path):
    text = "Backdrop " * 30_000
    line = f"{sys.executable} -c 'from backdrop.system.say import say; say(\"Backdrop \" * 30_000)' | (sleep 0.1; cat)"
    assert in_shell(line, Path.cwd()).stdout == text + "\n"


def test_streams_that_are_none_or_closed_are_no_trouble(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stdout", stream)
        say("to nobody")
        assert not is_terminal()


def fill(writer):
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 512)
    os.set_blocking(writer, True)
    assert fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK == 0


def wait_for(what, process):
    until = time.monotonic() + LONG
    while not what() and time.monotonic() < until:
        assert process.poll() is None
        time.sleep(0.05)
    assert what()
