"""What the tests of the window share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from backdrop.ui.window import Window
from backdrop.ui.worker import Worker
from tests.qt import application


@pytest.fixture
def shown() -> Iterator[Callable[..., Any]]:
    """Shows a widget, at a size if one is given, and closes it at the end of the test."""
    application()
    widgets: list[QWidget] = []

    def show(widget: QWidget, *size: int) -> QWidget:
        if size:
            widget.resize(*size)
        widget.show()
        widgets.append(widget)
        return widget

    yield show
    for widget in widgets:
        widget.close()
        widget.deleteLater()


@pytest.fixture
def worker() -> Iterator[Worker]:
    application()
    made = Worker("test")
    yield made
    made.stop()


@pytest.fixture
def still_window(tmp_path) -> Iterator[Callable[..., Window]]:
    """Makes windows whose engines do not run, so that nothing in them moves, and closes them at the end of the test."""
    application()
    windows: list[Window] = []

    def make(settings: Settings, engine: Callable[..., Engine] = Engine) -> Window:
        cameras = [CameraInfo("/dev/video0", "Integrated Camera"), CameraInfo("demo", "Demo camera")]
        place = tmp_path / "settings.json" if not windows else tmp_path / str(len(windows)) / "settings.json"
        window = Window(engine(settings, governed=False), place, cameras=lambda: cameras)
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.leave()
        window.deleteLater()
