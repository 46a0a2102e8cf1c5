"""The window with what the desktop has of it: commands that reach it, its tray, and a second start."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent

from backdrop.control.client import NotRunningError, ask
from backdrop.control.instance import claim
from backdrop.control.place import ControlError
from backdrop.control.request import Request
from backdrop.control.single import begin
from backdrop.control.unattended import reached_by_commands
from backdrop.run.engine import Engine
from backdrop.settings.file import load_settings
from backdrop.settings.settings import Settings
from backdrop.ui import remote
from backdrop.ui.desktop import Desktop
from backdrop.ui.window import Window
from sinet_core import Segmenter
from tests import ROOT, qt
from tests.qt import application
from tests.toy_network import write_toy_network

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such sockets")

BASIC = Settings(camera="demo", width=320, height=180, backdrop="colour", output="null")


SECONDS = 300  # for what takes none where nothing else runs


def until(condition):
    qt.until(condition, SECONDS)


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(remote, "PATIENCE", SECONDS)
    with tempfile.TemporaryDirectory(prefix="backdrop-") as parent:
        monkeypatch.setenv("XDG_RUNTIME_DIR", parent)
        yield Path(parent)


@pytest.fixture
def open_desktop(tmp_path, place):
    """A function that opens a window that commands reach; all are closed at the end."""
    path = write_toy_network(tmp_path / "toy.onnx")
    opened = []

    def open_it(settings=BASIC, *, has_tray=True):
        running = application()
        engine = Engine(settings, segmenter=lambda: Segmenter.load(path), governed=False)
        engine.start()
        window = Window(engine, tmp_path / "settings.json", cameras=list)
        instance = claim()
        desktop = Desktop(running, window, instance, has_tray=lambda: has_tray)
        opened.append((window, desktop, instance))
        window.show()
        return window, desktop

    yield open_it
    for window, desktop, instance in opened:
        window.leave()
        application().removeEventFilter(desktop)
        instance.close()
        window.deleteLater()


def asked(request):
    """Ask from another thread, as another process would, while the window is served. Returns the answer."""
    said = []

    def run():
        try:
            said.append(ask(request, patience=SECONDS))
        except ControlError as error:
            said.append(error)

    caller = threading.Thread(target=run)
    caller.start()
    until(lambda: not caller.is_alive())
    if isinstance(said[0], Exception):
        raise said[0]
    return said[0]


def test_commands_change_the_window_its_engine_and_what_is_kept(open_desktop, tmp_path):
    window, _desktop = open_desktop()
    assert asked(Request("toggle", "blur"))["settings"]["backdrop"] == "blur"
    assert window.bar.blur.isChecked()
    assert window._engine.settings.backdrop == "blur"
    asked(Request("set", settings={"mirror": True, "blur_strength": 9}))
    assert (window.settings.mirror, window.settings.blur_strength) == (True, 9)
    until(lambda: load_settings(tmp_path / "settings.json")[0].blur_strength == 9)


def test_status_has_what_the_window_says(open_desktop):
    window, _desktop = open_desktop()
    window.change(Settings(camera="demo", backdrop="none"))
    status = asked(Request("status"))["status"]
    assert (status["window"], status["pid"]) == (True, os.getpid())
    assert "Your room is visible." in status["notices"]
    assert Settings(**status["settings"]) == window.settings


def test_a_wrong_request_is_refused_and_the_window_stays_as_it_was(open_desktop):
    window, _desktop = open_desktop()
    with pytest.raises(ControlError, match="from 1 to 240"):
        asked(Request("set", settings={"mirror": True, "fps": 0}))
    assert window.settings == BASIC


def test_show_brings_back_a_window_that_is_hidden_or_small(open_desktop):
    window, _desktop = open_desktop()
    for put_away in (window.hide, window.showMinimized):
        put_away()
        assert asked(Request("show"))["shown"]
        until(lambda: window.isVisible() and not window.isMinimized())


def test_a_desktop_s_token_comes_along_and_nothing_else_does(open_desktop, monkeypatch):
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    open_desktop()
    asked(Request("show", token="not one\n" * 5))
    assert os.environ["XDG_ACTIVATION_TOKEN"] == ""
    asked(Request("show", token="gnome-shell/Backdrop/42-0_TIME7"))
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "gnome-shell/Backdrop/42-0_TIME7"


def test_quit_leaves_the_window_even_where_it_would_stay(open_desktop):
    window, _desktop = open_desktop(Settings(camera="demo", virtual_camera=True, output="null"))
    left = []
    window.left.connect(lambda: left.append(True))
    asked(Request("quit"))
    until(lambda: left)
    assert not window.isVisible()
    assert window._engine.ended.is_set()


def test_a_window_that_is_busy_for_long_answers_that_and_does_it_not_later_either(open_desktop, monkeypatch):
    monkeypatch.setattr(remote, "PATIENCE", 0.2)
    window, _desktop = open_desktop()
    said = []

    def ask_meanwhile():
        try:
            ask(Request("toggle", "mirror"), patience=SECONDS)
        except ControlError as error:
            said.append(str(error))

    caller = threading.Thread(target=ask_meanwhile)
    caller.start()
    caller.join(SECONDS)  # the window's own thread does nothing else
    assert said == ["Backdrop's window is not responding."]
    application().processEvents()
    assert not window.settings.mirror


def test_closing_the_window_in_a_call_leaves_it_in_the_tray_and_says_so_once(open_desktop, tmp_path):
    window, desktop = open_desktop(Settings(camera="demo", virtual_camera=True, output="null"))
    told = []
    desktop.tray.tell = told.append
    for _ in range(2):
        window.close()
        assert not window.isVisible()
        assert not window._engine.ended.is_set()
        until(lambda: "Show" in desktop.tray.window.text())
        desktop.tray.window.trigger()
        assert window.isVisible()
    assert len(told) == 1
    assert "use the tray icon" in told[0]
    until(lambda: load_settings(tmp_path / "settings.json")[0].told_of_tray)


@pytest.mark.parametrize(
    ("settings", "has_tray"),
    [
        (Settings(camera="demo", output="null"), True),
        (Settings(camera="demo", output="null", virtual_camera=True, close_to_tray=False), True),
        (Settings(camera="demo", output="null", virtual_camera=True), False),
    ],
)
def test_closing_the_window_ends_it_where_nobody_sees_it_or_there_is_no_way_back(
    open_desktop, settings, has_tray
):
    window, _desktop = open_desktop(settings, has_tray=has_tray)
    window.close()
    assert window._engine.ended.is_set()


def test_the_desktop_s_own_quit_ends_it(open_desktop):
    window, desktop = open_desktop(Settings(camera="demo", virtual_camera=True, output="null"))
    # Not sent: where the application does not run, Qt would serve no events any more.
    desktop.eventFilter(application(), QEvent(QEvent.Type.Quit))
    assert window._engine.ended.is_set()


def test_the_tray_shows_and_changes_what_the_window_has(open_desktop):
    window, desktop = open_desktop()
    until(lambda: desktop.tray.backdrops.actions())
    assert [action.text() for action in desktop.tray.backdrops.actions()] == [
        choice.name for choice in window.panel.gallery.choices()
    ]
    desktop.tray.mirror.trigger()
    assert window.settings.mirror
    window.change(Settings(camera="demo", backdrop="none"))
    until(lambda: "Others would see your room." in desktop.tray.icon.toolTip())


def test_keys_that_cannot_be_had_give_a_sentence(open_desktop):
    window, _desktop = open_desktop()
    asked(Request("set", settings={"shortcut": "Ctrl+Alt+B"}))
    until(lambda: "backdrop toggle blur" in window.notices.sentence)


@pytest.fixture
def bus(monkeypatch):
    """A session bus of the test's own."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon; `make test` installs it on Debian, Ubuntu")
    from tests.fake_portal import session_bus

    with tempfile.TemporaryDirectory(prefix="backdrop-bus-") as folder, session_bus(Path(folder)) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield


