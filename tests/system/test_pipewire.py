"""The camera in PipeWire, in real browsers: what getUserMedia makes of it, through the desktop's portal.

Needs no device, and so no camera VM: `make system-test` runs it on the computer itself.
"""

import os
import queue
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.outputs.video_writer import VideoWriter
from tests.colour_chart import colour_chart, differences
from tests.pipewire_desktop import PORTAL, PORTAL_GTK, Desktop, desktop, missing, wait_for
from tests.system.clip import BACKDROP, FPS, Clip, measure
from tests.system.rig import SIZE, Process, in_all, kind_of
from tests.system.test_chromium import COMPOSITES, FRAMES, OPTIONS, STARTS_WITHIN, Page
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
def page() -> Iterator[Page]:
    with Page() as page:
        Thread(target=page.serve_forever, daemon=True).start()
        yield page
        page.shutdown()


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
    options = [*OPTIONS, "--enable-features=WebRtcPipeWireCamera", f"--user-data-dir={profile}"]
    return ["chromium", *options, address]


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


def handed_in(page: Page, browser: Process) -> tuple[str, list[NDArray[np.uint8]]]:
    """The camera's name in the browser, and the frames that it saw."""
    frames: list[NDArray[np.uint8]] = []
    try:
        while True:
            what, body = page.handed_in.get(timeout=STARTS_WITHIN)
            if what == "/end":
                return body.decode(), frames
            frames.append(np.asarray(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR), np.uint8))
    except queue.Empty:
        raise AssertionError(f"The browser handed in nothing. It said:\n{browser.said}") from None


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
    address = f"http://127.0.0.1:{page.server_port}/?camera=Backdrop&frames={FRAMES}"
    name, seen = handed_in(page, start(*browser(tmp_path / "profile", address)))
    assert name.startswith("Backdrop")
    kinds = Counter(map(kind_of, seen))
    print(kinds)
    in_all.kinds.update(kinds)
    assert kinds["room"] == 0
    measured = [measure(frame, clip) for frame in seen if kind_of(frame) == "composite"]
    print(*measured, sep="\n")
    assert len(measured) >= COMPOSITES
    assert np.mean([each.kept for each in measured]) > 0.9
    assert np.mean([each.gone for each in measured]) > 0.97
    assert max(each.leak for each in measured) < 0.02


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
    address = f"http://127.0.0.1:{page.server_port}/?camera=Backdrop&frames=5"
    _, seen = handed_in(page, start(*browser(tmp_path / "profile", address)))
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
