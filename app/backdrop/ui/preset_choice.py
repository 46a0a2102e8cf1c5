"""The list of presets in the side panel, and the menu of what can be done with one."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from backdrop.language import _
from backdrop.settings.presets import KEYS, Preset
from backdrop.ui import theme
from backdrop.ui.buttons import label

SAVE = object()  # the last entry of the list


class PresetChoice(QWidget):
    """Shows which preset is in use. Emits chosen with a Preset; the menu's entries are the other signals."""

    chosen = Signal(object)  # Preset
    save_asked = Signal()
    replace_asked = Signal(object)  # Preset
    rename_asked = Signal(object)
    delete_asked = Signal(object)
    app_asked = Signal(object, str)  # Preset, the program to which it shall belong

    def __init__(self) -> None:
        super().__init__()
        self._presets: Sequence[Preset] = ()
        self._used: Preset | None = None  # last used or saved, also when the settings have changed since
        self._current: Preset | None = None
        self._apps: Sequence[str] = ()
        self.combo = QComboBox()
        self.combo.setAccessibleName(_("Preset"))
        self.combo.setToolTip(_("A backdrop and its looks under a name. Keys 1 to 9 use the first ones."))
        self.combo.setMaxVisibleItems(12)
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.activated.connect(self._choose)
        self.more = QToolButton()
        self.more.setProperty("part", "plain")
        self.more.setIconSize(QSize(18, 18))
        self.more.setAccessibleName(_("Save and change presets"))
        self.more.setToolTip(_("Save and change presets"))
        self.more.clicked.connect(self.open_menu)
        title = label(_("Preset"), "title")
        title.setBuddy(self.combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self.combo, 1)
        row.addWidget(self.more)
        self.order: tuple[QWidget, ...] = (self.combo, self.more)
        self.show_presets((), None)

    def colour(self) -> None:
        self.more.setIcon(theme.icon("more", theme.current().text))

    def show_presets(self, presets: Sequence[Preset], current: Preset | None) -> None:
        """current: the one that looks like the settings, None if none does."""
        self._used = current or next(
            (each for each in presets if self._used and each.name == self._used.name), None
        )
        self._presets, self._current = presets, current
        self.combo.clear()
        for at, preset in enumerate(presets, 1):
            key = f"{at}   " if at <= KEYS else ""
            app = f"   ({preset.app})" if preset.app else ""
            self.combo.addItem(f"{key}{preset.name}{app}", preset)
        self.combo.addItem(_("Save as a new preset…"), SAVE)
        nothing = _("{name} (changed)", name=self._used.name) if self._used else _("None")
        self.combo.setPlaceholderText(nothing)
        self.combo.setCurrentIndex(presets.index(current) if current is not None else -1)

    def show_apps(self, apps: Sequence[str]) -> None:
        """apps: the programs to which a preset could belong."""
        self._apps = apps

    def _choose(self, at: int) -> None:
        chosen = self.combo.itemData(at)
        self.show_presets(self._presets, self._current)  # until it is in use, which may need an answer first
        if chosen is SAVE:
            self.save_asked.emit()
        else:
            self.chosen.emit(chosen)

    def open_menu(self) -> None:
        """What can be done with the preset that was used last."""
        self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        menu, used = QMenu(self), self._used
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(_("Save as a new preset…"), self.save_asked.emit)
        if used is not None:
            menu.addSeparator()
            saves = menu.addAction(
                _("Save changes to {name}", name=used.name), lambda: self.replace_asked.emit(used)
            )
            saves.setEnabled(used != self._current)
            menu.addAction(_("Rename {name}…", name=used.name), lambda: self.rename_asked.emit(used))
            self._add_apps(menu.addMenu(_("Use {name} in", name=used.name)), used)
            menu.addAction(_("Delete {name}", name=used.name), lambda: self.delete_asked.emit(used))
        return menu

    def _add_apps(self, menu: QMenu, preset: Preset) -> None:
        """The programs, by name. One of them at most is checked."""
        for app in ("", *self._apps):
            action = menu.addAction(app or _("No app"))
            action.triggered.connect(lambda _on, app=app: self.app_asked.emit(preset, app))
            action.setCheckable(True)
            action.setChecked(app.casefold() == preset.app.casefold())
