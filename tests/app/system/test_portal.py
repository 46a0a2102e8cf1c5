"""The shortcut that a desktop's portal gives, on a real bus with a small real portal, and each way of getting none."""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("portals are a thing of Linux", allow_module_level=True)

from backdrop.doctor.shortcut import examine_shortcut
from backdrop.system.desktop_entry import ID, install_desktop
from backdrop.system.portal import PortalError, RefusedError, shortcuts_version
from backdrop.ui.portal_keys import PortalKeys
from backdrop.ui.shortcut import Shortcut, ShortcutError
from backdrop.ui.shortcut_dialog import ShortcutDialog
from tests import ROOT
from tests.fake_portal import KEYS, PATH, XDG_DESKTOP_PORTAL, portal, real_portal, session_bus
from tests.line_ends import LONG
from tests.own_folders import own_folders
from tests.qt import application, until
from tests.waiting import wait_until
from tests.without_network import possible

pytestmark = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="needs dbus-daemon; `make test` installs it on Debian, Ubuntu"
)


@pytest.fixture
def bus(monkeypatch):
    """A session bus of the test's own. Gives its address."""
    with tempfile.TemporaryDirectory(prefix="backdrop-bus-") as folder, session_bus(Path(folder)) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


class Held:
    """Keys that were asked for, and a queue of what came of it."""

    def __init__(self, modifiers=("Ctrl", "Alt"), key="b"):
        self.news = queue.SimpleQueue()
        self.keys = PortalKeys(
            frozenset(modifiers), key, lambda: self.news.put("pressed"), self.news.put, self.news.put
        )

    def hear(self):
        return self.news.get(timeout=600)


def test_keys_that_the_desktop_gives_are_heard_until_they_are_given_back(bus):
    with portal("gives") as desktop:
        held = Held()
        assert desktop.hear() == f"registered {ID}"
        assert desktop.hear() == "asked CTRL+ALT+b ''"
        assert held.hear() == KEYS
        desktop.tell("press")
        assert held.hear() == "pressed"
        desktop.tell("change F9")
        assert held.hear() == "F9"
        desktop.tell("press")
        assert held.hear() == "pressed"
        held.keys.close()
        held.keys.close()
        assert desktop.hear() == "closed"
        assert not held.keys._listener.thread.is_alive()
        assert held.news.empty()


@pytest.mark.skipif(
    not XDG_DESKTOP_PORTAL.exists(),
    reason="needs xdg-desktop-portal; `make test` installs it on Debian, Ubuntu",
)
def test_the_portal_that_desktops_have_is_spoken_to_rightly(bus, tmp_path):
    application()
    with portal("backend") as desktop, real_portal(tmp_path):
        until(portal_is_there)
        held = Held()
        assert desktop.hear() == "asked CTRL+ALT+b ''"
        assert held.hear() == KEYS
        desktop.tell("press")
        assert held.hear() == "pressed"
        held.keys.close()
        assert desktop.hear() == "closed"
        other = Held()
        assert other.hear() == KEYS
        desktop.tell("change F9")
        assert other.hear() == "F9"
    assert "removed the shortcut" in str(other.hear())
    other.keys.close()


def portal_is_there():
    try:
        return shortcuts_version()
    except PortalError:
        return False


def test_a_key_without_letters_and_the_desktop_s_own_modifier_have_their_names(bus):
    with portal("gives") as desktop:
        held = Held(("Meta", "Shift"), "Scroll_Lock")
        desktop.hear()
        assert desktop.hear() == "asked SHIFT+LOGO+Scroll_Lock ''"
        held.keys.close()


