"""The application's links to the desktop besides its window: commands, the tray and a global shortcut."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from backdrop.control.instance import Instance
from backdrop.control.server import Server, listen
from backdrop.language import _
from backdrop.outputs.open import is_file
from backdrop.run.stats import Stats
from backdrop.ui.remote import Remote
from backdrop.ui.shortcut import Shortcut, ShortcutError
from backdrop.ui.shortcut_dialog import ShortcutDialog
from backdrop.ui.tray import Tray, state_of
from backdrop.ui.window import Window


class Desktop(QObject):
    """Owns them while the application runs. They only display and request; the window decides.

    instance: how commands reach this process, None if they cannot. has_tray: called when the window is closed.
    """

    def __init__(
        self,
        application: QApplication,
        window: Window,
        instance: Instance | None,
        *,
        has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._has_tray = has_tray
        self._on_air = True  # until it is known
        self._server: Server | None = None
        if instance is not None:
            self._server = listen(instance, Remote(window))
        self.tray = Tray(window.settings, self)
        self._connect_tray()
        self.shortcut = Shortcut(self)
        self.shortcut.pressed.connect(lambda: window.choose(window.settings.with_blur_toggled()))
        self.shortcut.said.connect(self._tell_of_shortcut)
        self.shortcut.refused.connect(self._drop_shortcut)
        self.tray.shortcut_asked.connect(self.ask_for_shortcut)
        window.changed.connect(lambda settings: self._set_shortcut(settings.shortcut))
        self._set_shortcut(window.settings.shortcut)
        window.stays = self._stays
        self._ended = False
        self._application = application
        window.left.connect(self._end)
        # Closing a dialog while the window is hidden must not quit.
        application.setQuitOnLastWindowClosed(False)
        application.installEventFilter(self)
        application.commitDataRequest.connect(lambda _manager: window.leave())

    def _connect_tray(self) -> None:
        window, tray = self._window, self.tray
        tray.changed.connect(window.choose)
        tray.show_asked.connect(window.bring_to_front)
        tray.hide_asked.connect(window.hide)
        tray.snapshot_asked.connect(window.keeping.take)
        tray.leave_asked.connect(window.leave)
        tray.preset_chosen.connect(window.presets.use)
        window.changed.connect(tray.show_settings)
        window.changed.connect(lambda _settings: self._show_presets())
        window.presets.listed.connect(self._show_presets)
        self._show_presets()
        window.looked.connect(self._show)
        window.hidden.connect(self._tell_of_tray)
        tray.icon.show()  # without a tray yet, Qt waits for one

    def _show(self, stats: Stats) -> None:
        window, tray = self._window, self.tray
        trouble = window.notices.said("trouble") or stats.output_reason
        tray.show_state(state_of(window.settings, stats, trouble))
        tray.show_window(window.isVisible())
        tray.show_virtual_camera(window.settings, stats)
        self._on_air = stats.output_state in ("starting", "ready")
        tray.show_choices(window.panel.gallery.choices())

    def _show_presets(self) -> None:
        kept = self._window.presets.kept
        self.tray.show_presets(kept.all, kept.current(self._window.settings))

    def _stays(self) -> bool:
        """Whether closing the window only hides it: while others may see the output, and a tray offers a way back."""
        settings = self._window.settings
        return settings.close_to_tray and self._on_air and settings.virtual_camera and self._has_tray()

    def _tell_of_tray(self) -> None:
        settings = self._window.settings
        if settings.told_of_tray:
            return
        recording = is_file(settings.output)
        self.tray.tell(
            _("Backdrop is still recording. To quit, use the tray icon.")
            if recording
            else _("Backdrop is still running for your call. To quit, use the tray icon.")
        )
        self._window.change(replace(settings, told_of_tray=True))

    def ask_for_shortcut(self) -> None:
        """Let the person choose the global shortcut for the blur."""
        parent = self._window if self._window.isVisible() else None
        dialog = ShortcutDialog(self._window.settings.shortcut, parent, self.shortcut.sentence)
        dialog.chosen.connect(self._choose_shortcut)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _choose_shortcut(self, keys: str) -> None:
        if keys == self._window.settings.shortcut:  # try again: the cause may have been fixed
            self.shortcut.close()
            self._set_shortcut(keys)
        else:
            self._window.change(replace(self._window.settings, shortcut=keys))

    def _drop_shortcut(self) -> None:
        """The person refused the desktop's question: do not ask again at the next start."""
        self._window.change(replace(self._window.settings, shortcut=""))

    def _set_shortcut(self, keys: str) -> None:
        with suppress(ShortcutError):  # already reported through said
            self.shortcut.set(keys)

    def _tell_of_shortcut(self, sentence: str, trouble: bool) -> None:
        page = self._window.pages.settings
        page.say("shortcut", "" if trouble else sentence)
        page.show_error("shortcut", sentence if trouble else "")
        if trouble:
            self._window.notices.say("settings", sentence)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The desktop's own Quit command, and the end of the session.
        if event.type() == QEvent.Type.Quit and not self._ended:
            self._window.leave()
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self.tray.icon.hide()
        self.shortcut.close()
        if self._server is not None:
            self._server.stop()
        self._application.quit()
