"""What Qt says: into the log, and where Qt would end the process then, we end it first, with everything closed."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from backdrop.language import N_, _
from backdrop.system.leave import end_at_once

log = logging.getLogger(__name__)

LOST = "connection broke"  # in what Qt says of X11 and of Wayland, just before it calls exit()
GONE = N_("The connection to the display was lost, so Backdrop has quit.")
NO_WINDOW = N_("The window can't open: `backdrop doctor` shows why. `backdrop run` works without a window.")


@contextmanager
def hearing_qt(close: Callable[[], object]) -> Iterator[None]:
    """Take Qt's messages meanwhile. close: closes what must be closed; it may be called on any thread."""

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        fatal = kind == QtMsgType.QtFatalMsg
        log.log(logging.ERROR if fatal else logging.INFO, "Qt: %s", message)
        if not fatal and LOST not in message:
            return
        with suppress(Exception):
            close()
        with suppress(Exception):
            print(_(NO_WINDOW if fatal else GONE), file=sys.stderr)
        end_at_once(1)

    qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(None)
