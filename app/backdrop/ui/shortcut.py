"""A shortcut that switches the blur whatever program has the focus, where the desktop lets a program have one."""

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
# Everywhere, also where a program may have no keys of its own.
BIND = N_("Assign `{command}` to a key in your desktop's keyboard settings.")
NOT_HERE = N_("On this system, only the desktop can provide shortcuts that work in every app.")
ASKED = N_("Backdrop is asking the desktop for the shortcut. You may have to confirm it.")
GIVEN = N_("The desktop assigned {keys}. You can change this in its keyboard settings.")
GIVEN_UNNAMED = N_(
    "The desktop assigned the shortcut. You can see and change the keys in its keyboard settings."
)
KEYS = re.compile(r"((?:Ctrl|Alt|Shift|Meta)\+)*(?:[A-Z0-9]|F[1-9]|F1[0-9]|F2[0-4]|Pause|ScrollLock)")
ALONE = re.compile(r"(Shift\+)?(F\d+|Pause|ScrollLock)")  # what may be had without Ctrl, Alt or Meta


class ShortcutError(Exception):
    """The keys cannot be had. str() is a sentence or two for a person, with what to do instead."""


@dataclass(frozen=True, slots=True)
class Keys:
    """modifiers: of Ctrl, Alt, Shift, Meta. key: a letter, a digit, F1 to F24, Pause or ScrollLock."""

    modifiers: frozenset[str]
    key: str

    @property
    def symbol(self) -> str:
        """What X11, and Wayland after it, call the key."""
        symbol = self.key.lower() if len(self.key) == 1 else self.key
        return {"ScrollLock": "Scroll_Lock"}.get(symbol, symbol)


class HeldKeys(Protocol):
    """Keys that are held, in whichever way: what they do when pressed was said when they were asked for."""

    def close(self) -> None:
        """Give the keys back. Harmless the second time."""


def read_keys(text: str) -> Keys:
    """Keys as Qt writes them for programs, such as "Ctrl+Alt+B". Raises ShortcutError for what would be in the way."""
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
    """How keys may be had here: from the X server, from the desktop's portal, or not; then there is `backdrop toggle`.

    An X server that runs inside Wayland hears keys only while one of its own windows has the focus.
    """
    if QGuiApplication.platformName() == "xcb" and not os.environ.get("WAYLAND_DISPLAY"):
        return "x11"
    return "portal" if sys.platform.startswith("linux") else ""


class Shortcut(QObject):
    """Holds at most one shortcut. Emits on the thread that made it: pressed; said with what there is to say of it.

    said comes with a sentence, and whether that is a trouble; refused when the person told the desktop to give none,
    which is a trouble, too, and need not be asked again.
    """

    pressed = Signal()
    said = Signal(str, bool)
    refused = Signal()
    _told = Signal(
        int, str, bool, bool
    )  # from another thread: of which asking, the sentence, trouble, refused

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sentence = ""  # what there is to say now
        self._held: HeldKeys | None = None
        self._text = ""
        self._asking = 0
        self._told.connect(self._take_news)

    def set(self, text: str) -> None:
        """Have these keys in place of those before, "" for none. Raises ShortcutError, and then has none.

        Where the desktop is asked, the answer comes later.
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
        """Give the keys back."""
        held, self._held, self._text = self._held, None, ""
        self._asking += 1  # news that is on its way is old
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
    """A sentence about why there is no shortcut, with the way that is always there where it names no other."""
    sentence = str(error)
    return sentence if "`" in sentence else f"{sentence} {_(BIND, command=COMMAND)}"
