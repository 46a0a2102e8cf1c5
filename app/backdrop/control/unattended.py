"""Commands for a Backdrop without a window."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backdrop.control.answer import Edit, describe
from backdrop.control.instance import claim
from backdrop.control.place import ControlError
from backdrop.control.server import listen
from backdrop.language import _
from backdrop.run.engine import Engine
from backdrop.settings.file import settings_path
from backdrop.settings.presets import Presets, presets_path
from backdrop.settings.settings import Settings
from backdrop.system.say import say

log = logging.getLogger(__name__)


class HeadlessController:
    """Controls an engine that runs until stop is set. Changes are not saved."""

    def __init__(self, engine: Engine, stop: threading.Event) -> None:
        self._engine = engine
        self._stop = stop
        self.presets = Presets(presets_path(settings_path()))

    def status(self) -> dict[str, Any]:
        notice = self._engine.notice
        notices = [notice] if notice else []
        return describe(self._engine.settings, self._engine.stats(), notices, self.presets, window=False)

    def change(self, edit: Edit) -> tuple[Settings, Settings]:
        before = self._engine.settings
        self._engine.settings = after = edit(before)
        return before, after

    def snapshot(self) -> Path:
        return self._engine.snapshot()

    def show(self, token: str) -> bool:
        return False

    def quit(self) -> None:
        self._stop.set()


@contextmanager
def reached_by_commands(engine: Engine, stop: threading.Event, instance: str) -> Iterator[None]:
    """Let commands reach an engine inside the with block. A second one without a name runs too, but is not reached.

    Raises ControlError if the given name is taken.
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
            raise ControlError(_("A Backdrop named {name} is already running.", name=instance))
    if claimed is None:
        log.info("Another Backdrop answers to commands; start this one with --instance to reach it by a name")
        yield
        return
    server = listen(claimed, HeadlessController(engine, stop))
    try:
        yield
    finally:
        server.stop()
        claimed.close()
