"""A Backdrop without a window, as commands reach it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backdrop.control.answer import Edit, describe
from backdrop.control.instance import claim
from backdrop.control.place import ControlError
from backdrop.control.server import listen
from backdrop.language import _
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from backdrop.system.say import say

log = logging.getLogger(__name__)


class HeadlessController:
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
    server = listen(claimed, HeadlessController(engine, stop))
    try:
        yield
    finally:
        server.stop()
        claimed.close()
