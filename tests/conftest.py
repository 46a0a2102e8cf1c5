"""What every test needs before it starts."""

import atexit
import codecs
import faulthandler
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.whole_line import Line

# How long an example takes is up to what else this computer does, so nothing follows from it.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, so that a red run says something of the change; --hypothesis-profile explore looks for others.
settings.register_profile("explore", PATIENT, derandomize=False)
settings.register_profile("repeatable", PATIENT, derandomize=True)
settings.load_profile("repeatable")

# One thread each: the tests share two busy cores, and results must not depend on how work was split.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where a test does ask for two, neither burns a core while it waits for the other: that cost more than the work itself.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Windows of tests are drawn into memory; a real display is for people.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Nothing of this person's is read or written, and each of the processes that run tests has folders of its own.
OWN = Path(tempfile.mkdtemp(prefix="backdrop-"))
atexit.register(shutil.rmtree, OWN, ignore_errors=True)
for name in ("STATE_HOME", "CONFIG_HOME", "CACHE_HOME", "DATA_HOME", "RUNTIME_DIR"):
    folder = OWN / name.partition("_")[0].lower()  # short, for the address of a socket is
    folder.mkdir(mode=0o700)
    os.environ[f"XDG_{name}"] = str(folder)
for name in ("PICTURES", "VIDEOS"):
    os.environ[f"XDG_{name}_DIR"] = str(OWN / name.lower())
# Reading a video logs to the terminal otherwise.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
# The tests read English texts, wherever they run; tests/app/test_language.py speaks the others.
os.environ["LANGUAGE"] = "en"
# Nor is this person's desktop asked for a shortcut.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={os.environ['XDG_RUNTIME_DIR']}/no-bus"
os.environ.pop("WAYLAND_DISPLAY", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than cores: tests wait half of their time, for cameras, programs and threads."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: begun last, it would leave the other cores without work. The rest keeps its order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of photos and reference networks that lies beside the checkout; it is too large, and not ours, to commit."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the checkout")
    return SHARED


NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of its own, in which the test is an ordinary user: root, as CI is, may open and write everything."""
    folder = Path(tempfile.mkdtemp(prefix="backdrop-"))
    was_root = hasattr(os, "geteuid") and os.geteuid() == 0
    # Python may lie where an ordinary user reads nothing, and remembers for ever that an encoding could not be loaded.
    codecs.lookup("utf-8-sig")
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield folder
    finally:
        if was_root:
            os.setresuid(0, 0, 0)
        shutil.rmtree(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "small", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a disk in memory")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs the command in this process, with the test's folder as its own and without a display.

    A process of its own takes most of a second, and is needed only where it is what the test is about.
    """
    from backdrop.__main__ import main

    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    # What main() takes over of its process stays pytest's.
    monkeypatch.setattr("backdrop.__main__.stop_on_signals", threading.Event)
    monkeypatch.setattr(faulthandler, "enable", lambda *_: None)
    for module in (sys, threading):
        monkeypatch.setattr(module, "excepthook", module.excepthook)

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        words = [str(each) for each in arguments]
        try:
            status = main(words)
        except SystemExit as exit:
            status = int(exit.code or 0)
        return subprocess.CompletedProcess(words, status, *capsys.readouterr())

    return run


@pytest.fixture
def started() -> Callable[[str], list[threading.Thread]]:
    """The threads of a name that run and were started in this test: those of earlier tests may take time to end."""
    before = set(threading.enumerate())
    return lambda name: [each for each in set(threading.enumerate()) - before if each.name == name]


@pytest.fixture
def line(record_property: Callable[[str, object], None]) -> Iterator["Line"]:
    """A line whose every composite is searched for the room at the end of the test."""
    from tests.line_ends import LONG, SecretCamera
    from tests.whole_line import RAW, Line, leaks

    made = Line()
    yield made
    for camera in made.cameras.values():
        if isinstance(camera, SecretCamera):
            camera.may_read.set()
    if made.engine is not None:
        assert made.engine.stop(LONG)
        if made.engine.settings.backdrop != "none":
            raw = sum(leaks([pixels], made.person) > RAW for pixels in made.sent)
            record_property("frames", len(made.sent))
            record_property("raw", raw)
            assert raw == 0


@pytest.fixture
def impatient(line: "Line") -> None:
    """The line waits for nothing as long as it does in life."""
    from tests.line_ends import IMPATIENT

    line.limits = IMPATIENT
