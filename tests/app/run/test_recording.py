"""Recording what others see beside the call: what is in the file, which file it is, and what is never in it."""

import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.run.recording import Recording, as_time
from tests import ROOT
from tests.line_ends import LONG, PATIENT, Recorder
from tests.secret_room import leaked
from tests.waiting import wait_until
from tests.whole_line import ON, PERSON, is_composite

RECORDING = replace(ON, record=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """Where videos belong in this test."""
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(tmp_path / "Videos"))
    return tmp_path / "Videos"


def frames_of(path):
    with av.open(str(path)) as file:
        assert not file.streams.audio
        return [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]


def record(line, engine, count=15):
    """Record for so many frames, and return the path of the finished file."""
    engine.settings = replace(engine.settings, record=True)
    wait_until(lambda: engine.stats().recording)
    name = engine.stats().recording
    line.output().wait_for(lambda pixels: True, count)
    engine.settings = replace(engine.settings, record=False)
    wait_until(lambda: not engine.stats().recording)
    return Path(name)


def test_each_recording_is_a_new_file_of_composites_without_sound(line, folder):
    engine, _output = line.running()
    assert engine.stats().recording == ""
    assert not folder.exists()  # nothing is made unless it is asked for
    paths = [record(line, engine) for _ in range(2)]
    assert engine.stop(LONG)
    assert paths == [folder / "Backdrop.mp4", folder / "Backdrop-2.mp4"]
    for path in paths:
        seen = frames_of(path)
        assert seen
        # H.264 blurs the edges of the room's spots; a raw frame has more than ten thousand such pixels.
        assert max(leaked(pixels, PERSON) for pixels in seen) < 300


def test_while_the_person_hides_the_recording_shows_the_placeholder(line):
    engine = line.start(replace(ON, hide=True))
    line.output().wait_for(lambda pixels: True, 3)
    path = record(line, engine)
    assert engine.stop(LONG)
    assert max(leaked(pixels) for pixels in frames_of(path)) == 0


def test_an_existing_file_is_never_replaced(line, folder):
    folder.mkdir()
    (folder / "Backdrop.mp4").write_text("a film of mine")
    engine, _output = line.running()
    assert record(line, engine).name == "Backdrop-2.mp4"
    assert (folder / "Backdrop.mp4").read_text() == "a film of mine"


def test_a_recording_needs_no_virtual_camera_and_ends_with_the_engine(line, folder):
    engine = line.start(replace(RECORDING, virtual_camera=False))
    wait_until(lambda: engine.stats().recording and engine.stats().recorded > 0.3)
    assert engine.stop(LONG)
    assert frames_of(folder / "Backdrop.mp4")


def test_a_folder_that_cannot_be_written_gives_a_notice_and_the_call_goes_on(line, folder):
    folder.write_text("a file where the folder belongs")
    engine, _output = line.running(RECORDING, count=5)
    wait_until(lambda: "Backdrop.mp4" in (engine.notice or ""))
    assert engine.stats().recording == ""
    line.output().wait_for(is_composite, 5)
    engine.settings = ON
    wait_until(lambda: engine.notice is None)


def test_a_frame_that_may_no_longer_leave_is_not_recorded_either():
    class Slow(Recorder):
        def send(self, pixels):
            super().send(pixels)
            sending.set()
            assert may_send.wait(LONG)

    sending, may_send, made = threading.Event(), threading.Event(), []
    recording = Recording(
        open_file=lambda *asked: made.append(Slow(*asked[1:])) or made[-1],
        folder=lambda: Path("nowhere-that-is-written"),
        limits=PATIENT,
    )
    raw, card = np.full((180, 320, 3), 9, np.uint8), np.zeros((180, 320, 3), np.uint8)
    recording.follow(card, RECORDING, 30, lambda: True)
    assert sending.wait(LONG)  # the thread is in the middle of writing
    allowed = [True]
    recording.follow(raw, RECORDING, 30, lambda: allowed[0])
    allowed[0] = False  # the effect comes on
    may_send.set()
    made[0].wait_for(lambda pixels: True, 0)
    wait_until(lambda: recording._take.composites._item is None)
    recording.follow(card, RECORDING, 30, lambda: True)
    recording.close()
    assert all(not pixels.any() for pixels in made[0].sent)
    Path("nowhere-that-is-written").rmdir()


def test_a_recording_that_cannot_go_on_says_so_and_is_not_written_over(line, monkeypatch):
    files = []

    class Full(Recorder):
        def send(self, pixels):
            super().send(pixels)
            if self not in files:
                files.append(self)
            if len(self.sent) < 3:
                return
            raise OutputError("Backdrop.mp4 cannot be written: No space left on device.")

    line.recording = Recording(open_file=lambda *asked: Full(*asked[1:]), limits=PATIENT)
    engine = line.make(RECORDING)
    engine.start()
    wait_until(lambda: "No space left" in (engine.notice or ""))
    wait_until(lambda: not engine.stats().recording)  # nobody is told that it goes on
    assert engine.stats().recorded == 0
    assert len(files[0].sent) == 3, "it did record until then"
    line.output().wait_for(is_composite, 5)


KILLED = """
import sys, time
import numpy as np
from pathlib import Path
from backdrop.run.recording import Recording
from backdrop.settings.settings import Settings
recording = Recording(folder=lambda: Path(sys.argv[1]))
for number in range(10_000):
    pixels = np.full((180, 320, 3), number % 200, np.uint8)
    recording.follow(pixels, Settings(record=True), 30, lambda: True)
    if recording.seconds > 2:
        print("recording", flush=True)
    time.sleep(1 / 30)
"""


def test_a_recording_plays_after_a_crash(folder):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recording\n"
        process.kill()
    assert len(frames_of(folder / "Backdrop.mp4")) > 1


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (65.9, "1:05"), (3725, "1:02:05")])
def test_how_long_it_is_reads_like_a_clock(seconds, said):
    assert as_time(seconds) == said
    assert re.fullmatch(r"(\d+:)?\d+:\d\d", said)


def test_the_usual_way_to_open_a_file_is_the_outputs(folder):
    folder.mkdir()
    output = open_output(str(folder / "a.mp4"), 320, 180, 30)
    assert output.name == str(folder / "a.mp4")
    output.close()
