"""The list of presets in the side panel, and the button for what can be done with one."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from backdrop.language import _
from backdrop.settings.presets import KEYS, Preset
from backdrop.ui.buttons import drop_down, icon_button, label
from backdrop.ui.layouts import row

SAVE = object()  # the last entry of the list


class PresetChoice(QWidget):
    """Shows which preset is in use. Emits chosen with a Preset, and save_asked."""

    chosen = Signal(object)  # Preset
    save_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._presets: Sequence[Preset] = ()
        self.used: Preset | None = None  # last used or saved, also when the settings have changed since
        self.current: Preset | None = None
        tip = _("A backdrop and its looks under a name. Keys 1 to 9 use the first ones.")
        self.combo = drop_down(_("Preset"), tip)
        self.combo.activated.connect(self._choose)
        self.more = icon_button("more", _("Save and change presets"))
        title = label(_("Preset"), "title")
        title.setBuddy(self.combo)
        self.setLayout(row(title, (self.combo, 1), self.more, spacing=8))
        self.order: tuple[QWidget, ...] = (self.combo, self.more)
        self.show_presets((), None)

    def show_presets(self, presets: Sequence[Preset], current: Preset | None) -> None:
        """current: the one that looks like the settings, None if none does."""
        named = (each for each in presets if self.used and each.name == self.used.name)
        self.used = current or next(named, None)
        self._presets, self.current = presets, current
        self.combo.clear()
        for at, preset in enumerate(presets, 1):
            key = f"{at}   " if at <= KEYS else ""
            app = f"   ({preset.app})" if preset.app else ""
            self.combo.addItem(f"{key}{preset.name}{app}", preset)
        self.combo.addItem(_("Save as a new preset…"), SAVE)
        nothing = _("{name} (changed)", name=self.used.name) if self.used else _("None")
        self.combo.setPlaceholderText(nothing)
        self.combo.setCurrentIndex(presets.index(current) if current is not None else -1)

    def _choose(self, at: int) -> None:
        chosen = self.combo.itemData(at)
        self.show_presets(self._presets, self.current)  # until it is in use, which may need an answer first
        if chosen is SAVE:
            self.save_asked.emit()
        else:
            self.chosen.emit(chosen)
