"""What the application is to the desktop beyond its window: reached by commands, and, where there is a tray, in it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from app.control.instance import Instance
from app.control.server import Server
from app.ui.remote import Remote
from app.ui.window import Window


class Desktop(QObject):
    """Holds these for as long as the application runs. leave() ends the application, however its window stays."""

    def __init__(self, application: QApplication, window: Window, instance: Instance | None) -> None:
        super().__init__(window)
        self._window = window
        self._server: Server | None = None
        if instance is not None:
            self._server = Server(instance, Remote(window))
            self._server.start()
        window.left.connect(self._end)
        application.setQuitOnLastWindowClosed(
            False
        )  # a dialog closed while the window is in the tray is no end
        window.left.connect(application.exit)
        application.installEventFilter(self)
        application.commitDataRequest.connect(lambda _manager: window.leave())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:  # the desktop's own Quit, and the end of its session
            self._window.leave()
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        if self._server is not None:
            self._server.stop()
