"""A Backdrop without a window, as commands reach it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.control.answer import Edit, describe
from app.control.instance import claim
from app.control.place import ControlError
from app.control.server import listen
from app.engine import Engine
from app.language import _
from app.say import say
from app.settings import Settings

log = logging.getLogger(__name__)


class Unattended:
    """An engine that runs until stop is set. What is changed lasts as long as it runs, and is kept nowhere."""

    def __init__(self, engine: Engine, stop: threading.Event) -> None:
        self._engine = engine
        self._stop = stop

    def status(self) -> dict[str, Any]:
        notice = self._engine.notice
        return describe(self._engine.settings, self._engine.stats(), [notice] if notice else [], window=False)

    def change(self, edit: Edit) -> tuple[Settings, Settings]:
        before = self._engine.settings
        self._engine.settings = after = edit(before)
        return before, after

    def show(self, token: str) -> bool:
        return False

    def quit(self) -> None:
        self._stop.set()


@contextmanager
def reached_by_commands(engine: Engine, stop: threading.Event, instance: str) -> Iterator[None]:
    """Let commands reach an engine meanwhile. A second one without a name runs too, but is not reached.

    Raises ControlError where the name that was given is taken.
    """
    try:
        claimed = claim(instance)
    except ControlError as error:
        if error.status == 2:
            raise
        say(error, error=True)
        claimed = None
    else:
        if claimed is None and instance:
            raise ControlError(_("A Backdrop named {name} is running already.", name=instance))
    if claimed is None:
        log.info("Another Backdrop answers to commands; --instance gives this one a name to be reached by")
        yield
        return
    server = listen(claimed, Unattended(engine, stop))
    try:
        yield
    finally:
        server.stop()
        claimed.close()