def test_what_others_say_on_the_bus_presses_nothing(bus):
    from jeepney import DBusAddress, HeaderFields, message_bus, new_signal
    from jeepney.io.blocking import open_dbus_connection

    with portal("gives") as desktop:
        held = Held()
        assert held.hear() == KEYS
        session = f"{PATH}/session/{held.keys._portal._bus.unique_name[1:].replace('.', '_')}/backdrop"
        with open_dbus_connection(bus) as stranger:
            at = DBusAddress(PATH, interface="org.freedesktop.portal.GlobalShortcuts")
            signal = new_signal(at, "Activated", "osta{sv}", (session, "blur", 1, {}))
            signal.header.fields[HeaderFields.destination] = held.keys._portal._bus.unique_name
            stranger.send(signal)
            stranger.send_and_get_reply(message_bus.GetId())  # the bus has passed it on by now
        desktop.tell(f"press {PATH}/session/1_99/other")
        desktop.tell("change F9")
        assert held.hear() == "F9", "neither a stranger nor another session was a press"
        desktop.tell("press")
        assert held.hear() == "pressed"
        held.keys.close()


@pytest.mark.parametrize(
    ("way", "kind", "sentence"),
    [
        ("refuses", RefusedError, "did not allow the shortcut"),
        ("withholds", PortalError, "did not assign any keys"),
        ("fails", PortalError, "could not set up the shortcut"),
        ("insists", PortalError, "Run `backdrop install-desktop`"),
        ("absent", PortalError, "has no portal for them"),
    ],
)
def test_a_desktop_that_gives_no_keys_says_why_and_the_thread_ends(bus, way, kind, sentence):
    with portal(way):
        held = Held()
        error = held.hear()
        assert type(error) is kind
        assert sentence in str(error)
        held.keys._listener.thread.join(20)
        assert not held.keys._listener.thread.is_alive()
        held.keys.close()


def test_a_bus_without_a_portal_says_so(bus):
    held = Held()
    assert "has no portal" in str(held.hear())
    held.keys.close()


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "tcp:host=localhost,port=9", "nonsense", ""])
def test_without_a_session_bus_there_is_a_sentence_at_once(monkeypatch, address):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with pytest.raises(PortalError, match="no session bus"):
        Held()
    with pytest.raises(PortalError, match="no session bus"):
        shortcuts_version()


def test_a_shortcut_that_the_desktop_takes_back_or_that_goes_with_it_is_said_to(bus):
    with portal("gives") as desktop:
        held = Held()
        assert held.hear() == KEYS
        desktop.tell("take")
        assert "removed the shortcut" in str(held.hear())
        held.keys.close()
        other = Held()
        assert other.hear() == KEYS
    assert "removed the shortcut" in str(other.hear())
    other.keys.close()


def test_keys_can_be_given_back_while_the_person_still_thinks(bus):
    with portal("thinks") as desktop:
        held = Held()
        desktop.hear()
        assert desktop.hear().startswith("asked")
        held.keys.close()
        assert not held.keys._listener.thread.is_alive()
        assert held.news.empty()


def test_the_shortcut_tells_of_its_desktop_and_is_pressed(bus):
    application()
    presses, shortcut = [], Shortcut()
    shortcut.pressed.connect(lambda: presses.append(1))
    with portal("gives") as desktop:
        shortcut.set("Ctrl+Alt+B")
        assert "is asking the desktop" in shortcut.sentence
        until(lambda: KEYS in shortcut.sentence)
        desktop.tell("press")
        until(lambda: presses)
        shortcut.set("")
        assert shortcut.sentence == ""
        assert [desktop.hear() for _ in range(3)][-1] == "closed"


def test_a_refusal_is_told_once_and_the_keys_can_be_asked_for_again(bus):
    application()
    shortcut, refusals, troubles = Shortcut(), [], []
    shortcut.refused.connect(lambda: refusals.append(1))
    shortcut.said.connect(lambda sentence, trouble: troubles.append(sentence) if trouble else None)
    with portal("refuses"):
        shortcut.set("Ctrl+Alt+B")
        until(lambda: refusals)
    assert len(troubles) == 1
    assert "Assign `backdrop toggle blur` to a key" in troubles[0]
    with portal("gives"):
        shortcut.set("Ctrl+Alt+B")
        until(lambda: KEYS in shortcut.sentence)
        shortcut.close()


