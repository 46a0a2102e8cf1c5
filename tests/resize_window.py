"""Drags a window through every height, in a process of its own: `python -m tests.resize_window '{"own": 8}'`.

A layout that depends on itself ends the process by a fault that no test could catch. Prints what it found, as JSON.
"broken" takes away what keeps the place of the scroll bar free, to show that this is noticed.
"""

import json
import os
import sys
import tempfile
from itertools import compress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.doctor.finding import Finding, State
from backdrop.run.engine import Engine
from backdrop.settings.settings import Settings
from backdrop.system import leave
from backdrop.ui import theme
from backdrop.ui.own_pictures import own
from backdrop.ui.scroll import ScrollColumn
from backdrop.ui.window import Window

STATES: tuple[tuple[State, int], ...] = (("fault", 9), ("advice", 3), ("ok", 1), ("ok", 5))
FINDINGS = [
    Finding("Camera", state, "Integrated Camera gives 15 frames a second. " * length, "backdrop doctor")
    for state, length in STATES
]
ROUNDS = 6  # of layout that one step of a drag may take for any widget


class Resizes(QObject):
    """Counts how often each widget gets another size, one drag step after another."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._now: dict[int, int] = {}

    def begin(self) -> None:
        self._now.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize:
            count = self._now[id(watched)] = self._now.get(id(watched), 0) + 1
            self.most = max(self.most, count)
            if count > ROUNDS:  # before the stack is full
                print(json.dumps({"endless": type(watched).__name__}), flush=True)
                os._exit(3)
        return False


def open_window(asked: dict[str, Any], folder: Path) -> Window:
    """A window that does not run, so that nothing but its size changes."""
    cameras = [CameraInfo("/dev/video0", "Integrated Camera"), CameraInfo("demo", "Demo camera")]
    engine = Engine(Settings(camera="demo", theme=asked.get("theme", "system")))
    window = Window(engine, folder / "settings.json", cameras=lambda: cameras)
    window.setMinimumSize(0, 0)  # a tiling desktop does not ask
    window.setUpdatesEnabled(False)  # what is painted does not matter here
    thumbnail = QImage(16, 9, QImage.Format.Format_RGB32)
    for number in range(asked.get("own", 0)):
        window.panel.gallery.add(own(f"{folder}/{number}.jpg", f"holiday {number}"), thumbnail)
    window.pages.doctor._show(FINDINGS)
    return window


def show_page(window: Window, page: str) -> None:
    if page in ("settings", "doctor"):
        window.pages.setCurrentWidget(getattr(window.pages, page))
    else:
        window.pages.setCurrentWidget(window.pages.live)
        window.change(window.settings.with_backdrop(page))  # type: ignore[arg-type]


def places(children: list[QWidget]) -> list[Any]:
    """Where everything lies. This is most of a drag: no loop of Python's."""
    visible = compress(children, map(QWidget.isVisible, children))
    return list(map(QRect.getRect, map(QWidget.geometry, visible)))


def drag(window: Window, sizes: list[tuple[int, int]], resizes: Resizes) -> list[tuple[int, int]]:
    """There by every size, and back by every third. Returns the sizes at which things then lie elsewhere."""
    application = QApplication.instance()
    assert application is not None
    found: dict[tuple[int, int], list[Any]] = {}
    elsewhere = []
    children, areas = (
        window.findChildren(QWidget),
        window.findChildren(QScrollArea),
    )  # the same for every size
    for size in (*sizes, *reversed(sizes[::3])):
        resizes.begin()
        window.resize(*size)
        for _event in range(2):  # what is laid out again may be laid out once more
            application.processEvents()
        for area in areas:  # how far somebody has scrolled is no layout
            area.verticalScrollBar().setValue(0)
        now = places(children)
        if found.setdefault(size, now) != now:
            elsewhere.append(size)
    assert window.findChildren(QWidget) == children
    return elsewhere


def main() -> int:
    asked = json.loads(sys.argv[1])
    application = QApplication(["backdrop"])
    if points := asked.get("points"):
        application.setFont(QFont(asked.get("font", application.font().family()), points))
    theme.dress(application)
    resizes = Resizes()
    if asked.get("broken"):
        del ScrollColumn.resizeEvent
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(asked, Path(folder))
        window.resize(1000, 400)
        window.show()
        application.processEvents()
        application.installEventFilter(resizes)
        widths, heights = range(*asked["widths"]), range(*asked["heights"])
        elsewhere = []
        for page in asked["pages"]:
            show_page(window, page)
            elsewhere += drag(window, [(wide, high) for wide in widths for high in heights], resizes)
        application.removeEventFilter(resizes)
        window.leave()
    print(json.dumps({"most": resizes.most, "elsewhere": elsewhere, "ratio": window.devicePixelRatioF()}))
    return 0


if __name__ == "__main__":
    leave.run(main)
