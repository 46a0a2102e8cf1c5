"""The presets of the window: used by key, list or tray, saved, renamed and deleted."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QMessageBox

from backdrop.language import _
from backdrop.settings.presets import KEYS, Preset, Presets, presets_path
from backdrop.settings.settings import Settings, SettingsError
from backdrop.ui.name_dialog import NameDialog
from backdrop.ui.notices import Notices
from backdrop.ui.preset_choice import PresetChoice

APPS = ("Chrome", "Discord", "Firefox", "OBS", "Teams", "Zoom")  # offered before any of them was seen
NUMBERS = tuple(range(1, KEYS + 1))  # of the presets that have a key


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
        choice.more.clicked.connect(self._open_menu)
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
            self._notices.say(
                "file", _("There is no preset {number} yet. Save one under “Preset”.", number=number)
            )

    def show_readers(self, readers: Sequence[str]) -> None:
        """Use the preset that belongs to a program which has started to read the virtual camera."""
        if tuple(readers) == self._readers:
            return
        new = [name for name in readers if name not in self._readers]
        self._readers = tuple(readers)
        for name in new:
            preset = self.kept.for_app(name)
            if preset is not None:
                if not preset.matches(self._settings()):
                    self.use(preset)
                if preset.matches(self._settings()):  # not while the window asks whether to show the room
                    self._notices.say(
                        "file", _("{app} uses your camera: preset {name}.", app=name, name=preset.name)
                    )
                return

    def _open_menu(self) -> None:
        """What can be done with the preset that was used last."""
        button = self._choice.more
        self.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))

    def menu(self) -> QMenu:
        menu, used = QMenu(self._choice), self._choice.used
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(_("Save as a new preset…"), self.ask_to_save)
        if used is not None:
            menu.addSeparator()
            save = menu.addAction(_("Save changes to {name}", name=used.name))
            save.triggered.connect(lambda: self._do(lambda: self.kept.save(used.name, self._settings())))
            save.setEnabled(used != self._choice.current)
            menu.addAction(_("Rename {name}…", name=used.name), lambda: self.ask_to_rename(used))
            self._add_apps(menu.addMenu(_("Use {name} in", name=used.name)), used)
            menu.addAction(_("Delete {name}", name=used.name), lambda: self.ask_to_delete(used))
        return menu

    def _add_apps(self, menu: QMenu, preset: Preset) -> None:
        """The programs that are known, by name. One of them at most is checked."""
        known = {each.casefold(): each for each in APPS}
        for name in (*(each.app for each in self.kept.all if each.app), *self._readers):
            known.setdefault(name.casefold(), name)
        for app in ("", *sorted(known.values(), key=str.casefold)):
            action = menu.addAction(app or _("No app"))
            action.triggered.connect(
                lambda _on, app=app: self._do(lambda: self.kept.belong(preset.name, app))
            )
            action.setCheckable(True)
            action.setChecked(app.casefold() == preset.app.casefold())

    def ask_to_save(self) -> NameDialog:
        """Ask for a name, and save what is there under it."""
        settings = self._settings()

        def remark(name: str) -> str:
            return _("This replaces the preset of that name.") if self.kept.has(name) else ""

        title = _("Save as a new preset")
        return NameDialog(title, "", lambda name: self.kept.save(name, settings), self._choice, remark=remark)

    def ask_to_rename(self, preset: Preset) -> NameDialog:
        title = _("Rename {name}", name=preset.name)
        return NameDialog(title, preset.name, lambda name: self.kept.rename(preset.name, name), self._choice)

    def ask_to_delete(self, preset: Preset) -> QMessageBox:
        dialog = QMessageBox(self._choice)
        dialog.setWindowTitle(_("Delete {name}?", name=preset.name))
        dialog.setText(_("Delete the preset {name}?", name=preset.name))
        delete = dialog.addButton(_("Delete"), QMessageBox.ButtonRole.AcceptRole)
        dialog.setDefaultButton(dialog.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._do(lambda: self.kept.delete(preset.name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _do(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except SettingsError as error:
            self._notices.say("file", str(error))

    def _show_all(self) -> None:
        self.show_settings(self._settings())
        self.listed.emit()
