"""Logs Qt's messages. Where Qt would then end the process, Backdrop first closes everything and ends it itself."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from backdrop.language import N_, _
from backdrop.system.leave import end_at_once
from backdrop.system.say import say

log = logging.getLogger(__name__)

LOST = "connection broke"  # in Qt's message for both X11 and Wayland, just before it calls exit()
GONE = N_("The connection to the display was lost, so Backdrop has quit.")
NO_WINDOW = N_("The window can't open: `backdrop doctor` shows why. `backdrop run` works without a window.")


@contextmanager
def hearing_qt(close: Callable[[], object]) -> Iterator[None]:
    """Handle Qt's messages inside this context. close: closes everything; it may be called on any thread."""

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        fatal = kind == QtMsgType.QtFatalMsg
        log.log(logging.ERROR if fatal else logging.INFO, "Qt: %s", message)
        if not fatal and LOST not in message:
            return
        with suppress(Exception):
            close()
        with suppress(Exception):
            say(_(NO_WINDOW if fatal else GONE), error=True)
        end_at_once(1)

    qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(None)
