"""The pages of the window: the live page, and those that cover it."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from backdrop.ui.doctor_page import DoctorPage
from backdrop.ui.page import Page
from backdrop.ui.settings_page import SettingsPage
from backdrop.ui.setup_page import SetupPage


class Pages(QStackedWidget):
    """Shows one page at a time. Going back restores the focus."""

    def __init__(self, live: QWidget, settings: SettingsPage, doctor: DoctorPage) -> None:
        super().__init__()
        self.live, self.settings, self.doctor = live, settings, doctor
        self.setup = SetupPage()
        self.setup.ready.connect(lambda _path: settings.change("virtual_camera", True))
        self.setup.pipewire.clicked.connect(self._use_pipewire)
        if settings.setup is not None:
            settings.setup.clicked.connect(self.open_setup)
        self._before: QWidget | None = None
        self.addWidget(live)
        for page in (settings, doctor, self.setup):
            self.addWidget(page)
            page.closed.connect(self.go_back)

    def open_settings(self) -> None:
        self._open(self.settings)

    def open_doctor(self) -> None:
        if self.currentWidget() is not self.doctor:
            self._open(self.doctor, self.doctor.examine)

    def open_setup(self) -> None:
        """Set up the virtual camera. It is turned off first, because nothing may use it, and on when it works."""
        self.settings.change("virtual_camera", False)
        self._open(self.setup, self.setup.look)

    def _use_pipewire(self) -> None:
        self.settings.change("output", "pipewire")
        self.settings.change("virtual_camera", True)
        self.go_back()

    def go_back(self) -> None:
        """Return to the live page."""
        self.setCurrentWidget(self.live)
        if self._before is not None:
            self._before.setFocus()

    def _open(self, page: Page, then: Callable[[], None] | None = None) -> None:
        if self.currentWidget() is self.live:
            self._before = QApplication.focusWidget()
        self.setCurrentWidget(page)
        page.back.setFocus()
        if then is not None:
            then()
