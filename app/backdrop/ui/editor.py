"""What the parts of the window share that show settings and change them."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from backdrop.settings.settings import Settings


class Editor(QWidget):
    """Emits changed with new Settings. The window decides, and shows every part the settings that are then in use."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings

    def change(self, **values: Any) -> None:
        """Ask for settings with these values, unless they have them already."""
        if (settings := replace(self._settings, **values)) != self._settings:
            self.ask_for(settings)
        else:
            self.show_settings(settings)

    def ask_for(self, settings: Settings) -> None:
        """Ask for settings, and show those in use: they may be the former ones, until a question is answered."""
        self.changed.emit(settings)
        self.show_settings(self._settings)
