"""Keeps the camera list up to date: cameras that come and go, and the modes of the chosen one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.modes import Mode, list_modes
from backdrop.ui.controls import CameraChoice
from backdrop.ui.worker import Worker

SETTLE = 400  # milliseconds after a change in /dev; a new camera gets its permissions late


class CameraList(QObject):
    """Lists cameras and modes on its own thread, because both can be slow. Emits failed with the exception.

    cameras, modes: functions like list_cameras() and list_modes(). folder: where cameras appear on Linux; it is watched,
    not polled.
    """

    failed = Signal(object)

    def __init__(
        self,
        choice: CameraChoice,
        cameras: Callable[[], list[CameraInfo]],
        modes: Callable[[str], list[Mode]] = list_modes,
        folder: Path = Path("/dev"),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choice = choice
        self._cameras, self._modes = cameras, modes
        self._folder = folder
        self._worker = Worker("camera list", self)
        self._found: list[CameraInfo] = []
        self._asked: str | None = None
        self._nodes = self._look()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self._see)
        self._watcher = QFileSystemWatcher(self)
        if folder.is_dir():
            self._watcher.addPath(str(folder))
        self._watcher.directoryChanged.connect(lambda _folder: self._settle.start())

    def refresh(self) -> None:
        """List the cameras and the modes of the chosen one again."""
        self._choice.refresh.setEnabled(False)
        self._asked = None
        self._worker.do(self._cameras, self._show_cameras)

    def show_camera(self, spec: str, name: str) -> None:
        """spec: the camera in the settings. name: the open camera's, which resolves an automatic choice."""
        spec = spec or next((info.spec for info in self._found if info.name == name), "demo")
        if spec != self._asked:
            self._asked = spec
            self._worker.do(lambda: self._modes(spec), lambda modes: self._show_modes(spec, modes))

    def stop(self) -> None:
        """Ignore further results."""
        self._settle.stop()
        self._worker.stop()

    def _look(self) -> set[str]:
        return {path.name for path in self._folder.glob("video*")}

    def _see(self) -> None:
        nodes = self._look()
        if nodes != self._nodes:
            self._nodes = nodes
            self.refresh()

    def _show_cameras(self, cameras: list[CameraInfo] | Exception) -> None:
        self._choice.refresh.setEnabled(True)
        if isinstance(cameras, Exception):
            self.failed.emit(cameras)
        else:
            self._found = cameras
            self._choice.show_cameras(cameras)

    def _show_modes(self, spec: str, modes: list[Mode] | Exception) -> None:
        if spec == self._asked and not isinstance(modes, Exception):
            self._choice.modes.show_modes(modes)
