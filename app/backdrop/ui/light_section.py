"""The section of the panel for the light on a person: automatic light, and sliders that open on demand."""

from PySide6.QtWidgets import QSizePolicy, QWidget

from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.ui import theme
from backdrop.ui.amount import grid_of
from backdrop.ui.buttons import icon_button, label, plain_button, with_key
from backdrop.ui.editor import Editor
from backdrop.ui.layouts import column, row

SLIDERS = ("portrait_light", "brightness", "contrast", "saturation", "temperature")
LIGHT_KEY = "L"


class LightSection(Editor):
    """A button for automatic light, one that shows the sliders, and the sliders."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        what = about("auto_light")
        self.auto = plain_button(what.label)
        self.auto.setCheckable(True)
        self.auto.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.auto.setAccessibleName(what.label)
        self.auto.setAccessibleDescription(what.help)
        self.auto.setToolTip(with_key(what.help, LIGHT_KEY))
        self.auto.clicked.connect(lambda on: self.change(auto_light=on))
        title = label(_("Light and colour"), "title")
        title.setBuddy(self.auto)
        self.more = icon_button("chevron", "")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._open)
        grid, self._amounts = grid_of(SLIDERS, self.change)
        self._sliders = QWidget()
        self._sliders.setLayout(grid)
        head = row((title, 1), self.auto, self.more, spacing=8)
        self.setLayout(column(head, self._sliders, spacing=6))
        controls = (control for amount in self._amounts for control in (amount.slider, amount.reset))
        self.order: tuple[QWidget, ...] = (self.auto, self.more, *controls)
        self.more.setChecked(any(getattr(settings, name) != getattr(Settings(), name) for name in SLIDERS))
        self._open(self.more.isChecked())
        self.show_settings(settings)

    def _open(self, shown: bool) -> None:
        self._sliders.setVisible(shown)
        what = _("Hide the sliders for light and colour") if shown else _("Show sliders for light and colour")
        self.more.setAccessibleName(what)
        self.more.setToolTip(what)
        theme.give_icon(self.more, "chevron-up" if shown else "chevron")

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        self.auto.setChecked(settings.auto_light)
        for amount in self._amounts:
            amount.show_amount(getattr(settings, amount.name))
