"""The resolution and frame rate to request: two lists of what the camera offers."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from backdrop.cameras.modes import Mode
from backdrop.language import _
from backdrop.settings.settings import Settings
from backdrop.ui.buttons import drop_down
from backdrop.ui.editor import Editor
from backdrop.ui.layouts import row


class ModeChoice(Editor):
    """The lists of sizes and frame rates. The values in the settings are always in them, even if not offered."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._modes: Sequence[Mode] = ()
        self.size_list = drop_down(_("Size"), _("Resolution of the camera, in pixels"))
        self.size_list.activated.connect(self._choose_size)
        self.rate_list = drop_down(_("Frame rate"), _("Frame rate of the camera"))
        self.rate_list.activated.connect(lambda at: self.change(fps=self.rate_list.itemData(at)))
        self.order: tuple[QWidget, ...] = (self.size_list, self.rate_list)
        self.setLayout(row(*((part, 1) for part in self.order), spacing=8))
        self.show_settings(settings)

    def show_modes(self, modes: Sequence[Mode]) -> None:
        """Fill the lists, and disable them if there are no modes."""
        if list(modes) != list(self._modes):
            self._modes = modes
            self.show_settings(self._settings)
        for part in self.order:
            part.setEnabled(bool(modes))

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
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
        self.change(width=width, height=height, fps=nearest)


def _fill(combo: QComboBox, choices: dict[str, object], chosen: object) -> None:
    """Fill a list unless it is unchanged, and select one entry. Emits nothing."""
    if [combo.itemText(at) for at in range(combo.count())] != list(choices):
        combo.clear()
        for text, value in choices.items():
            combo.addItem(text, value)
    combo.setCurrentIndex(list(choices.values()).index(chosen))
