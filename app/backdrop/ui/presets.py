"""The presets of the window: used by key, list or tray, saved, renamed and deleted."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox

from backdrop.language import _
from backdrop.settings.presets import KEYS, Preset, Presets, presets_path
from backdrop.settings.settings import Settings, SettingsError
from backdrop.ui.name_dialog import NameDialog
from backdrop.ui.notices import Notice, Notices
from backdrop.ui.preset_choice import PresetChoice

APPS = ("Chrome", "Discord", "Firefox", "OBS", "Teams", "Zoom")  # offered before any of them was seen


class WindowPresets(QObject):
    """Keeps the presets, and shows them. Emits wanted with the Settings that a preset makes of those in use.

    settings: returns the settings in use.
    """

    wanted = Signal(object)  # Settings, which may show the room: the window asks first
    listed = Signal()  # the presets have changed

    def __init__(
        self, choice: PresetChoice, notices: Notices, settings_path: Path, settings: Callable[[], Settings]
    ) -> None:
        super().__init__(choice)
        self._choice, self._notices, self._settings = choice, notices, settings
        self.kept = Presets(presets_path(settings_path))
        self.kept.changed = self._show_all
        self._readers: tuple[str, ...] = ()
        choice.chosen.connect(self.use)
        choice.save_asked.connect(self.ask_to_save)
        choice.replace_asked.connect(self._replace)
        choice.rename_asked.connect(self.ask_to_rename)
        choice.delete_asked.connect(self.ask_to_delete)
        choice.app_asked.connect(self._belong)
        self.show_settings(settings())

    def show_settings(self, settings: Settings) -> None:
        self._choice.show_presets(self.kept.all, self.kept.current(settings))

    def use(self, preset: Preset) -> None:
        settings = preset.on(self._settings())
        if settings != self._settings():
            self.wanted.emit(settings)

    def use_number(self, number: int) -> None:
        """number: from 1, as on the keys."""
        if number <= len(self.kept.all):
            self.use(self.kept.all[number - 1])
        else:
            self._say(_("There is no preset {number} yet. Save one under “Preset”.", number=number))

    def show_readers(self, readers: Sequence[str]) -> None:
        """Use the preset that belongs to a program which has started to read the virtual camera."""
        if tuple(readers) == self._readers:
            return
        new = [name for name in readers if name not in self._readers]
        self._readers = tuple(readers)
        self._show_apps()
        for name in new:
            preset = self.kept.for_app(name)
            if preset is not None:
                if not preset.matches(self._settings()):
                    self.use(preset)
                if preset.matches(self._settings()):  # not while the window asks whether to show the room
                    self._say(_("{app} uses your camera: preset {name}.", app=name, name=preset.name))
                return

    def ask_to_save(self) -> NameDialog:
        """Ask for a name, and save what is there under it."""
        settings = self._settings()

        def remark(name: str) -> str:
            return _("This replaces the preset of that name.") if self.kept.has(name) else ""

        return self._ask(_("Save as a new preset"), "", lambda name: self.kept.save(name, settings), remark)

    def ask_to_rename(self, preset: Preset) -> NameDialog:
        title = _("Rename {name}", name=preset.name)
        return self._ask(title, preset.name, lambda name: self.kept.rename(preset.name, name))

    def ask_to_delete(self, preset: Preset) -> QMessageBox:
        dialog = QMessageBox(self._choice)
        dialog.setWindowTitle(_("Delete {name}?", name=preset.name))
        dialog.setText(_("Delete the preset {name}?", name=preset.name))
        delete = dialog.addButton(_("Delete"), QMessageBox.ButtonRole.AcceptRole)
        dialog.setDefaultButton(dialog.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._do(lambda: self.kept.delete(preset.name)))
        dialog.open()
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _ask(
        self,
        title: str,
        name: str,
        take: Callable[[str], object],
        remark: Callable[[str], str] = lambda name: "",
    ) -> NameDialog:
        dialog = NameDialog(title, name, take, self._choice, remark=remark)
        dialog.open()
        return dialog

    def _replace(self, preset: Preset) -> None:
        self._do(lambda: self.kept.save(preset.name, self._settings()))

    def _belong(self, preset: Preset, app: str) -> None:
        self._do(lambda: self.kept.belong(preset.name, app))

    def _do(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except SettingsError as error:
            self._say(str(error))

    def _say(self, sentence: str) -> None:
        self._notices.put("file", Notice(sentence, passing=True))

    def _show_all(self) -> None:
        self.show_settings(self._settings())
        self._show_apps()
        self.listed.emit()

    def _show_apps(self) -> None:
        known = {each.casefold(): each for each in APPS}
        for name in (*(preset.app for preset in self.kept.all if preset.app), *self._readers):
            known.setdefault(name.casefold(), name)
        self._choice.show_apps(sorted(known.values(), key=str.casefold))


NUMBERS = tuple(range(1, KEYS + 1))
