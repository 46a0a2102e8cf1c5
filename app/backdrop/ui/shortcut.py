"""A global shortcut that turns the blur on and off, where the desktop allows one."""

import logging
import os
import re
import sys
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from backdrop.language import N_, _
from backdrop.ui.buttons import key_name

log = logging.getLogger(__name__)

COMMAND = "backdrop toggle blur"
# Works everywhere, also where programs cannot have global shortcuts.
BIND = N_("Assign `{command}` to a key in your desktop's keyboard settings.")
NOT_HERE = N_("On this system, only the desktop can provide shortcuts that work in every app.")
ASKED = N_("Backdrop is asking the desktop for the shortcut. You may have to confirm it.")
GIVEN = N_("The desktop assigned {keys}. You can change this in its keyboard settings.")
GIVEN_UNNAMED = N_(
    "The desktop assigned the shortcut. You can see and change the keys in its keyboard settings."
)
KEYS = re.compile(r"((?:Ctrl|Alt|Shift|Meta)\+)*(?:[A-Z0-9]|F[1-9]|F1[0-9]|F2[0-4]|Pause|ScrollLock)")
ALONE = re.compile(r"(Shift\+)?(F\d+|Pause|ScrollLock)")  # keys allowed without Ctrl, Alt or Meta


class ShortcutError(Exception):
    """The shortcut is not available. str() is a sentence or two for a person, with what to do instead."""


@dataclass(frozen=True, slots=True)
class Keys:
    """modifiers: some of Ctrl, Alt, Shift, Meta. key: a letter, a digit, F1 to F24, Pause or ScrollLock."""

    modifiers: frozenset[str]
    key: str

    @property
    def symbol(self) -> str:
        """The key's X11 name, which Wayland uses, too."""
        symbol = self.key.lower() if len(self.key) == 1 else self.key
        return {"ScrollLock": "Scroll_Lock"}.get(symbol, symbol)


class HeldKeys(Protocol):
    """A global shortcut in use, whichever way it was obtained."""

    def close(self) -> None:
        """Release the keys. May be called twice."""


def read_keys(text: str) -> Keys:
    """Parse keys in Qt's portable form, such as "Ctrl+Alt+B". Raises ShortcutError for keys needed for typing."""
    if not KEYS.fullmatch(text):
        raise ShortcutError(
            _("{keys} cannot be a shortcut: use a letter, a digit or F1 to F24.", keys=key_name(text))
        )
    *modifiers, key = text.split("+")
    if not {"Ctrl", "Alt", "Meta"} & set(modifiers) and not ALONE.fullmatch(text):
        raise ShortcutError(
            _("{keys} is needed for typing: combine it with Ctrl, Alt or Meta.", keys=key_name(text))
        )
    return Keys(frozenset(modifiers), key)


def way_to_keys() -> Literal["x11", "portal", ""]:
    """How to get a global shortcut here: from the X server, the desktop's portal, or "" for neither.

    An X server inside Wayland receives keys only while one of its own windows has the focus, so it does not count.
    """
    if QGuiApplication.platformName() == "xcb" and not os.environ.get("WAYLAND_DISPLAY"):
        return "x11"
    return "portal" if sys.platform.startswith("linux") else ""


class Shortcut(QObject):
    """Holds at most one shortcut. All signals arrive on the thread that created it.

    pressed: the shortcut was pressed. said: a sentence about the shortcut, and whether it is a problem.
    refused: the person told the desktop not to assign one; do not ask again.
    """

    pressed = Signal()
    said = Signal(str, bool)
    refused = Signal()
    _told = Signal(int, str, bool, bool)  # from another thread: request number, sentence, problem?, refused?

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sentence = ""  # the latest sentence
        self._held: HeldKeys | None = None
        self._text = ""
        self._asking = 0
        self._told.connect(self._take_news)

    def set(self, text: str) -> None:
        """Replace the shortcut; "" for none. If it raises ShortcutError, there is none.

        If the desktop must be asked, the answer comes later through said.
        """
        if text == self._text:
            return
        self.close()
        self._text = text
        if not text:
            self._say("")
            return
        try:
            self._held = self._ask_for(read_keys(text), text)
        except ShortcutError as error:
            self._say(str(error), trouble=True)
            raise

    def close(self) -> None:
        """Release the shortcut."""
        held, self._held, self._text = self._held, None, ""
        self._asking += 1  # ignore answers to older requests
        if held is not None:
            held.close()

    def _ask_for(self, keys: Keys, text: str) -> HeldKeys:
        bind = _(BIND, command=COMMAND)
        way = way_to_keys()
        if not way:
            raise ShortcutError(f"{_(NOT_HERE)} {bind}")
        try:
            return self._grab(keys, text) if way == "x11" else self._ask_portal(keys)
        except ShortcutError:
            raise
        except ImportError as error:
            package = "python-xlib" if way == "x11" else "jeepney"
            raise ShortcutError(
                _("The shortcut needs {package}: `pip install {package}`.", package=package)
            ) from error
        except Exception as error:
            log.info("No shortcut", exc_info=True)
            raise ShortcutError(
                _("The shortcut does not work ({reason}). {bind}", reason=error, bind=bind)
            ) from error

    def _grab(self, keys: Keys, text: str) -> HeldKeys:
        from backdrop.ui.x11_keys import GrabbedKeys, KeysTakenError

        try:
            held = GrabbedKeys(keys.modifiers, keys.symbol, self.pressed.emit)
        except KeysTakenError as error:
            raise ShortcutError(
                _("{keys} is already used by another app: choose other keys.", keys=key_name(text))
            ) from error
        self._say("")
        return held

    def _ask_portal(self, keys: Keys) -> HeldKeys:
        from backdrop.system.portal import PortalError, RefusedError
        from backdrop.ui.portal_keys import PortalKeys

        asking = self._asking

        def given(keys: str) -> None:
            sentence = _(GIVEN, keys=keys) if keys else _(GIVEN_UNNAMED)
            self._told.emit(asking, sentence, False, False)

        def lost(error: PortalError) -> None:
            self._told.emit(asking, with_what_helps(error), True, isinstance(error, RefusedError))

        try:
            held = PortalKeys(keys.modifiers, keys.symbol, self.pressed.emit, given, lost)
        except PortalError as error:
            raise ShortcutError(with_what_helps(error)) from error
        self._say(_(ASKED))
        return held

    def _take_news(self, asking: int, sentence: str, trouble: bool, refused: bool) -> None:
        if asking != self._asking:
            return
        if refused:
            self.close()
        self._say(sentence, trouble)
        if refused:
            self.refused.emit()

    def _say(self, sentence: str, trouble: bool = False) -> None:
        self.sentence = sentence
        self.said.emit(sentence, trouble)


def with_what_helps(error: Exception) -> str:
    """The reason why there is no shortcut, with a way that always works unless it names one itself."""
    sentence = str(error)
    return sentence if "`" in sentence else f"{sentence} {_(BIND, command=COMMAND)}"
