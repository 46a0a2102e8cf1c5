"""The window: preview, controls and notices around one engine."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMessageBox, QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.cameras.demo import NAME as DEMO
from backdrop.cameras.open import list_cameras
from backdrop.control.answer import describe
from backdrop.language import N_, _
from backdrop.run.engine import Engine
from backdrop.run.output_words import lacks_driver
from backdrop.run.stats import Stats
from backdrop.settings.file import load_settings, save_settings
from backdrop.settings.settings import NAMES, STAYS_BLURRED, Settings, SettingsError, about
from backdrop.ui import theme
from backdrop.ui.bar import Bar
from backdrop.ui.buttons import key_name
from backdrop.ui.camera_list import CameraList
from backdrop.ui.doctor_page import DoctorPage
from backdrop.ui.keeping import Keeping
from backdrop.ui.keys import HeldKey, Key, KeysDialog, bind, key, told
from backdrop.ui.layouts import column, row
from backdrop.ui.light_section import LIGHT_KEY
from backdrop.ui.notices import Notice, Notices, command_in
from backdrop.ui.pages import Pages
from backdrop.ui.panel import Panel
from backdrop.ui.paste import files_in
from backdrop.ui.pictures import Pictures
from backdrop.ui.presets import NUMBERS, WindowPresets
from backdrop.ui.preview import Preview
from backdrop.ui.room import RoomBadge, ask_before_showing, is_on_air, is_recorded, is_room_visible
from backdrop.ui.settings_page import SettingsPage
from backdrop.ui.worker import Worker
from backdrop.ui.zoom_control import zoom_keys

log = logging.getLogger(__name__)

STATE_EVERY = 250  # milliseconds between polls of the engine's state …
UNSEEN_EVERY = 1000  # … while only the tray shows it
PATIENCE = 0.5  # seconds that a problem must last before it is shown
FINISH = 5.0  # seconds to finish a recording when the display is lost
SAVE_AFTER = 600  # milliseconds after the last change
COMPARE = Qt.Key.Key_O  # for "original"
NO_CAMERA = N_(
    "No camera found, so you see a demo. Others don't see it. Connect a camera, or close the "
    "app that is using it."
)


class Window(QWidget):
    """Controls a running engine, and stops it when closed.

    settings_path: the settings file; own pictures are listed in a file beside it. notices: sentences about the settings
    to show first. cameras: lists the cameras; it may be slow, because it runs on its own thread.
    stays: called when the window is closed; True only hides it. leave() always closes it.
    """

    changed = Signal(object)  # the new Settings
    looked = Signal(object)  # Stats, several times a second
    hidden = Signal()  # closed, but still running
    left = Signal()

    def __init__(
        self,
        engine: Engine,
        settings_path: Path,
        notices: Sequence[str] = (),
        *,
        cameras: Callable[[], list[CameraInfo]] = list_cameras,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._settings = engine.settings
        self._kept, _notices = load_settings(settings_path)
        self._path = settings_path
        self._demo = False
        self._leaving = False
        self._closed = self._unsaved = False
        self._question: QMessageBox | None = None
        self._seen: bool | None = None  # unknown until the window is first shown
        self.stays: Callable[[], bool] = lambda: False
        self._trouble_since: float | None = None
        self.setWindowTitle("Backdrop")
        self.setWindowIcon(theme.application_icon())
        self.setMinimumSize(760, 520)
        self.resize(self.sizeHint())
        self.setAcceptDrops(True)
        self.notices = Notices()
        self.preview = Preview(engine.preview, frames=engine.compared)
        self.bar = Bar(self._settings)
        self._thumbnails = Worker("thumbnails", self)
        self.panel = Panel(self._settings, self._thumbnails)
        self._cameras = CameraList(self.panel.camera, cameras, parent=self)
        self._cameras.failed.connect(self._say_no_cameras)
        self.pages = Pages(QWidget(), SettingsPage(self._settings), DoctorPage())
        self.pictures = Pictures(
            self.panel.gallery, self.notices, settings_path.parent, lambda: self._settings, self
        )
        self.presets = WindowPresets(self.panel.preset, self.notices, settings_path, lambda: self._settings)
        self.keeping = Keeping(engine, self.notices, self)
        self._lay_out()
        self._connect()
        self._save_timer = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._save_timer.timeout.connect(self._save)
        self._state_timer = QTimer(self, interval=STATE_EVERY)
        self._state_timer.timeout.connect(self._show_state)
        self._state_timer.timeout.connect(self._tell_whether_seen)
        self._state_timer.start()
        self.pictures.load()
        if notices or self.presets.kept.notice:
            said = " ".join((*notices, self.presets.kept.notice)).strip()
            self.notices.say("settings", said)
        self._show(self._settings)
        self.refresh_cameras()

    def _lay_out(self) -> None:
        stage = QWidget()
        stage.setObjectName("stage")
        stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        parts = (self.notices, (self.preview, 1), self.bar)
        stage.setLayout(column(*parts, spacing=10, margins=(16, 12, 16, 14)))
        self.pages.live.setLayout(row((stage, 1), self.panel, spacing=0))
        self.setLayout(column(self.pages))
        self.bar.blur.setFocus()

    def _connect(self) -> None:
        self.panel.changed.connect(self.choose)
        self.pictures.changed.connect(self.change)
        self.presets.wanted.connect(self.choose)
        self.panel.add_asked.connect(self.pictures.ask)
        self.panel.camera.refresh_asked.connect(self.refresh_cameras)
        self.bar.changed.connect(self.choose)
        for badge in self._badges:
            badge.button.clicked.connect(lambda: self.change(self._settings.with_backdrop("blur")))
        self.pages.settings.changed.connect(self.change)
        for setup in (self.panel.virtual_camera.setup, self.panel.first_start.setup):
            setup.clicked.connect(self.pages.open_setup)
        self.panel.doctor.clicked.connect(self.pages.open_doctor)
        self.panel.preferences.clicked.connect(self.pages.open_settings)
        self.notices.acted.connect(self._act)
        self.preview.hold.changed.connect(self.change)
        self.preview.zoom.changed.connect(self.change)
        self.preview.compared.connect(self._compare)
        self.bar.snapshot.clicked.connect(self.keeping.take)
        bind(self, self._keys)
        self._original = HeldKey(COMPARE, self)
        self._original.held.connect(self.preview.compare)
        ways = self.pages.settings.add_button(_("Keyboard shortcuts"), "keyboard")
        ways.clicked.connect(self.show_keys)

    @property
    def _keys(self) -> list[Key]:
        bar, pages, pictures = self.bar, self.pages, self.pictures
        return [
            key("B", bar.blur.text(), bar.blur.click),
            key("H", bar.away.text(), bar.away.click),
            key("P", bar.freeze.text(), bar.freeze.click),
            key("M", bar.mirror.text(), bar.mirror.click),
            key("Shift+M", about("mirror").label, self._flip),
            key("C", bar.centre.text(), bar.centre.click),
            *(key(*each) for each in zoom_keys(self.preview.zoom)),
            told(_("Ctrl+arrow keys"), _("Move the zoomed picture, or yours in the gallery")),
            told(COMPARE.name[-1], _("Hold: see your camera without Backdrop")),
            key("S", bar.snapshot.text(), bar.snapshot.click),
            key("R", bar.record.text(), bar.record.click),
            key(LIGHT_KEY, self.panel.light.auto.text(), self.panel.light.auto.click),
            key("F", bar.rates.text(), bar.rates.click),
            told(f"{NUMBERS[0]} – {NUMBERS[-1]}", _("Presets")),
            *(key(str(number), "", partial(self.presets.use_number, number)) for number in NUMBERS),
            key("V", about("virtual_camera").label, self.panel.virtual_camera.toggle.click),
            key("F5", _("Look for cameras again"), self.refresh_cameras),
            key("F1", _("Troubleshooting"), pages.open_doctor),
            key("Ctrl+,", _("Settings"), pages.open_settings),
            key("Ctrl+O", _("Add your own picture or video"), pictures.ask),
            key("Ctrl+V", _("Add what you have copied to the gallery"), pictures.paste),
            key("Ctrl+Z", _("Bring back the picture that you removed"), pictures.removal.undo),
            told(key_name("Del"), _("Remove your picture from the gallery")),
            told(key_name("F2"), _("Rename your picture in the gallery")),
            told(key_name("Esc"), _("Back to the preview")),
            key("?", _("Keyboard shortcuts"), self.show_keys),
            key("Ctrl+Q", _("Quit Backdrop"), self.leave),
        ]

    def show_keys(self) -> None:
        """Show what each key does."""
        KeysDialog(self._keys, self).open()

    def _act(self, topic: str) -> None:
        """Handle a notice's button."""
        if topic == "trouble":
            self.pages.open_doctor()
        elif topic == "saved":
            self.keeping.open_folder()
        elif topic == "removed":
            self.pictures.removal.undo()

    def _compare(self, on: bool) -> None:
        self._engine.comparing = on

    def _flip(self) -> None:
        self.change(replace(self._settings, mirror=not self._settings.mirror))

    @property
    def settings(self) -> Settings:
        return self._settings

    def choose(self, settings: Settings) -> None:
        """Apply settings chosen by the person, but ask first if others would then see the room.

        Unchanged settings mean that the blur was toggled but there is no other backdrop to return to.
        """
        stats = self._engine.stats()
        if settings == self._settings:
            self.notices.say("file", _(STAYS_BLURRED))
        elif (
            settings.backdrop != "none"
            or self._settings.backdrop == "none"
            or not (is_on_air(settings, stats) or settings.record)
        ):
            self.change(settings)
        else:
            self._show(self._settings)  # the gallery keeps the current backdrop selected
            if self._question is None:
                parent = self if self.isVisible() else None
                show = partial(self._show_room, self._changed(settings))
                self._question = ask_before_showing(parent, show, is_recorded(settings, stats))
                self._question.destroyed.connect(self._forget_question)

    def _show_room(self, wanted: dict[str, Any]) -> None:
        self.change(replace(self._settings.with_backdrop("none"), **wanted))

    def _forget_question(self) -> None:
        self._question = None

    def change(self, settings: Settings) -> None:
        """Apply settings: to the engine at once, to the file soon."""
        if settings == self._settings:
            return
        # Without the command-line options of this run.
        self._kept = replace(self._kept, **self._changed(settings))
        self._settings = settings
        self._engine.settings = settings
        self._show(settings)
        self._unsaved = True
        self._save_timer.start()
        self.changed.emit(settings)

    def _changed(self, settings: Settings) -> dict[str, Any]:
        """What differs from the settings in use."""
        now = self._settings
        return {
            name: getattr(settings, name) for name in NAMES if getattr(settings, name) != getattr(now, name)
        }

    def snapshot(self) -> Path:
        """Write what others see to a new picture file. Any thread may call this. Raises SnapshotError."""
        return self._engine.snapshot()

    def welcome(self) -> None:
        """Go through the first steps. Never again afterwards, also if this run ends in the middle."""
        if not self._settings.welcomed:
            self.panel.first_start.begin()
            self.change(replace(self._settings, welcomed=True))

    def describe(self) -> dict[str, Any]:
        """The state of the window and its engine; see describe() in app/backdrop/control/answer.py."""
        room = [_("Your room is visible.")] if is_room_visible(self._settings) else []
        said = room + self.notices.sentences()
        return describe(self._settings, self._engine.stats(), said, self.presets.kept, window=True)

    def _show(self, settings: Settings) -> None:
        self.pictures.show(settings)
        self.bar.show_settings(settings)
        self.preview.show_settings(settings)
        self.panel.show_settings(settings)
        self.presets.show_settings(settings)
        self.pages.settings.show_settings(settings)
        theme.choose(settings.theme)
        self._show_state()

    def _tell_whether_seen(self) -> None:
        """Tell the engine and the preview whether the window can be seen, so that both can pause while it cannot."""
        seen = self.isVisible() and not self.isMinimized()
        if seen == self._seen:
            return
        self._seen = self._engine.previewed = seen
        self.preview.look_out(seen)
        self._state_timer.setInterval(STATE_EVERY if seen else UNSEEN_EVERY)
        if seen:
            self._show_state()

    def _show_state(self) -> None:
        stats = self._engine.stats()
        self._say_room(stats)
        trouble = self._engine.notice
        # The switch says it there, with the way to a driver.
        said_there = trouble == stats.output_reason and lacks_driver(self._settings)
        self._show_trouble(None if said_there else trouble)
        self._explain_demo(stats.camera)
        self.preview.show_recording(stats.recorded if stats.recording else None)
        self.keeping.follow(stats)
        self.preview.show_stats(stats if self._settings.show_fps else None)
        self.bar.show_camera(_(DEMO) if stats.camera == DEMO else stats.camera, self.preview.frame_size())
        self.panel.virtual_camera.show_state(self._settings, stats)
        self.pages.settings.show_output_trouble(stats.output_reason)
        self.presets.show_readers(stats.consumers)
        self.panel.first_start.show_state(stats)
        self._cameras.show_camera(self._settings.camera, stats.camera)
        self.looked.emit(stats)

    @property
    def _badges(self) -> tuple[RoomBadge, ...]:
        return (self.preview.badge, self.pages.settings.badge, self.pages.doctor.badge)

    def _say_room(self, stats: Stats) -> None:
        """Show on every page whether others see the room."""
        visible, recording = is_room_visible(self._settings), is_recorded(self._settings, stats)
        on_air = is_on_air(self._settings, stats) or self._settings.record
        for badge in self._badges:
            badge.say(visible, on_air, recording)
        self.preview.place_badges()

    def _explain_demo(self, camera: str) -> None:
        """Explain once why the demo is shown."""
        demo = camera == DEMO and self._settings.camera == ""
        if demo != self._demo:
            self._demo = demo
            self.notices.put("camera", Notice(_(NO_CAMERA), passing=True) if demo else None)

    def _show_trouble(self, trouble: str | None) -> None:
        """Show a problem once it has lasted: loading a picture or opening a camera is quickly over."""
        if trouble is None:
            self._trouble_since = None
            self.notices.put("trouble", None)
            return
        self._trouble_since = self._trouble_since or time.monotonic()
        if time.monotonic() - self._trouble_since >= PATIENCE:
            why = "" if command_in(trouble) else _("Find out why")
            self.notices.put("trouble", Notice(trouble, action=why))

    def save_now(self) -> None:
        """Save pending changes. May be called on any thread. Raises SettingsError."""
        if self._unsaved:
            save_settings(self._kept, self._path)

    def _save(self) -> None:
        self._unsaved = False
        try:
            save_settings(self._kept, self._path)
        except SettingsError as error:
            self.notices.say("settings", str(error))

    def refresh_cameras(self) -> None:
        """List the cameras again, without blocking the window."""
        self._cameras.refresh()

    def _say_no_cameras(self, reason: Exception) -> None:
        self.notices.say("file", _("The cameras could not be listed: {reason}.", reason=reason))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            event.acceptProposedAction()
            self.preview.invite(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.preview.invite(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.preview.invite(False)
        event.acceptProposedAction()
        self.pictures.add(files_in(event.mimeData()))

    def bring_to_front(self) -> None:
        """Show the window in front of all others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def leave(self) -> None:
        """Close the window and quit, even where closing would only hide it."""
        self._leaving = True
        self.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panel.fit(self.width())

    def event(self, event: QEvent) -> bool:
        known = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange):
            self._tell_whether_seen()
        return known

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop everything, unless the window only hides. After a second, give up on a device that does not answer."""
        if self.stays() and not self._leaving:
            event.ignore()
            self.hide()
            self.hidden.emit()
            return
        if self._closed:
            super().closeEvent(event)
            return
        self._closed = True
        self.hide()
        self._state_timer.stop()
        if self._save_timer.isActive():
            self._save_timer.stop()
            self._save()
        self._cameras.stop()
        self.pictures.close()
        self._thumbnails.stop()
        self.pages.doctor.stop()
        self.pages.setup.stop()
        if not self._engine.stop(1.0):
            log.warning("A device held up the end and was left behind")
        super().closeEvent(event)
        self.left.emit()

    def sizeHint(self) -> QSize:
        return QSize(1320, 710).boundedTo(self.screen().availableSize())
