"""Global shortcuts on X11.

XGrabKey through python-xlib. Because that is pure Python, an X error is an exception and does not end the process.
"""

import logging
import select
from collections.abc import Callable

from Xlib import XK, X, display, error
from Xlib.protocol.event import KeyPress, KeyRelease, MappingNotify

from backdrop.ui.listener import Listener

log = logging.getLogger(__name__)

MODIFIERS = {"Shift": X.ShiftMask, "Ctrl": X.ControlMask, "Alt": X.Mod1Mask, "Meta": X.Mod4Mask}
LOCKS = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)  # ignore Caps Lock and Num Lock
REPEAT = 5  # milliseconds: auto-repeat sends release and press at (nearly) the same time


class KeysTakenError(Exception):
    """Another program already has these keys."""


class GrabbedKeys:
    """Calls pressed() on its own thread each time these keys are pressed, until close().

    modifiers: names in MODIFIERS. key: an X11 name such as "b" or "F9". Raises KeysTakenError, and OSError or one of
    Xlib's errors without an X server.
    """

    def __init__(self, modifiers: frozenset[str], key: str, pressed: Callable[[], None]) -> None:
        self._pressed = pressed
        self._key = XK.string_to_keysym(key)
        self._mask = sum(MODIFIERS[name] for name in modifiers)
        self._display = display.Display()
        self._root = self._display.screen().root
        try:
            self._grab()
        except Exception:
            self._hang_up()
            raise
        self._listener = Listener(self._run)

    def close(self) -> None:
        """Release the keys. May be called twice."""
        self._listener.close()

    def _grab(self) -> None:
        code = self._display.keysym_to_keycode(self._key)
        taken = error.CatchError(error.BadAccess)
        for locks in LOCKS:
            mask = self._mask | locks
            self._root.grab_key(code, mask, False, X.GrabModeAsync, X.GrabModeAsync, onerror=taken)
        self._display.sync()
        if code == 0 or taken.get_error():
            raise KeysTakenError

    def _run(self, woken: int) -> None:
        released = -1
        try:
            while True:
                ready, _out, _bad = select.select([self._display, woken], [], [])
                if woken in ready:
                    return
                while self._display.pending_events():
                    released = self._hear(self._display.next_event(), released)
        except Exception:  # the X server is gone, and so is the application
            log.info("The shortcut no longer listens", exc_info=True)
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        try:
            self._display.close()
        except error.ConnectionClosedError:
            # The server has closed the other end. Xlib leaves this one open.
            self._display.display.socket.close()

    def _hear(self, event: object, released: int) -> int:
        """Handle one event. released: time of the last key release, -1 for none. Returns its new value."""
        if isinstance(event, KeyRelease):
            return int(event.time)
        if isinstance(event, KeyPress) and (released < 0 or event.time - released > REPEAT):
            self._pressed()
        elif isinstance(event, MappingNotify):  # the keyboard layout changed: the key code may differ
            self._display.refresh_keyboard_mapping(event)
            self._root.ungrab_key(X.AnyKey, X.AnyModifier)
            self._grab()
        return released