def test_news_of_keys_that_are_no_longer_wanted_is_not_told(bus):
    application()
    shortcut = Shortcut()
    with portal("thinks") as desktop:
        shortcut.set("Ctrl+Alt+B")
        while not desktop.hear().startswith("asked"):
            pass
    shortcut.set("")  # the portal has gone, and the news of it waits to be taken
    said = []
    shortcut.said.connect(lambda *what: said.append(what))
    with pytest.raises(ShortcutError):
        shortcut.set("B")
    until(lambda: said)
    assert [sentence for sentence, _trouble in said if "taken" in sentence] == []


def test_the_dialog_offers_keys_only_where_the_desktop_has_a_portal_for_them(bus):
    application()
    dialog = ShortcutDialog("", said="The desktop has given the shortcut F9.")
    until(lambda: not dialog.edit.isVisibleTo(dialog))
    assert "has no portal" in dialog.words.text()
    assert "backdrop toggle blur" in dialog.words.text()
    dialog.done(0)
    with portal("gives"):
        offers = ShortcutDialog("", said="The desktop has given the shortcut F9.")
        answered = []
        offers._worker.do(str, answered.append)  # after the portal's own answer, whenever that comes
        until(lambda: answered)
        assert offers.edit.isVisibleTo(offers)
        assert "Your desktop may ask you" in offers.words.text()
        assert "F9" in offers.said.text()
        offers.done(0)


def test_the_doctor_tells_what_the_desktop_gives_and_whom_it_knows(bus, tmp_path, monkeypatch):
    places = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    wayland = {"WAYLAND_DISPLAY": "wayland-0", "XDG_DATA_DIRS": str(tmp_path), **places}
    (absent,) = examine_shortcut(wayland)
    assert (absent.state, absent.command) == ("advice", "backdrop toggle blur")
    assert "has no portal" in absent.sentence
    with portal("gives"):
        (unknown,) = examine_shortcut(wayland)
        assert (unknown.state, unknown.command) == ("advice", "backdrop install-desktop")
        install_desktop(environment=places)
        (known,) = examine_shortcut(wayland)
        assert (known.state, known.details) == ("ok", {"portal": 1, "installed": True})
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    (busless,) = examine_shortcut(wayland)
    assert "no session bus" in busless.sentence
    assert [each.state for each in examine_shortcut({"DISPLAY": ":0"})] == ["ok"]
    assert examine_shortcut({}) == []


@pytest.mark.skipif(not possible(), reason="needs Linux on x86_64 or aarch64, which can forbid sockets")
def test_the_application_has_its_shortcut_from_the_bus_without_a_network_socket(bus, tmp_path):
    environment = os.environ | own_folders(tmp_path) | {"PYTHONPATH": str(ROOT)}
    settings = tmp_path / "XDG_CONFIG_HOME" / "backdrop" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"shortcut": "Ctrl+Alt+B", "camera": "demo", "backdrop": "colour"}))
    command = [
        sys.executable,
        str(ROOT / "tests" / "without_network.py"),
        "gui",
        "--width",
        "320",
        "--height",
        "180",
    ]
    with portal("gives") as desktop:
        window = subprocess.Popen(command, env=environment)
        try:
            assert desktop.hear() == f"registered {ID}"
            assert desktop.hear() == "asked CTRL+ALT+b ''"
            desktop.tell("press")
            until_blurred(environment)
            subprocess.run(
                [sys.executable, "-m", "backdrop", "quit"], env=environment, check=True, timeout=LONG
            )
            assert window.wait(LONG) == 0
            assert desktop.hear() == "closed"
        finally:
            window.kill()
            window.wait()


def until_blurred(environment):
    """Ask the running Backdrop until it says that it blurs."""
    from backdrop.control.client import ask
    from backdrop.control.place import ControlError
    from backdrop.control.request import Request

    def blurred():
        with suppress(ControlError):  # while it starts, a busy window may not answer in time
            return ask(Request("status"), patience=LONG)["status"]["settings"]["backdrop"] == "blur"
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", environment["XDG_RUNTIME_DIR"])
        wait_until(blurred)  # not by the events of an application, of which this process may have none
