"""The camera's node is open only while the virtual camera is read, with v4l2loopback before and after it tells so."""

import os
import time
from pathlib import Path

import pytest

from backdrop.outputs.consumers import DriverEvents, ProcessScan, consumer_monitor_of
from tests.system.conftest import Play, Start
from tests.system.rig import CAMERA, CLIP, PATIENCE, VIRTUAL, Process, Watcher, control

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]
NEW = os.environ.get("CAM_VM_LOOPBACK") == "new"
RESTS = "nobody is watching, so the camera is closed"


def is_open(device: str) -> bool:
    """Whether any process of this machine has the device open; the test is root, and sees all."""
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(handle.readlink()) == device:
                return True
        except OSError:
            continue
    return False


def wait_until(what: bool, device: str = CAMERA) -> float:
    """Wait until the device is open, or no longer. Returns how many seconds that took."""
    begun = time.monotonic()
    while is_open(device) is not what:
        assert time.monotonic() - begun < PATIENCE, (
            f"{device} is {'not ' if what else ''}open after {PATIENCE:.0f} s"
        )
        time.sleep(0.05)
    return time.monotonic() - begun


def test_the_driver_tells_who_watches_or_the_processes_do():
    handle = os.open(VIRTUAL, os.O_RDWR)
    watchers = consumer_monitor_of(VIRTUAL)
    assert isinstance(watchers, DriverEvents if NEW else ProcessScan)
    assert watchers.watching() is False
    watchers.close()
    os.close(handle)


def test_the_camera_is_open_only_while_the_virtual_camera_is_read(start: Start):
    # Colour bars: nobody is in them.
    control(CAMERA, "--set-ctrl", "test_pattern=1,osd_text_mode=2")
    application = start(CAMERA)
    application.wait_for(RESTS)
    wait_until(False)
    for _ in range(2):
        begun = time.monotonic()
        reader = Watcher()
        reader.next("composite")
        print(f"The first composite came {time.monotonic() - begun:.2f} s after the reader began")
        assert is_open(CAMERA)
        reader.close()
        print(f"The camera was closed {wait_until(False):.2f} s after the reader ended")


def test_a_reader_sees_at_most_a_still_card_before_the_person(play: Play, start: Start, frames: Path):
    play(frames, CLIP)
    start(CLIP).wait_for(RESTS)
    reader = Watcher()
    composite = reader.next(
        "composite"
    )  # where the driver tells at once who comes, there is no time for a card
    assert composite.shape == (360, 640, 3)
    reader.close()
    assert set(reader.counts) <= {"placeholder", "composite"}


def test_while_nobody_watches_it_all_but_sleeps(play: Play, start: Start, frames: Path):
    play(frames, CLIP)
    application = start(CLIP)
    reader = Watcher()
    reader.next("composite")
    busy = wakings_in(application, 5)
    reader.close()
    application.wait_for(RESTS)
    time.sleep(1)  # what was begun comes to its end
    idle = wakings_in(application, 5)
    print(f"Woken in 5 s: {busy} times while watched, {idle} times while not")
    assert idle < busy
    assert idle < 5 * 20  # at 10 frames a second the line's threads wake more often


def wakings_in(process: Process, seconds: float) -> int:
    before = process.wakings()
    time.sleep(seconds)
    return process.wakings() - before


def test_a_person_may_want_the_camera_always_open(start: Start):
    application = start(CAMERA, "--no-on-demand")
    application.wait_for("fps ·")
    time.sleep(4)
    assert is_open(CAMERA)
    assert RESTS not in application.said
