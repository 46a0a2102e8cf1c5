"""The badge that says that others do not see the person live, with a button that ends that."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from backdrop.language import _
from backdrop.run.hold import held_words
from backdrop.settings.settings import Settings
from backdrop.ui.badge import Badge


class HoldBadge(Badge):
    """Emits changed with new Settings when the person wants to be seen live again. Hidden while they are."""

    changed = Signal(object)  # Settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, "hold")
        self._settings = Settings()
        self.button.clicked.connect(self._end)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        # The whole sentence would cover the face in a small window.
        short, button = (_("Hidden"), _("Show me")) if settings.hide else (_("Frozen"), _("Go on"))
        self.show_words(held_words(settings), short, button)

    def _end(self) -> None:
        hidden = self._settings.hide
        self.changed.emit(replace(self._settings, hide=False, freeze=self._settings.freeze and hidden))
