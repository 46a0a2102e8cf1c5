"""The tray icon: its picture and tooltip show the state, its menu controls Backdrop."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from backdrop.language import _
from backdrop.outputs.open import is_file
from backdrop.resources import resource
from backdrop.run.hold import held_words
from backdrop.run.output_words import OutputWords, output_words, uncapitalised
from backdrop.run.recording import recorded_words
from backdrop.run.stats import Stats
from backdrop.settings.presets import Preset
from backdrop.settings.settings import Settings, about
from backdrop.ui.choice import Choice
from backdrop.ui.room import is_on_air
from backdrop.ui.theme import application_icon

SIZES = (16, 22, 24, 32, 44, 48, 64)  # pixels that trays request


@dataclass(frozen=True, slots=True)
class State:
    """What the icon shows. backdrop: "blur", "none", or "backdrop" for any other. on_air: somebody sees the output.

    output: what the virtual camera is doing, in words. recording: the output is a file, and nobody sees it.
    held: what others see instead of the live picture, in words.
    recorded: to which file the person records, in words.
    """

    backdrop: str
    on_air: bool
    trouble: str = ""
    output: str = ""
    recording: bool = False
    held: str = ""
    recorded: str = ""

    @property
    def sentence(self) -> str:
        """The same in words, for the tooltip and for screen readers."""
        return "\n".join(line for line in (self._seen, self.recorded) if line)

    @property
    def _seen(self) -> str:
        if self.held:
            said = (
                "" if self.backdrop == "none" else self.trouble
            )  # that the room is visible stays above all else
            room = self._room if self.backdrop == "none" else ""
            return "\n".join(line for line in (room, f"{self.held}.", said, self.output) if line)
        return f"{self._room}\n{self.output}".strip()

    @property
    def _room(self) -> str:
        if self.recording:
            seen = {
                "none": (_("The recording shows your room."), _("A recording would show your room.")),
                "blur": (
                    _("Recording with your room blurred."),
                    _("Not recording. Your room would be blurred."),
                ),
                "backdrop": (
                    _("Recording with your backdrop."),
                    _("Not recording. Your backdrop would be recorded."),
                ),
            }
            words = seen[self.backdrop][0 if self.on_air else 1]
            return f"{words}\n{self.trouble}".strip() if self.backdrop == "none" else self.trouble or words
        if self.backdrop == "none":  # above all else
            room = (
                _("Others see your room.") if self.on_air else _("Not in a call. Others would see your room.")
            )
            return f"{room}\n{self.trouble}".strip()
        if self.trouble:
            return self.trouble
        seen = {
            "blur": (
                _("In a call. Others see your room blurred."),
                _("Not in a call. Your room would be blurred."),
            ),
            "backdrop": (
                _("In a call. Others see your backdrop."),
                _("Not in a call. Others would see your backdrop."),
            ),
        }
        return seen[self.backdrop][0 if self.on_air else 1]


def state_of(settings: Settings, stats: Stats, trouble: str | None) -> State:
    """What there is to show."""
    backdrop = settings.backdrop if settings.backdrop in ("none", "blur") else "backdrop"
    backdrop = "backdrop" if settings.hide else backdrop
    words, recording = output_words(settings, stats), is_file(settings.output)
    said = "" if words.condition in ("off", "failed") or recording else _of_the_camera(words)
    return State(
        backdrop,
        is_on_air(settings, stats),
        trouble or "",
        said,
        recording,
        held_words(settings),
        _recorded(stats),
    )


def _recorded(stats: Stats) -> str:
    return recorded_words(stats.recording, stats.recorded) if stats.recording else ""


def _of_the_camera(words: OutputWords) -> str:
    """Both in one line: "Virtual camera: in use by Zoom"."""
    return _("{label}: {state}", label=about("virtual_camera").label, state=uncapitalised(words.headline))


def icon_of(state: State) -> QIcon:
    """The icon for a state: a person in front of the backdrop, pale while not in a call, with a badge in the corner.

    The badge for the visible room, the only red one, takes precedence.
    """
    sign = "trouble" if state.trouble else "on-air" if state.on_air else ""
    sign = "room" if state.backdrop == "none" else sign
    icon = QIcon()
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setOpacity(1.0 if state.on_air else 0.6)
        _draw(f"tray-{state.backdrop}", painter)
        painter.setOpacity(1.0)
        if sign:
            _draw(f"tray-{sign}", painter)
        painter.end()
        icon.addPixmap(QPixmap.fromImage(image))
    return icon


def _draw(name: str, painter: QPainter) -> None:
    drawing = QByteArray(resource(f"icons/{name}.svg").read_bytes())
    QSvgRenderer(drawing).render(painter, QRectF(painter.viewport()))


class Tray(QObject):
    """The icon and its menu. Emits changed with new Settings; the other signals request what they are named after."""

    changed = Signal(object)  # Settings
    preset_chosen = Signal(object)  # Preset
    show_asked = Signal()
    hide_asked = Signal()
    shortcut_asked = Signal()
    snapshot_asked = Signal()
    leave_asked = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._window_shown = True
        self._state: State | None = None
        self._preset: Preset | None = None
        self.icon = QSystemTrayIcon(application_icon(), self)
        self.menu = QMenu()
        self._fill_menu()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activate)
        self.icon.messageClicked.connect(self.show_asked)
        self.show_settings(settings)

    def _fill_menu(self) -> None:
        self.window = self.menu.addAction("", self._show_or_hide)
        self.menu.addSeparator()
        self.blur = self._toggle(_("Blur"))
        self.blur.triggered.connect(self._toggle_blur)
        self.virtual_camera = self._toggle(about("virtual_camera").label)
        self.virtual_camera.triggered.connect(
            lambda: self.changed.emit(
                _with(self._settings, "virtual_camera", not self._settings.virtual_camera)
            )
        )
        self._setting("hide")
        self._setting("freeze")
        self._setting("record")
        self.menu.addAction(_("Snapshot"), self.snapshot_asked.emit)
        self.mirror = self._setting("mirror")
        self._setting("auto_light")
        self.backdrops = self.menu.addMenu(about("backdrop").label)
        self._group = QActionGroup(self.backdrops)
        self.presets = self.menu.addMenu(_("Preset"))
        self.presets.menuAction().setVisible(False)
        self.menu.addSeparator()
        self._setting("close_to_tray")
        self.menu.addAction(_("Shortcut for blur…"), self.shortcut_asked.emit)
        self.menu.addAction(_("Quit Backdrop"), self.leave_asked.emit)

    def _toggle_blur(self) -> None:
        self.changed.emit(self._settings.with_blur_toggled())
        self.show_settings(self._settings)  # with no other backdrop to return to, the check mark stays

    def _choose(self, choice: Choice) -> None:
        self.changed.emit(choice.chosen(self._settings))
        self.show_settings(self._settings)  # before showing the room, the window asks

    def _toggle(self, label: str) -> QAction:
        action = self.menu.addAction(label)
        action.setCheckable(True)
        return action

    def _setting(self, name: str) -> QAction:
        action = self._toggle(about(name).label)
        action.setData(name)
        action.triggered.connect(lambda on: self.changed.emit(_with(self._settings, name, on)))
        return action

    def show_choices(self, choices: list[Choice]) -> None:
        """Fill the menu of backdrops with the gallery's choices."""
        if [action.data() for action in self._group.actions()] == choices:
            return
        self.backdrops.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
        for choice in choices:
            action = self.backdrops.addAction(choice.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setData(choice)
            action.triggered.connect(lambda _on, choice=choice: self._choose(choice))
            self._group.addAction(action)
        self.show_settings(self._settings)

    def show_presets(self, presets: tuple[Preset, ...], current: Preset | None) -> None:
        """Fill the menu of presets. current: the one in use."""
        self.presets.clear()
        self.presets.menuAction().setVisible(bool(presets))
        for preset in presets:
            action = self.presets.addAction(_plain(preset.name))
            action.setCheckable(True)
            action.setChecked(preset == current)
            action.triggered.connect(lambda _on, preset=preset: self._use(preset))
        self._preset = current

    def _use(self, preset: Preset) -> None:
        self.preset_chosen.emit(preset)
        for action in self.presets.actions():  # before showing the room, the window asks
            action.setChecked(self._preset is not None and action.text() == _plain(self._preset.name))

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.blur.setChecked(settings.backdrop == "blur")
        self._show_switch(settings.virtual_camera, about("virtual_camera").label)
        for action in self.menu.actions():
            if isinstance(action.data(), str) and action.data():
                action.setChecked(getattr(settings, action.data()))
        first = next((each.data().picture for each in self._group.actions() if each.data().picture), "")
        for action in self._group.actions():
            choice = action.data()
            action.setChecked(
                choice.backdrop == settings.backdrop and choice.picture in ("", settings.picture or first)
            )

    def show_window(self, shown: bool) -> None:
        """shown: whether the window is visible; the menu offers the opposite."""
        self._window_shown = shown
        self.window.setText(_("Hide window") if shown else _("Show window"))

    def show_virtual_camera(self, settings: Settings, stats: Stats) -> None:
        """Say what it is doing. One that has failed is not on, whatever is wanted."""
        words = output_words(settings, stats)
        on = words.condition not in ("off", "failed")
        if is_file(settings.output):
            name = words.headline if on else _("Record to a file")
        else:
            name = _of_the_camera(words) if words.condition != "off" else about("virtual_camera").label
        self._show_switch(on, name)

    def _show_switch(self, on: bool, name: str) -> None:
        self.virtual_camera.setChecked(on)
        self.virtual_camera.setText(name.replace("&", "&&"))

    def show_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.icon.setIcon(icon_of(state))
            self.icon.setToolTip(f"Backdrop\n{state.sentence}")

    def tell(self, sentence: str) -> None:
        """Show a desktop notification."""
        self.icon.showMessage("Backdrop", sentence, application_icon())

    def _show_or_hide(self) -> None:
        (self.hide_asked if self._window_shown else self.show_asked).emit()

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self._show_or_hide()


def _plain(name: str) -> str:
    """A name as a menu's text: "&" would mark a key."""
    return name.replace("&", "&&")


def _with(settings: Settings, name: str, on: bool) -> Settings:
    changed: dict[str, bool] = {name: on}
    return replace(settings, **changed)  # type: ignore[arg-type]
