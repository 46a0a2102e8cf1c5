"""The shortcut that works in every program: which keys may be had, and, on a real X server, that they are heard."""

import sys
import threading
import time

import pytest

from backdrop.ui.shortcut import Keys, Shortcut, ShortcutError, read_keys
from backdrop.ui.shortcut_dialog import ShortcutDialog
from tests.line_ends import LONG
from tests.qt import application, until
from tests.x_server import x_server


@pytest.mark.parametrize(
    ("text", "modifiers", "key"),
    [
        ("Ctrl+Alt+B", {"Ctrl", "Alt"}, "B"),
        ("Meta+9", {"Meta"}, "9"),
        ("F9", set(), "F9"),
        ("Shift+F12", {"Shift"}, "F12"),
        ("Pause", set(), "Pause"),
    ],
)
def test_keys_are_read_as_qt_writes_them(text, modifiers, key):
    assert read_keys(text) == Keys(frozenset(modifiers), key)


@pytest.mark.parametrize(
    "text", ["B", "Shift+B", "Shift+1", "Ctrl+", "Ctrl+Tab", "F25", "Ctrl+B, Ctrl+C", "ctrl+b", "é"]
)
def test_keys_that_would_be_in_the_way_of_writing_are_refused(text):
    with pytest.raises(ShortcutError, match=r"cannot be a shortcut|needed for typing"):
        read_keys(text)


def test_where_a_program_may_have_no_keys_the_desktop_s_own_way_is_told():
    application()
    shortcut = Shortcut()
    with pytest.raises(ShortcutError, match="Assign `backdrop toggle blur` to a key"):
        shortcut.set("Ctrl+Alt+B")  # windows of tests are drawn into memory, and there is no session bus
    assert "Assign `backdrop toggle blur`" in shortcut.sentence
    dialog = ShortcutDialog("")
    until(lambda: not dialog.edit.isVisibleTo(dialog))
    assert "backdrop toggle blur" in dialog.words.text()
    dialog.done(0)


@pytest.fixture
def display(monkeypatch):
    """A display of its own for a test, without a screen."""
    if sys.platform != "linux":
        pytest.skip("needs Xvfb")
    with x_server("640x480x24") as (name, _server):
        monkeypatch.setenv("DISPLAY", name)
        yield


class Keyboard:
    """Presses keys as a person does, in a window of another program that has the focus."""

    def __init__(self):
        from Xlib import X, display

        self.display = display.Display()
        screen = self.display.screen()
        window = screen.root.create_window(0, 0, 100, 100, 0, screen.root_depth, event_mask=X.KeyPressMask)
        window.map()
        self.display.sync()
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self.display.sync()

    def press(self, *names, down=True, up=True):
        from Xlib import XK, X
        from Xlib.ext import xtest

        codes = [self.display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes if down else ():
            # 20 ms after what was before: only a machine presses keys faster than that.
            xtest.fake_input(self.display, X.KeyPress, code, 20)
        for code in reversed(codes) if up else ():
            xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()


class Presses:
    """Counts, so that a test can wait for as many as there should be."""

    def __init__(self):
        self.count = 0
        self._more = threading.Condition()

    def __call__(self):
        with self._more:
            self.count += 1
            self._more.notify_all()

    def wait_for(self, count):
        with self._more:
            return self._more.wait_for(lambda: self.count >= count, LONG)


def test_the_keys_are_heard_while_another_program_has_the_focus_and_no_longer_after_the_end(display):
    from backdrop.ui.x11_keys import GrabbedKeys

    presses, keyboard = Presses(), Keyboard()
    keys = GrabbedKeys(frozenset({"Ctrl", "Alt"}), "b", presses)
    keyboard.press("Control_L", "Alt_L", "b")
    assert presses.wait_for(1)
    keyboard.press("Control_L", "b")
    keyboard.press("Num_Lock")
    keyboard.press("Control_L", "Alt_L", "b")
    assert presses.wait_for(2)
    keys.close()
    assert not keys._listener.thread.is_alive()
    assert presses.count == 2, "neither fewer keys nor Num Lock make a difference"
    GrabbedKeys(frozenset({"Ctrl", "Alt"}), "b", presses).close()  # they were given back
    keyboard.display.close()


def test_a_key_that_is_held_down_counts_once(display):
    from backdrop.ui.x11_keys import GrabbedKeys

    presses, keyboard = Presses(), Keyboard()
    keys = GrabbedKeys(frozenset(), "F9", presses)
    keyboard.press("F9", up=False)
    assert presses.wait_for(1)
    time.sleep(1.5)  # Xvfb repeats a key after 0.5 s, every 0.03 s: there is nothing to wait for
    keyboard.press("F9", down=False)
    time.sleep(0.1)  # nobody is faster
    keyboard.press("F9")
    assert presses.wait_for(2)
    keys.close()
    assert presses.count == 2
    keyboard.display.close()


def test_keys_that_another_program_has_are_said_to_be_taken(display):
    from backdrop.ui.x11_keys import GrabbedKeys, KeysTakenError

    first = GrabbedKeys(frozenset({"Meta"}), "b", lambda: None)
    with pytest.raises(KeysTakenError):
        GrabbedKeys(frozenset({"Meta"}), "b", lambda: None)
    first.close()
    first.close()


def test_an_x_server_that_ends_takes_the_thread_with_it_and_nothing_else(display, monkeypatch):
    from backdrop.ui.x11_keys import GrabbedKeys

    keys = GrabbedKeys(frozenset({"Meta"}), "b", lambda: None)
    keys._display.display.socket.shutdown(2)
    keys._listener.thread.join(20)
    assert not keys._listener.thread.is_alive()
    keys.close()
