"""The camera is open only while somebody watches, and how it is found out whether a program does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError, CameraInfo
from backdrop.frames.frame import Frame
from backdrop.frames.placeholder import RESTING, placeholder
from backdrop.outputs import consumers
from backdrop.outputs.consumers import ProcessScan, consumer_monitor_of
from backdrop.run import camera_thread
from backdrop.run.camera_on_demand import CameraOnDemand
from backdrop.settings.settings import Settings
from backdrop.system import v4l2
from tests.line_ends import IMPATIENT, LONG, Recorder, SecretCamera
from tests.waiting import wait_until
from tests.whole_line import ON, Line, is_composite

CARD = placeholder(320, 180, RESTING)


class WatchedRecorder(Recorder):
    """A virtual camera that tells whether a program watches, and can be watched."""

    watching: bool | None = False
    names: tuple[str, ...] = ()

    def has_consumers(self) -> bool | None:
        return self.watching

    def readers(self) -> list[str]:
        return list(self.names)


def is_resting(pixels: NDArray[np.uint8]) -> bool:
    return np.array_equal(pixels, CARD)


@pytest.fixture
def unwatched(line: Line, impatient: None) -> Callable[..., WatchedRecorder]:
    """Start a line that nobody watches; returns its virtual camera once the camera has been closed."""

    def start(settings: Settings = ON) -> WatchedRecorder:
        line.recorder = WatchedRecorder
        engine = line.make(settings)
        engine.previewed = False
        engine.start()
        output = line.output()
        assert isinstance(output, WatchedRecorder)
        output.wait_for(is_resting)
        assert _camera(line).closed.wait(LONG)
        return output

    return start


def _camera(line: Line, spec: str = "secret") -> SecretCamera:
    camera = line.cameras[spec]
    assert isinstance(camera, SecretCamera)
    return camera


def test_the_camera_is_closed_while_nobody_watches_and_opened_for_who_does(line, unwatched):
    output = unwatched()
    opened = len(line.opened)
    sent = output.wait_for(is_resting, 2)
    assert all(map(is_resting, sent))
    assert line.engine.stats().resting
    assert line.engine.notice is None
    output.watching = True
    output.wait_for(is_composite, 3)
    assert len(line.opened) == opened + 1
    assert not line.engine.stats().resting
    output.watching = False
    output.wait_for(is_resting)
    assert _camera(line).closed.wait(LONG)
    assert line.outputs == [output]


def test_a_start_at_rest_opens_no_camera_until_a_program_watches(line, impatient):
    """As at the start of the computer: the light of the camera stays off."""
    line.recorder = WatchedRecorder
    engine = line.make(ON)
    engine.previewed = False
    engine.start(at_rest=True)
    output = line.output()
    assert isinstance(output, WatchedRecorder)
    sent = output.wait_for(is_resting, 3)
    assert line.opened == []
    assert not [pixels for pixels in sent if is_composite(pixels)]
    assert engine.stats().resting
    output.watching = True
    output.wait_for(is_composite)
    assert line.opened == ["secret"]


def test_who_begins_to_watch_sees_no_frame_from_before_the_rest(line):
    camera = CameraOnDemand(ON, line.open_camera, limits=IMPATIENT)
    camera.start(at_rest=True)
    late = Frame(np.zeros((180, 320, 3), np.uint8), 7, 0.0)
    camera.thread.frames.put(late)  # what a driver may still hand over while the camera is being closed
    assert not camera.open_while(False)
    assert camera.open_while(True)
    frames: list[Frame] = []
    wait_until(lambda: ((frame := camera.take(camera.thread)) and frames.append(frame)) or len(frames) > 2)
    assert all(frame.pixels.any() for frame in frames)
    camera.leave()
    assert camera.join(time.monotonic() + LONG)


def test_the_preview_is_somebody_who_watches(line, unwatched):
    output = unwatched()
    line.engine.previewed = True
    output.wait_for(is_composite)
    line.engine.previewed = False
    output.wait_for(is_resting)


def test_where_nothing_says_who_watches_the_camera_stays_open(line, unwatched):
    output = unwatched()
    output.watching = None
    output.wait_for(is_composite, 40)
    assert line.engine.stats().has_consumers is None
    assert not line.engine.stats().resting


def test_a_person_may_want_the_camera_always_open(line, unwatched):
    output = unwatched()
    line.engine.settings = replace(ON, on_demand=False)
    output.wait_for(is_composite, 40)


def test_without_a_virtual_camera_and_a_preview_the_camera_is_closed_too(line, unwatched):
    output = unwatched()
    line.engine.settings = replace(ON, virtual_camera=False)
    assert output.closed.wait(LONG)
    assert line.engine.stats().resting
    assert _camera(line).closed.is_set()


def test_what_can_not_be_unwatched_such_as_a_file_keeps_the_camera_open(line, impatient):
    engine = line.make(ON)
    engine.previewed = False
    engine.start()
    line.output().wait_for(is_composite, 40)
    assert not engine.stats().resting


def test_another_camera_that_is_chosen_while_nobody_watches_stays_closed_until_somebody_does(line, unwatched):
    output = unwatched()
    line.cameras["other"] = SecretCamera(name="other camera")
    line.engine.settings = replace(ON, camera="other")
    output.wait_for(is_resting, 3)
    assert "other" not in line.opened
    output.watching = True
    output.wait_for(is_composite)
    assert line.engine.stats().camera == "other camera"


def test_a_camera_that_is_gone_when_somebody_begins_to_watch_is_said_to_be_and_waited_for(line, unwatched):
    output = unwatched()
    camera = line.cameras["secret"]
    line.cameras["secret"] = CameraError("There is no camera: plug one in.")
    output.watching = True
    wait_until(lambda: line.engine.notice == "There is no camera: plug one in.")
    line.cameras["secret"] = camera
    output.wait_for(is_composite)


def test_the_first_camera_that_worked_is_the_one_that_is_opened_again(line, unwatched, monkeypatch):
    monkeypatch.setattr(camera_thread, "list_cameras", lambda: [CameraInfo("secret", "secret camera")])
    line.cameras[""] = SecretCamera()
    line.recorder = WatchedRecorder
    engine = line.make(replace(ON, camera=""))
    engine.previewed = False
    engine.start()
    output = line.output()
    output.wait_for(is_resting)
    assert line.opened == [""]
    output.watching = True
    output.wait_for(is_composite)
    assert line.opened == ["", "secret"]


def test_the_window_says_whether_its_preview_can_be_seen(line, unwatched, tmp_path):
    from backdrop.ui.window import Window
    from tests.qt import application, until

    application()
    output = unwatched()
    window = Window(line.engine, tmp_path / "settings.json", cameras=lambda: [])
    try:
        assert not line.engine.previewed, "it is not shown yet"
        window.show()
        until(lambda: line.engine.previewed)
        output.wait_for(is_composite)
        window.hide()
        until(lambda: line.engine.stats().resting)
        window.show()
        until(lambda: not line.engine.stats().resting)
        window.showMinimized()
        until(lambda: line.engine.stats().resting)
    finally:
        window.close()
        window.deleteLater()


def test_stopping_while_nobody_watches_ends_all_threads(line, unwatched):
    unwatched()
    assert line.engine.stop(LONG)


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in place of a loopback device, and of the module's count of open handles: that a file does not keep."""
    path = tmp_path / "video10"
    path.touch()
    (tmp_path / "refcnt").write_text("0\n")
    monkeypatch.setattr(v4l2, "REFERENCES", tmp_path / "refcnt")
    monkeypatch.setattr(consumers, "SETTLE", 0.0)
    monkeypatch.setattr(v4l2, "loopbacks", lambda: {str(path), str(tmp_path / "video11")})
    return path


