"""The options of the chosen backdrop."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QColorDialog,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QWidget,
)

from backdrop.backdrops.video import is_video
from backdrop.language import N_, _
from backdrop.settings.settings import Settings, about
from backdrop.ui.amount import Amount, grid_of
from backdrop.ui.buttons import Swatch, label, plain_button
from backdrop.ui.editor import Editor
from backdrop.ui.layouts import Part, column, row

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


class BackdropOptions(Editor):
    """One page for each kind of backdrop, of which one is shown."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._amounts: list[Amount] = []
        self._lists: dict[str, QComboBox] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._palettes = {
            "colour": Palette("colour", SWATCHES, _("Background colour")),
            "key_colour": Palette("key_colour", KEYS, about("key_colour").label),
        }
        for name, palette in self._palettes.items():
            palette.chosen.connect(lambda colour, name=name: self.change(**{name: colour}))
        title = label(_("Blending"), "title")
        title.setContentsMargins(0, 6, 0, 0)
        nothing = label(_("No effect. Others see your room."), "hint", wrap=True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._pages: dict[str, QWidget] = {
            "blur": _page(self._grid("blur_strength"), self._list("blur_style", STYLES)),
            "colour": _page(self._palettes["colour"], self._grid(*AMOUNTS["colour"])),
            "none": nothing,
            "picture": _page(
                self._list("picture_fit", FITS),
                self._grid("picture_position"),
                title,
                self._grid(*AMOUNTS["picture"]),
            ),
            "transparent": _page(self._palettes["key_colour"], self._grid(*AMOUNTS["transparent"])),
        }
        self.setLayout(column(*self._pages.values()))
        self.order: tuple[QWidget, ...] = tuple(
            control
            for page in self._pages.values()
            for control in page.findChildren(QWidget)
            if isinstance(control, QAbstractButton | QSlider | QComboBox)
        )
        self.show_settings(settings)

    def _grid(self, *names: str) -> QGridLayout:
        grid, amounts = grid_of(names, self.change)
        self._amounts += amounts
        return grid

    def _list(self, name: str, names: dict[str, str]) -> QHBoxLayout:
        """A setting's name and its choices. names: the words for them."""
        choices = self._lists[name] = QComboBox()
        choices.setAccessibleName(about(name).label)
        choices.setToolTip(about(name).help)
        choices.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        choices.setMinimumContentsLength(8)  # a long entry must not widen the panel
        choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for choice in about(name).choices:
            choices.addItem(_(names[choice]), choice)
        choices.activated.connect(lambda at: self.change(**{name: choices.itemData(at)}))
        title = label(about(name).label, "hint")
        title.setBuddy(choices)
        return row(title, (choices, 1), spacing=10)

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        still = not is_video(Path(settings.picture))  # a video always fills the frame
        for amount in self._amounts:
            amount.show_amount(getattr(settings, amount.name))
            if amount.name == "picture_position":
                amount.slider.setEnabled(still)
        for name, choices in self._lists.items():
            choices.setCurrentIndex(choices.findData(getattr(settings, name)))
        self._lists["picture_fit"].setEnabled(still)
        for name, palette in self._palettes.items():
            palette.show_colour(getattr(settings, name))
        for kind, page in self._pages.items():
            page.setVisible(kind == settings.backdrop)


class Palette(QWidget):
    """A row of colours, and a button for any other colour. title: the dialog's."""

    chosen = Signal(str)  # "#rrggbb"

    def __init__(self, name: str, colours: dict[str, str], title: str) -> None:
        super().__init__()
        self._title, self._colour = title, ""
        self._swatches = [Swatch(colour, _(named), name) for colour, named in colours.items()]
        for swatch in self._swatches:
            swatch.clicked.connect(lambda _on, colour=swatch.colour: self.chosen.emit(colour))
        other = plain_button(_("Other…"))
        other.setAccessibleName(_("Choose another colour"))
        other.clicked.connect(self._ask)
        self.setLayout(
            column(label(about(name).label, "title"), row(*self._swatches, None, other, spacing=0))
        )

    def show_colour(self, colour: str) -> None:
        self._colour = colour
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == colour.lower())

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self._colour), self)
        dialog.setWindowTitle(self._title)
        dialog.colorSelected.connect(lambda colour: self.chosen.emit(colour.name()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _page(*parts: Part) -> QWidget:
    page = QWidget()
    page.setLayout(column(*parts, None, spacing=4))
    return page
