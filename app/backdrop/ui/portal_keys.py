"""Keys that reach Backdrop whatever program has the focus, where the desktop gives them out: Wayland's.

Which keys they become is the desktop's affair, and the person's whom it asks: what is asked for here is a wish.
"""

import logging
from collections.abc import Callable

from backdrop.language import N_, _
from backdrop.system.portal import FAILED, GONE, Portal, PortalError, keys_of, reason_of
from backdrop.ui.listener import Listener

log = logging.getLogger(__name__)

# As the shortcuts specification calls them; the key itself has its X11 name there, too.
MODIFIERS = {"Shift": "SHIFT", "Ctrl": "CTRL", "Alt": "ALT", "Meta": "LOGO"}
ID = "blur"  # the desktop remembers the shortcut by it
DOES = N_("Turn the blur on or off")


class PortalKeys:
    """Asks the desktop for keys, and calls pressed() each time they go down, until close(). All on a thread of its own.

    modifiers: names in MODIFIERS. key: an X11 name such as "b" or "F9". given: called with the keys that the desktop
    has given, in its words, and again when they change. lost: called with the reason when there are none, or no more;
    nothing follows then. Raises PortalError where there is no bus.
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
        """Give the keys back. Harmless the second time."""
        self._listener.close()

    def _run(self, woken: int) -> None:
        try:
            self._hold(woken)
        except PortalError as error:
            self._lost(error)
        except (
            Exception
        ) as error:  # the bus has gone, the portal does not answer, or says what nobody expects
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
        """Take one signal. Returns whether there may be more: not once close() has been called."""
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