def _count(device: Path, handles: int) -> None:
    device.with_name("refcnt").write_text(f"{handles}\n")


@pytest.fixture
def holding() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start another program that has a file open; returns when it has."""
    started: list[subprocess.Popen[str]] = []

    def hold(path: Path) -> subprocess.Popen[str]:
        script = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
        program = subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        return program

    yield hold
    for program in started:
        program.communicate()


def test_a_device_without_events_is_watched_by_who_has_it_open(device, holding):
    watchers = consumer_monitor_of(str(device))
    assert isinstance(watchers, ProcessScan)
    ours = os.open(device, os.O_RDONLY)
    _count(device, 1)
    assert watchers.watching() is False
    program = holding(device)
    _count(device, 2)
    assert _answer(watchers) is True
    program.communicate()
    _count(device, 1)
    assert _answer(watchers) is False
    os.close(ours)


def test_a_handle_that_no_visible_program_has_leaves_open_who_watches(device):
    _count(device, 1)
    assert consumer_monitor_of(str(device)).watching() is None


def test_who_has_another_virtual_camera_open_does_not_watch_this_one(device, holding):
    other = device.with_name("video11")
    other.touch()
    holding(other)
    _count(device, 1)
    assert consumer_monitor_of(str(device)).watching() is False


def test_a_program_that_opens_the_device_for_a_moment_does_not_count(device, holding, monkeypatch):
    watchers = consumer_monitor_of(str(device))
    assert watchers.watching() is False
    monkeypatch.setattr(consumers, "SETTLE", 100.0)
    holding(device)
    _count(device, 1)
    assert watchers.watching() is False


def _answer(watchers: ProcessScan) -> bool | None:
    watchers.watching()  # sees that something has changed
    return watchers.watching()
