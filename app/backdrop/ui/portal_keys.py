"""Global shortcuts through the desktop's portal, on Wayland.

The desktop and the person decide which keys are assigned; Backdrop can only suggest them.
"""

import logging
from collections.abc import Callable

from backdrop.language import N_, _
from backdrop.system.portal import FAILED, GONE, Portal, PortalError, keys_of, reason_of
from backdrop.ui.listener import Listener

log = logging.getLogger(__name__)

# The names in the shortcuts specification, which also uses X11 names for keys.
MODIFIERS = {"Shift": "SHIFT", "Ctrl": "CTRL", "Alt": "ALT", "Meta": "LOGO"}
ID = "blur"  # the desktop stores the shortcut under this name
DOES = N_("Turn the blur on or off")


class PortalKeys:
    """Requests a shortcut from the desktop, and calls pressed() each time it is pressed, until close().

    All callbacks run on its own thread. modifiers: names in MODIFIERS. key: an X11 name such as "b" or "F9".
    given: called with the assigned keys, as the desktop describes them, and again when they change. lost: called
    with the reason if there is no shortcut or it is withdrawn; it is the last call. Raises PortalError without a
    session bus.
    """

    def __init__(
        self,
        modifiers: frozenset[str],
        key: str,
        pressed: Callable[[], None],
        given: Callable[[str], None],
        lost: Callable[[PortalError], None],
    ) -> None:
        self._pressed, self._given, self._lost = pressed, given, lost
        self._trigger = "+".join([name for each, name in MODIFIERS.items() if each in modifiers] + [key])
        self._portal = Portal()
        self._listener = Listener(self._run)

    def close(self) -> None:
        """Release the keys. May be called twice."""
        self._listener.close()

    def _run(self, woken: int) -> None:
        try:
            self._hold(woken)
        except PortalError as error:
            self._lost(error)
        except Exception as error:  # the bus is gone, or the portal is silent or answers something unexpected
            log.info("The shortcut no longer listens", exc_info=True)
            self._lost(PortalError(_(FAILED, reason=reason_of(error))))
        finally:
            self._portal.close()

    def _hold(self, woken: int) -> None:
        session = self._portal.open_session(woken)
        if session is None:
            return
        keys = self._portal.bind(woken, session, ID, _(DOES), self._trigger)
        if keys is not None:
            self._given(keys)
            while self._hear(session, woken):
                pass
        self._portal.close_session(session)

    def _hear(self, session: str, woken: int) -> bool:
        """Handle one signal. Returns whether to continue: False once close() has been called."""
        signal = self._portal.next_signal(woken)
        if signal is None:
            return False
        match signal.member, signal.body:
            case "Activated", (at, id, *_rest) if (at, id) == (session, ID):
                self._pressed()
            case "ShortcutsChanged", (at, shortcuts) if at == session:
                self._given(keys_of(shortcuts, ID) or "")
            case "NameOwnerChanged", _body:
                raise PortalError(_(GONE))
            case "Closed", _body if signal.path == session:
                raise PortalError(_(GONE))
        return True
