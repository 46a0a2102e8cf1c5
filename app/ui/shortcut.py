"""A shortcut that switches the blur whatever program has the focus, where the desktop lets a program have one."""

import logging
import re
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.language import N_, _

log = logging.getLogger(__name__)

COMMAND = "backdrop toggle blur"
# Everywhere, also where a program may have no keys of its own.
BIND = N_("Bind `{command}` to a key in the keyboard settings of your desktop.")
NOT_HERE = N_("Here the desktop alone gives out keys that work in every program.")
KEYS = re.compile(r"((?:Ctrl|Alt|Shift|Meta)\+)*(?:[A-Z0-9]|F[1-9]|F1[0-9]|F2[0-4]|Pause|ScrollLock)")
ALONE = re.compile(r"(Shift\+)?(F\d+|Pause|ScrollLock)")  # what may be had without Ctrl, Alt or Meta


class ShortcutError(Exception):
    """The keys cannot be had. str() is a sentence or two for a person, with what to do instead."""


@dataclass(frozen=True, slots=True)
class Keys:
    """modifiers: of Ctrl, Alt, Shift, Meta. key: a letter, a digit, F1 to F24, Pause or ScrollLock."""

    modifiers: frozenset[str]
    key: str


def read_keys(text: str) -> Keys:
    """Keys as Qt writes them for programs, such as "Ctrl+Alt+B". Raises ShortcutError for what would be in the way."""
    if not KEYS.fullmatch(text):
        raise ShortcutError(_("{keys} cannot be a shortcut: take a letter, a digit or F1 to F24.", keys=text))
    *modifiers, key = text.split("+")
    if not {"Ctrl", "Alt", "Meta"} & set(modifiers) and not ALONE.fullmatch(text):
        raise ShortcutError(_("{keys} is needed for writing: take it with Ctrl, Alt or Meta.", keys=text))
    return Keys(frozenset(modifiers), key)


def can_have_keys() -> bool:
    """Whether this desktop lets a program have keys; Wayland, Windows and macOS are left to `backdrop toggle`."""
    return QGuiApplication.platformName() == "xcb"


class Shortcut(QObject):
    """Holds at most one shortcut. pressed is emitted on the thread that made this object."""

    pressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grabbed: object | None = None
        self._text = ""

    def set(self, text: str) -> None:
        """Have these keys in place of those before, "" for none. Raises ShortcutError, and then has none."""
        if text == self._text:
            return
        self.close()
        self._text = text
        if not text:
            return
        keys = read_keys(text)
        bind = _(BIND, command=COMMAND)
        if not can_have_keys():
            raise ShortcutError(f"{_(NOT_HERE)} {bind}")
        try:
            from app.ui.x11_keys import GrabbedKeys, KeysTakenError
        except ImportError as error:
            raise ShortcutError(_("The shortcut needs python-xlib: `pip install python-xlib`.")) from error
        name = {"Pause": "Pause", "ScrollLock": "Scroll_Lock"}.get(keys.key, keys.key.lower())
        name = keys.key if keys.key.startswith("F") and len(keys.key) > 1 else name
        try:
            self._grabbed = GrabbedKeys(keys.modifiers, name, self.pressed.emit)
        except KeysTakenError as error:
            raise ShortcutError(
                _("{keys} is taken by another program: choose other keys.", keys=text)
            ) from error
        except Exception as error:
            log.info("No shortcut", exc_info=True)
            raise ShortcutError(
                _("The shortcut does not work ({reason}). {bind}", reason=error, bind=bind)
            ) from error

    def close(self) -> None:
        """Give the keys back."""
        grabbed, self._grabbed, self._text = self._grabbed, None, ""
        if grabbed is not None:
            grabbed.close()  # type: ignore[attr-defined]
