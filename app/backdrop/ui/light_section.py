"""The section of the panel for the light on a person: automatic light, and sliders that open on demand."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.ui import theme
from backdrop.ui.amount import grid_of
from backdrop.ui.buttons import label, with_key

SLIDERS = ("portrait_light", "brightness", "contrast", "saturation", "temperature")
LIGHT_KEY = "L"


class LightSection(QWidget):
    """A button for automatic light, one that shows the sliders, and the sliders."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        title = label(_("Light and colour"), "title")
        self.auto = QPushButton(about("auto_light").label)
        self.auto.setProperty("part", "plain")
        self.auto.setCheckable(True)
        self.auto.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.auto.setAccessibleName(self.auto.text())
        self.auto.setAccessibleDescription(about("auto_light").help)
        self.auto.setToolTip(with_key(about("auto_light").help, LIGHT_KEY))
        self.auto.clicked.connect(lambda on: self._set("auto_light", on))
        self.more = QToolButton()
        self.more.setProperty("part", "plain")
        self.more.setIconSize(QSize(18, 18))
        self.more.setCheckable(True)
        self.more.toggled.connect(self._open)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title, 1)
        head.addWidget(self.auto)
        head.addWidget(self.more)
        self._sliders = QWidget()
        grid, self._amounts = grid_of(SLIDERS, self._set)
        self._sliders.setLayout(grid)
        title.setBuddy(self.auto)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._sliders)
        self.order: tuple[QWidget, ...] = (
            self.auto,
            self.more,
            *(control for amount in self._amounts for control in (amount.slider, amount.reset)),
        )
        self.more.setChecked(any(getattr(settings, name) != getattr(Settings(), name) for name in SLIDERS))
        self._open(self.more.isChecked())
        self.show_settings(settings)

    def _open(self, shown: bool) -> None:
        self._sliders.setVisible(shown)
        what = _("Hide the sliders for light and colour") if shown else _("Show sliders for light and colour")
        self.more.setAccessibleName(what)
        self.more.setToolTip(what)
        self.colour()

    def colour(self) -> None:
        """Apply the theme's colours."""
        self.more.setIcon(
            theme.icon("chevron-up" if self.more.isChecked() else "chevron", theme.current().text)
        )
        for amount in self._amounts:
            amount.colour()

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.auto.setChecked(settings.auto_light)
        for amount in self._amounts:
            amount.show_amount(getattr(settings, amount.name))

    def _set(self, name: str, value: object) -> None:
        change: dict[str, Any] = {name: value}
        if getattr(self._settings, name) != value:
            self.changed.emit(replace(self._settings, **change))
        self.show_settings(self._settings)
