"""The options of the chosen backdrop."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QColorDialog,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from backdrop.backdrops.video import is_video
from backdrop.language import N_, _
from backdrop.settings.settings import Settings, about
from backdrop.ui.amount import Amount, grid_of
from backdrop.ui.buttons import Swatch, label

SWATCHES = {
    "#3b5b7a": N_("Slate blue"),
    "#24292f": N_("Charcoal"),
    "#e9e6df": N_("Cream"),
    "#5c7a5e": N_("Sage"),
    "#8a5a44": N_("Clay"),
}
KEYS = {"#00b140": N_("Green screen"), "#0047bb": N_("Blue screen"), "#ff00ff": N_("Magenta")}
STYLES = {"soft": N_("Soft"), "bokeh": N_("Lens (bokeh)")}
FITS = {"fill": N_("Fill the frame"), "whole": N_("Show all of it")}
AMOUNTS = {
    "picture": ("despill", "light_wrap", "match_brightness", "match_warmth"),
    "colour": ("despill", "light_wrap"),
    "transparent": ("despill",),
}


class BackdropOptions(QWidget):
    """One page for each kind of backdrop, of which one is shown."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._amounts: list[Amount] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._colours = Palette("colour", SWATCHES, _("Background colour"))
        self._keys = Palette("key_colour", KEYS, about("key_colour").label)
        self._style = self._choice_of("blur_style", STYLES)
        self._fit = self._choice_of("picture_fit", FITS)
        title = label(_("Blending"), "title")
        title.setContentsMargins(0, 6, 0, 0)
        self._pages: dict[str, QWidget] = {
            "blur": _page(self._grid("blur_strength"), _row("blur_style", self._style)),
            "colour": _page(self._colours, self._grid(*AMOUNTS["colour"])),
            "none": _words(_("No effect. Others see your room.")),
            "picture": _page(
                _row("picture_fit", self._fit),
                self._grid("picture_position"),
                title,
                self._grid(*AMOUNTS["picture"]),
            ),
            "transparent": _page(self._keys, self._grid(*AMOUNTS["transparent"])),
        }
        for palette in (self._colours, self._keys):
            palette.chosen.connect(self._set)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for page in self._pages.values():
            column.addWidget(page)
        self.order: tuple[QWidget, ...] = tuple(
            control
            for page in self._pages.values()
            for control in page.findChildren(QWidget)
            if isinstance(control, QAbstractButton | QSlider | QComboBox)
        )
        self.show_settings(settings)

    def _grid(self, *names: str) -> QGridLayout:
        grid, amounts = grid_of(names, self._set)
        self._amounts += amounts
        return grid

    def colour(self) -> None:
        """Apply the theme's colours."""
        for amount in self._amounts:
            amount.colour()

    def _choice_of(self, name: str, names: dict[str, str]) -> QComboBox:
        style = QComboBox()
        style.setAccessibleName(about(name).label)
        style.setToolTip(about(name).help)
        style.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        style.setMinimumContentsLength(8)  # a long entry must not widen the panel
        style.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for choice in about(name).choices:
            style.addItem(_(names[choice]), choice)
        style.activated.connect(lambda at: self._set(name, style.itemData(at)))
        return style

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        for amount in self._amounts:
            amount.show_amount(getattr(settings, amount.name))
        self._style.setCurrentIndex(self._style.findData(settings.blur_style))
        self._fit.setCurrentIndex(self._fit.findData(settings.picture_fit))
        still = not is_video(Path(settings.picture))  # a video always fills the frame
        self._fit.setEnabled(still)
        for amount in self._amounts:
            if amount.name == "picture_position":
                amount.slider.setEnabled(still)
        self._colours.show_colour(settings.colour)
        self._keys.show_colour(settings.key_colour)
        for kind, page in self._pages.items():
            page.setVisible(kind == settings.backdrop)

    def _set(self, name: str, value: object) -> None:
        change: dict[str, Any] = {name: value}
        if getattr(self._settings, name) != value:
            self.changed.emit(replace(self._settings, **change))
        self.show_settings(self._settings)  # keep a swatch checked when it is clicked again


class Palette(QWidget):
    """A row of colours, and a button for any other colour."""

    chosen = Signal(str, object)  # the setting's name, "#rrggbb"

    def __init__(self, name: str, colours: dict[str, str], title: str) -> None:
        super().__init__()
        self._name, self._title, self._colour = name, title, ""
        row = QHBoxLayout()
        row.setSpacing(0)
        self._swatches = [Swatch(colour, _(named), name) for colour, named in colours.items()]
        for swatch in self._swatches:
            swatch.clicked.connect(lambda _=False, colour=swatch.colour: self.chosen.emit(self._name, colour))
            row.addWidget(swatch)
        row.addStretch(1)
        other = QPushButton(_("Other…"))
        other.setProperty("part", "plain")
        other.setAccessibleName(_("Choose another colour"))
        other.clicked.connect(self._ask)
        row.addWidget(other)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(about(name).label, "title"))
        column.addLayout(row)

    def show_colour(self, colour: str) -> None:
        self._colour = colour
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == colour.lower())

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self._colour), self)
        dialog.setWindowTitle(self._title)
        dialog.colorSelected.connect(lambda colour: self.chosen.emit(self._name, colour.name()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _page(*parts: QWidget | QHBoxLayout | QGridLayout) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    return page


def _row(name: str, choice: QComboBox) -> QHBoxLayout:
    title = label(about(name).label, "hint")
    title.setBuddy(choice)
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(title)
    row.addWidget(choice, 1)
    return row


def _words(words: str) -> QLabel:
    page = label(words, "hint", wrap=True)
    page.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return page