def test_keys_that_the_desktop_gives_switch_the_blur_and_are_named_in_the_settings(open_desktop, bus):
    from tests.fake_portal import KEYS, portal

    with portal("gives") as given:
        window, _desktop = open_desktop(replace(BASIC, shortcut="Ctrl+Alt+B"))
        until(lambda: KEYS in window.pages.settings.hint("shortcut"))
        given.tell("press")
        until(lambda: window.settings.backdrop == "blur")
        given.tell("press")
        until(lambda: window.settings.backdrop != "blur")
        window.change(replace(window.settings, shortcut=""))
        assert KEYS not in window.pages.settings.hint("shortcut")
        assert window.notices.said("settings") == ""


def test_who_tells_the_desktop_to_give_no_shortcut_is_not_asked_at_the_next_start(
    open_desktop, bus, tmp_path
):
    from tests.fake_portal import portal

    with portal("refuses"):
        window, desktop = open_desktop()
        window.change(replace(BASIC, shortcut="Ctrl+Alt+B"))
        until(lambda: "You did not allow the shortcut" in window.notices.said("settings"))
        assert window.settings.shortcut == ""
        assert "You did not allow" in desktop.shortcut.sentence
        assert "You did not allow" in window.pages.settings.error("shortcut")


# Whole processes

