"""Keys that reach Backdrop whatever program has the focus, where the display is X11's.

XGrabKey through python-xlib, which is Python throughout: a mistake of the X server's is an exception, not an end.
"""

import logging
import select
from collections.abc import Callable

from Xlib import XK, X, display, error
from Xlib.protocol.event import KeyPress, KeyRelease, MappingNotify

from backdrop.ui.listener import Listener

log = logging.getLogger(__name__)

MODIFIERS = {"Shift": X.ShiftMask, "Ctrl": X.ControlMask, "Alt": X.Mod1Mask, "Meta": X.Mod4Mask}
LOCKS = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)  # Caps Lock and Num Lock make no difference
REPEAT = 5  # milliseconds: a key held down is let go and pressed again at the same time, or nearly


class KeysTakenError(Exception):
    """Another program has these keys already."""


class GrabbedKeys:
    """Calls pressed(), on a thread of its own, each time these keys go down, until close().

    modifiers: names in MODIFIERS. key: an X11 name such as "b" or "F9". Raises KeysTakenError; OSError or Xlib's errors
    where there is no X server to speak to.
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
        """Give the keys back. Harmless the second time."""
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
        except Exception:  # the X server has gone, and the application with it
            log.info("The shortcut no longer listens", exc_info=True)
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        try:
            self._display.close()
        except error.ConnectionClosedError:  # Xlib does not close its end when the other is closed already
            self._display.display.socket.close()

    def _hear(self, event: object, released: int) -> int:
        """Take one event. released: when the keys were last let go, -1 for never; returned as it is after this event."""
        if isinstance(event, KeyRelease):
            return int(event.time)
        if isinstance(event, KeyPress) and (released < 0 or event.time - released > REPEAT):
            self._pressed()
        elif isinstance(event, MappingNotify):  # another layout: the key may lie elsewhere
            self._display.refresh_keyboard_mapping(event)
            self._root.ungrab_key(X.AnyKey, X.AnyModifier)
            self._grab()
        return released
