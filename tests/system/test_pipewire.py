"""The camera in PipeWire, in real browsers: what getUserMedia makes of it, through the desktop's portal.

Needs no device, and so no camera VM: `make system-test` runs it on the computer itself.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from backdrop.outputs.video_writer import VideoWriter
from tests.colour_chart import colour_chart, differences
from tests.pipewire_desktop import PORTAL, PORTAL_GTK, Desktop, desktop, missing, wait_for
from tests.system.browser import CHROMIUM, FRAMES, Page, assert_the_person_is_there_and_the_room_is_not
from tests.system.clip import BACKDROP, FPS, Clip
from tests.system.rig import SIZE, Process
from tests.system.test_on_demand import RESTS

LACKING = missing("Xvfb", "gdbus", "chromium") or ", ".join(
    str(each) for each in (PORTAL, PORTAL_GTK) if not each.exists()
)
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.environ.get("CAM_VM") == "1", reason="needs no camera VM: make system-test"),
    pytest.mark.skipif(bool(LACKING), reason=f"needs {LACKING}; make system-test installs it"),
]

FIREFOX = """\
user_pref("media.webrtc.camera.allow-pipewire", true);
user_pref("media.navigator.permission.disabled", true);
user_pref("media.navigator.streams.fake", false);
user_pref("media.autoplay.default", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("backdrop.update.enabled", false);
"""


@pytest.fixture
def desk() -> Iterator[Desktop]:
    with desktop(browsers=True) as made:
        yield made


@pytest.fixture
def start(desk: Desktop) -> Iterator[Callable[..., Process]]:
    """Start a program on the desktop."""
    started: list[Process] = []

    def start(*command: str) -> Process:
        started.append(Process(*command, **desk.environment))
        return started[-1]

    yield start
    for process in reversed(started):
        process.kill()
        print(process.said)  # shown where the test has failed


def chromium(profile: Path, address: str) -> list[str]:
    options = ["--headless=new", "--enable-features=WebRtcPipeWireCamera", f"--user-data-dir={profile}"]
    return [*CHROMIUM, *options, address]


def firefox(profile: Path, address: str) -> list[str]:
    profile.mkdir()
    (profile / "user.js").write_text(FIREFOX)
    return ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile), address]


in_browsers = pytest.mark.parametrize(
    "browser",
    [
        chromium,
        pytest.param(
            firefox,
            marks=pytest.mark.skipif(
                shutil.which("firefox-esr") is None, reason="needs firefox-esr; make system-test installs it"
            ),
        ),
    ],
)


def film(clip: Clip, path: Path, seconds: int = 60) -> Path:
    """The clip there and back, again and again, as a video that is played as a camera."""
    writer = VideoWriter(path, *SIZE, FPS)
    order = [*range(len(clip.frames)), *range(len(clip.frames) - 2, 0, -1)]
    for number in range(round(seconds * FPS)):
        writer.send(clip.frames[order[number % len(order)]])
    writer.close()
    return path


@in_browsers
def test_a_browser_sees_the_person_and_not_the_room(
    browser: Callable[[Path, str], list[str]],
    desk: Desktop,
    start: Callable[..., Process],
    page: Page,
    clip: Clip,
    tmp_path: Path,
):
    shown = ["--output", "pipewire", "--backdrop", "colour", "--colour", BACKDROP]
    played = ["--camera", str(film(clip, tmp_path / "clip.mp4"))]
    application = start(sys.executable, "-m", "backdrop", "run", *played, *shown)
    application.wait_for(RESTS)
    desk.start_portal()
    name, seen = page.seen_by(start(*browser(tmp_path / "profile", page.address(FRAMES))))
    assert name.startswith("Backdrop")
    assert_the_person_is_there_and_the_room_is_not(seen, clip)


@in_browsers
def test_the_colours_arrive_in_a_browser(
    browser: Callable[[Path, str], list[str]],
    desk: Desktop,
    start: Callable[..., Process],
    page: Page,
    tmp_path: Path,
):
    cv2.imwrite(str(tmp_path / "chart.png"), colour_chart())
    sends = start(sys.executable, "-c", SENDS, str(tmp_path / "chart.png"))
    sends.wait_for("sending")
    desk.start_portal()
    _, seen = page.seen_by(start(*browser(tmp_path / "profile", page.address(5))))
    assert browser.__name__ in sends.wait_for("read by").lower()
    apart = differences(seen[-1])
    print(f"ΔE 1976: mean {apart.mean():.2f}, worst {apart.max():.2f}")
    assert apart.max() < 3


def test_pipewire_may_be_started_again_meanwhile(desk: Desktop, start: Callable[..., Process]):
    application = start(sys.executable, "-m", "backdrop", "run", "--camera", "demo", "--output", "pipewire")
    application.wait_for(RESTS)
    assert desk.node()
    desk.end_pipewire()
    application.wait_for("PipeWire stopped")
    desk.start_pipewire()
    wait_for(desk.node)


SENDS = """
import sys, time
import cv2
from backdrop.outputs.open import open_output
chart = cv2.imread(sys.argv[1])
output = open_output("pipewire", chart.shape[1], chart.shape[0], 30)
print("sending", flush=True)
told = False
while True:
    output.send(chart)
    if output.has_consumers() and not told and (readers := output.readers()):
        told = True
        print("read by", *readers, flush=True)
    time.sleep(1 / 30)
"""
