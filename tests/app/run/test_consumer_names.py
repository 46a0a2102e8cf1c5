"""Who reads the output is asked on a thread of its own, seldom, and said only while somebody reads."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backdrop.outputs import consumers
from backdrop.outputs.consumers import DeviceReaders, names_of_readers
from backdrop.run.consumer_names import ConsumerNames
from backdrop.system import v4l2
from tests.line_ends import LONG


class Asked:
    """Answers when it may, and counts how often it was asked."""

    def __init__(self, *names: str) -> None:
        self.answer = list(names)
        self.may, self.count = threading.Event(), 0

    def readers(self) -> list[str]:
        self.count += 1
        assert self.may.wait(LONG)
        return self.answer


def answered(names: ConsumerNames) -> None:
    assert names._thread is not None
    names._thread.join(LONG)


def test_asking_holds_up_no_frame_and_is_done_once():
    names, output = ConsumerNames(), Asked("Zoom")
    for _ in range(20):
        names.follow(output.readers, True)
    assert names.names == (), "it has not answered yet"
    output.may.set()
    answered(names)
    names.follow(output.readers, True)
    assert names.names == ("Zoom",)
    assert output.count == 1


def test_once_nobody_reads_there_are_no_names_and_a_late_answer_does_not_count():
    names, output = ConsumerNames(), Asked("Zoom")
    names.follow(output.readers, True)
    names.follow(output.readers, False)
    output.may.set()
    answered(names)
    assert names.names == ()


def test_an_answer_that_fails_is_no_end():
    def fails() -> list[str]:
        raise OSError("gone")

    names = ConsumerNames()
    names.follow(fails, True)
    answered(names)
    assert names.names == ()


def test_an_output_that_cannot_tell_is_not_asked():
    names = ConsumerNames()
    names.follow(None, True)
    assert (names.names, names._thread) == ((), None)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_programs_that_have_a_device_open_are_named_without_this_one(tmp_path, monkeypatch):
    device = tmp_path / "video10"
    device.touch()
    looks: list[str] = []
    monkeypatch.setattr(v4l2, "references", lambda: 1)
    monkeypatch.setattr(
        consumers, "names_of_readers", lambda path: looks.append(path) or names_of_readers(path)
    )
    readers = DeviceReaders(str(device))
    with device.open():
        assert readers.names() == []
    script = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(device)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        comm = Path(f"/proc/{program.pid}/comm").read_text().strip()
        assert readers.names() == [comm[:1].upper() + comm[1:]]
        asked = len(looks)
        assert readers.names() == readers.names()
        assert len(looks) == asked, "nothing was opened or closed, so nothing is looked at"
        program.communicate()
    assert names_of_readers(str(device)) == []


@pytest.mark.parametrize(
    ("command", "name"),
    [("zoom", "Zoom"), ("chromium", "Chromium"), ("obs", "OBS"), ("GeckoMain", "Firefox")],
)
def test_programs_are_called_what_people_call_them(command, name):
    assert consumers._as_people_say(command) == name