BACKDROP = [sys.executable, "-m", "backdrop"]


def start(*arguments):
    return subprocess.Popen(
        [*BACKDROP, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for_status(process, seconds=SECONDS):
    until_then = time.monotonic() + seconds
    while True:
        try:
            return ask(Request("status"), patience=seconds)["status"]
        except NotRunningError:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < until_then, "it did not start"
            time.sleep(0.05)


@pytest.fixture
def home(place, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "config"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


def test_of_two_that_start_at_the_same_moment_one_opens_a_window_and_the_other_shows_it(home):
    both = [start("gui", "--camera", "demo", "--output", "null") for _ in range(2)]
    until_then = time.monotonic() + SECONDS
    while all(each.poll() is None for each in both):
        assert time.monotonic() < until_then
        time.sleep(0.05)
    second = next(each for each in both if each.poll() is not None)
    first = both[1 - both.index(second)]
    said, _nothing = second.communicate()
    assert second.returncode == 0, said
    assert "already running. Its window is now in front" in said
    assert wait_for_status(first)["pid"] == first.pid
    done = subprocess.run(
        [*BACKDROP, "quit"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert (done.returncode, done.stderr) == (0, "")
    said, _nothing = first.communicate(timeout=SECONDS)
    assert first.returncode == 0, said


def test_without_a_window_it_is_reached_killed_and_started_again(home, here):
    run = ("run", "--camera", "demo", "--output", "null", "--width", "320", "--height", "180")
    first = start(*run)
    assert wait_for_status(first)["window"] is False
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = start(*run)
    assert wait_for_status(second)["pid"] == second.pid
    commands = [
        (["toggle", "mirror"], 0, "Flip for others: on"),
        (["toggle", "mirror-preview"], 0, "Mirror: off"),
        (["toggle", "hide"], 0, "Hide me: on"),
        (["status"], 0, "You are hidden."),
        (["set", "hide-text=Back at three", "hide=off", "freeze=on"], 0, "Text while hidden: Back at three"),
        (["status"], 0, "Your picture stands still."),
        (["toggle", "freeze"], 0, "Freeze: off"),
        (["set", "zoom=150", "zoom-x=-300"], 0, "Zoom, across: -300"),
        (["set", "hide-picture=nowhere.jpg"], 2, "There is no picture nowhere.jpg"),
        (["set", "backdrop=none"], 0, "Your room is visible."),
        (["set", "fps=0"], 2, "from 1 to 240, not 0"),
        (["show"], 1, "without a window"),
        (["quit"], 0, ""),
    ]
    for arguments, status, says in commands:
        done = here(*arguments)
        assert (done.returncode, says in done.stdout + done.stderr) == (status, True), (arguments, done)
    second.communicate(timeout=SECONDS)
    assert second.returncode == 0
    done = subprocess.run([*BACKDROP, "status"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("No Backdrop is running")


def test_a_window_opens_beside_one_that_runs_without_and_says_so(place):
    with reached_by_commands(Engine(BASIC), threading.Event(), ""):
        beginning = begin()
    assert (beginning.shown, beginning.instance) == (False, None)
    assert "`backdrop quit` ends it" in beginning.notice
