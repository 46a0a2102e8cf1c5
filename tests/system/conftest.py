"""Fixtures of the system tests, and the closing line that counts the raw frames."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.system.browser import Page
from tests.system.clip import BACKDROP, FPS, Clip, make_clip
from tests.system.rig import SIZE, VIRTUAL, Process, Watcher, in_all

Start = Callable[..., Process]
Play = Callable[..., Process]


@pytest.fixture(scope="session")
def clip() -> Clip:
    return make_clip(*SIZE)


@pytest.fixture(scope="session")
def frames(clip: Clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip's frames as files, to be played."""
    folder = tmp_path_factory.mktemp("clip") / "yuyv"
    clip.write(folder, "YUYV")
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `backdrop run` from a camera into the virtual camera, with a plain colour as the backdrop."""
    started: list[Process] = []

    def start(camera: str, *arguments: str, size: tuple[int, int] = SIZE, fps: int = 15) -> Process:
        asked = ["--camera", camera, "--width", str(size[0]), "--height", str(size[1]), "--fps", str(fps)]
        shown = ["--output", VIRTUAL, "--backdrop", "colour", "--colour", BACKDROP]
        command = [sys.executable, "-m", "backdrop", "run", *asked, *shown, *arguments]
        started.append(Process(*command, XDG_CONFIG_HOME=str(tmp_path / "settings")))
        return started[-1]

    yield start
    for application in started:
        application.kill()
        print("The application said:", application.said, sep="\n")  # shown where the test has failed


@pytest.fixture
def play() -> Iterator[Play]:
    """Play a folder of frames into a device; returns when the first is there."""
    started: list[Process] = []

    def play(
        frames: Path, device: str, size: tuple[int, int] = SIZE, fps: float = FPS, fourcc: str = "YUYV"
    ) -> Process:
        script = str(Path(__file__).with_name("player.py"))
        asked = [device, fourcc, str(size[0]), str(size[1]), str(fps), str(frames)]
        started.append(Process(sys.executable, script, *asked))
        started[-1].wait_for("playing")
        return started[-1]

    yield play
    for player in started:
        player.kill()


@pytest.fixture
def page() -> Iterator[Page]:
    with Page() as page:
        Thread(target=page.serve_forever, daemon=True).start()
        yield page
        page.shutdown()


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    """Reads the virtual camera all along. A single raw frame fails the test."""
    watcher = Watcher()
    yield watcher
    watcher.close()
    assert watcher.counts["room"] == 0, f"The room was seen: {dict(watcher.counts)}"


@pytest.fixture(autouse=True)
def _told(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Tells the fault table how many frames came out of the virtual camera in this test, and how many were raw."""
    before = in_all.kinds.copy()
    yield
    came = in_all.kinds - before
    record_property("frames", came.total())
    record_property("raw", came["room"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds = in_all.kinds
    if kinds:
        terminalreporter.section("the virtual camera")
        terminalreporter.write_line(
            f"{kinds.total()} frames read: {kinds['composite']} composites, {kinds['placeholder']} placeholders, "
            f"{kinds['other']} others. Raw frames that escaped: {kinds['room']}. "
            f"The most of the room in one: {in_all.most_room:.2%} of its pixels."
        )
