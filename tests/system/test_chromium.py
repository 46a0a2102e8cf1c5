"""A real browser in a call: what getUserMedia makes of the virtual camera."""

import os
from pathlib import Path

import pytest

from tests.system.browser import CHROMIUM, FRAMES, Page, assert_the_person_is_there_and_the_room_is_not
from tests.system.clip import Clip
from tests.system.conftest import Play, Start
from tests.system.rig import CLIP, Process, Watcher

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]


def test_a_browser_sees_the_person_and_not_the_room(
    play: Play, start: Start, page: Page, frames: Path, clip: Clip, tmp_path: Path
):
    play(frames, CLIP)
    start(CLIP)
    first = Watcher()
    first.next("composite")
    first.close()
    browser = Process(*CHROMIUM, "--headless=new", f"--user-data-dir={tmp_path}", page.address(FRAMES))
    try:
        name, shown = page.seen_by(browser)
    finally:
        browser.kill()
    assert name.startswith("Backdrop")
    assert len(shown) == FRAMES
    assert_the_person_is_there_and_the_room_is_not(shown, clip)
