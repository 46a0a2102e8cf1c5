"""The tray icon: its picture and tooltip show the state, its menu controls Backdrop."""

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from backdrop.language import N_, _
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
# By what is behind the person, and whether the output is a file: what is said while somebody sees it, and while nobody does.
SENTENCES = {
    ("none", False): (N_("Others see your room."), N_("Not in a call. Others would see your room.")),
    ("blur", False): (
        N_("In a call. Others see your room blurred."),
        N_("Not in a call. Your room would be blurred."),
    ),
    ("backdrop", False): (
        N_("In a call. Others see your backdrop."),
        N_("Not in a call. Others would see your backdrop."),
    ),
    ("none", True): (N_("The recording shows your room."), N_("A recording would show your room.")),
    ("blur", True): (
        N_("Recording with your room blurred."),
        N_("Not recording. Your room would be blurred."),
    ),
    ("backdrop", True): (
        N_("Recording with your backdrop."),
        N_("Not recording. Your backdrop would be recorded."),
    ),
}


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
        """The same in words, for the tooltip and for screen readers. That the room is visible comes before all else."""
        now, later = SENTENCES[self.backdrop, self.recording]
        words, held = _(now if self.on_air else later), f"{self.held}." if self.held else ""
        if self.backdrop == "none":
            lines = [words, self.trouble, held]
        else:
            lines = [held, self.trouble] if held else [self.trouble or words]
        return "\n".join(line for line in (*lines, self.output, self.recorded) if line)


def state_of(settings: Settings, stats: Stats, trouble: str | None) -> State:
    """What there is to show."""
    backdrop = settings.backdrop if settings.backdrop in ("none", "blur") else "backdrop"
    backdrop = "backdrop" if settings.hide else backdrop
    words, recording = output_words(settings, stats), is_file(settings.output)
    said = "" if words.condition in ("off", "failed") or recording else _of_the_camera(words)
    recorded = recorded_words(stats.recording, stats.recorded) if stats.recording else ""
    on_air = is_on_air(settings, stats)
    return State(backdrop, on_air, trouble or "", said, recording, held_words(settings), recorded)


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
        self._toggles: dict[str, QAction] = {}
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
        self.blur = _checkable(self.menu, _("Blur"))
        self.blur.triggered.connect(lambda: self._ask_for(self._settings.with_blur_toggled()))
        self.virtual_camera = _checkable(self.menu, about("virtual_camera").label)
        self.virtual_camera.triggered.connect(
            lambda: self._change(virtual_camera=not self._settings.virtual_camera)
        )
        for name in ("hide", "freeze", "record"):
            self._add_toggle(name)
        self.menu.addAction(_("Snapshot"), self.snapshot_asked.emit)
        self.mirror = self._add_toggle("mirror")
        self._add_toggle("auto_light")
        self.backdrops = self.menu.addMenu(about("backdrop").label)
        self._group = QActionGroup(self.backdrops)
        self._group.triggered.connect(lambda action: self._choose(action.data()))
        self.presets = self.menu.addMenu(_("Preset"))
        self.presets.menuAction().setVisible(False)
        self.menu.addSeparator()
        self._add_toggle("close_to_tray")
        self.menu.addAction(_("Shortcut for blur…"), self.shortcut_asked.emit)
        self.menu.addAction(_("Quit Backdrop"), self.leave_asked.emit)

    def _add_toggle(self, name: str) -> QAction:
        action = self._toggles[name] = _checkable(self.menu, about(name).label)
        action.triggered.connect(lambda on: self._change(**{name: on}))
        return action

    def _choose(self, choice: Choice) -> None:
        if (settings := choice.chosen(self._settings)) != self._settings:
            self._ask_for(settings)

    def _change(self, **values: Any) -> None:
        self._ask_for(replace(self._settings, **values))

    def _ask_for(self, settings: Settings) -> None:
        """Ask for settings, and show those in use: they may be the former ones, until a question is answered."""
        self.changed.emit(settings)
        self.show_settings(self._settings)

    def show_choices(self, choices: list[Choice]) -> None:
        """Fill the menu of backdrops with the gallery's choices."""
        if [action.data() for action in self._group.actions()] == choices:
            return
        self.backdrops.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
        for choice in choices:
            action = _checkable(self.backdrops, choice.name)
            action.setData(choice)
            self._group.addAction(action)
        self.show_settings(self._settings)

    def show_presets(self, presets: tuple[Preset, ...], current: Preset | None) -> None:
        """Fill the menu of presets. current: the one in use."""
        self.presets.clear()
        self.presets.menuAction().setVisible(bool(presets))
        for preset in presets:
            action = _checkable(self.presets, preset.name)
            action.setData(preset)
            action.setChecked(preset == current)
            action.triggered.connect(lambda _on, preset=preset: self._use(preset))
        self._preset = current

    def _use(self, preset: Preset) -> None:
        self.preset_chosen.emit(preset)
        for action in self.presets.actions():  # before showing the room, the window asks
            action.setChecked(action.data() == self._preset)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.blur.setChecked(settings.backdrop == "blur")
        self._show_switch(settings.virtual_camera, about("virtual_camera").label)
        for name, toggle in self._toggles.items():
            toggle.setChecked(getattr(settings, name))
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
        self.virtual_camera.setText(_plain(name))

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


def _checkable(menu: QMenu, name: str) -> QAction:
    action = menu.addAction(_plain(name))
    action.setCheckable(True)
    return action
