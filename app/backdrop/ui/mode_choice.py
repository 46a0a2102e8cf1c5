"""The resolution and frame rate to request: two lists of what the camera offers."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from backdrop.cameras.modes import Mode
from backdrop.language import _
from backdrop.settings.settings import Settings


class ModeChoice(QWidget):
    """The lists of sizes and frame rates. The values in the settings are always in them, even if not offered."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._modes: Sequence[Mode] = ()
        self.size_list = _list(_("Size"), _("Resolution of the camera, in pixels"))
        self.size_list.activated.connect(self._choose_size)
        self.rate_list = _list(_("Frame rate"), _("Frame rate of the camera"))
        self.rate_list.activated.connect(self._choose_rate)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.size_list, 1)
        row.addWidget(self.rate_list, 1)
        self.order: tuple[QWidget, ...] = (self.size_list, self.rate_list)
        self.show_settings(settings)

    def show_modes(self, modes: Sequence[Mode]) -> None:
        """Fill the lists, and disable them if there are no modes."""
        if list(modes) != list(self._modes):
            self._modes = modes
            self.show_settings(self._settings)
        for part in self.order:
            part.setEnabled(bool(modes))

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        size = (settings.width, settings.height)
        sizes = {(mode.width, mode.height) for mode in self._modes} | {size}
        _fill(self.size_list, {f"{wide} × {tall}": (wide, tall) for wide, tall in sorted(sizes)[::-1]}, size)
        rates = sorted({*self._rates_at(size), settings.fps})[::-1]
        _fill(self.rate_list, {_("{rate} fps", rate=rate): rate for rate in rates}, settings.fps)

    def _rates_at(self, size: tuple[int, int]) -> tuple[int, ...]:
        return next((mode.rates for mode in self._modes if (mode.width, mode.height) == size), ())

    def _choose_size(self, at: int) -> None:
        width, height = self.size_list.itemData(at)
        rates = self._rates_at((width, height)) or (self._settings.fps,)
        nearest = min(rates, key=lambda rate: abs(rate - self._settings.fps))
        self.changed.emit(replace(self._settings, width=width, height=height, fps=nearest))

    def _choose_rate(self, at: int) -> None:
        self.changed.emit(replace(self._settings, fps=self.rate_list.itemData(at)))


def _list(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setMaxVisibleItems(12)
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return combo


def _fill(combo: QComboBox, choices: dict[str, object], chosen: object) -> None:
    """Fill a list unless it is unchanged, and select one entry. Emits nothing."""
    if [combo.itemText(at) for at in range(combo.count())] != list(choices):
        combo.clear()
        for text, value in choices.items():
            combo.addItem(text, value)
    combo.setCurrentIndex(list(choices.values()).index(chosen))
