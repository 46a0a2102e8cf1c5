"""Starts the application with its window, runs it, and shuts it down whatever happens."""

import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from backdrop.control.single import Beginning
from backdrop.doctor import crash_report
from backdrop.run.engine import Engine
from backdrop.settings.file import load_settings
from backdrop.settings.settings import Settings
from backdrop.system.desktop_entry import ID
from backdrop.ui import language, theme
from backdrop.ui.desktop import Desktop
from backdrop.ui.qt_messages import hearing_qt
from backdrop.ui.window import FINISH, Window

TRAY_AFTER = 20.0  # seconds after sign-in within which a desktop starts its tray


def run_window(
    settings: Settings, settings_path: Path, beginning: Beginning | None = None, *, in_tray: bool = False
) -> int:
    """Show the window until the person quits. settings: the settings to start with. Returns the exit status.

    beginning: how commands reach this instance, or why they cannot; None if they cannot.
    in_tray: start with the virtual camera on, the window hidden, and the camera closed until an app needs it.
    """
    opened: list[Callable[[], object]] = []
    with hearing_qt(lambda: [close() for close in opened]):
        return _serve(settings, settings_path, beginning, opened, in_tray)


def _serve(
    settings: Settings,
    settings_path: Path,
    beginning: Beginning | None,
    opened: list[Callable[[], object]],
    in_tray: bool,
) -> int:
    """See run_window(). opened: receives the functions to call if the display connection is lost."""
    ending = Ending()
    QGuiApplication.setDesktopFileName(ID)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Backdrop")
    language.choose(application, settings.language)
    theme.choose(settings.theme)
    theme.dress(application)
    first = not settings_path.exists() and not in_tray
    _settings, notices = load_settings(settings_path)
    if crashed := crash_report.sentence(crash_report.untold()):
        notices.append(crashed)
    engine = Engine(replace(settings, virtual_camera=True) if in_tray else settings)
    engine.previewed = not in_tray
    opened.append(lambda: engine.stop(FINISH))
    engine.start(at_rest=in_tray)
    if beginning is not None and beginning.notice:
        notices.append(beginning.notice)
    window = Window(engine, settings_path, notices)
    opened.append(window.save_now)
    desktop = Desktop(application, window, beginning.instance if beginning is not None else None)
    if in_tray:
        QTimer.singleShot(round(TRAY_AFTER * 1000), window, lambda: show_without_a_tray(window))
    else:
        window.show()
        if first:
            window.welcome()
    QTimer.singleShot(0, lambda: ending.begin(window.leave))
    status = application.exec()
    ending.ignore()
    window.leave()
    application.removeEventFilter(desktop)
    return status


def show_without_a_tray(
    window: Window, has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable
) -> None:
    """Minimise a hidden window if there is no tray icon to bring it back."""
    if not window.isVisible() and not has_tray():
        window.showMinimized()


class Ending:
    """Handles SIGINT and SIGTERM. A signal that comes before the event loop runs is kept: Qt would lose the quit."""

    def __init__(self) -> None:
        self._wished = False
        self._end: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)  # Python runs the handler the next time a timer calls into it

    def begin(self, end: Callable[[], object]) -> None:
        """The event loop runs: signals call end() from now on, and at once if one has already come."""
        self._end = end
        if self._wished:
            end()

    def ignore(self) -> None:
        """The application is shutting down: ignore further signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        first, self._wished = not self._wished, True
        if first and self._end is not None:
            self._end()
