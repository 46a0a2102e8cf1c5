"""Sliders for settings that are numbers: each with its name, its value, and a button that resets it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QSlider

from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.ui.buttons import icon_button, label


class Amount:
    """A setting that is a number: a title, a slider, a value and a reset button, which the caller lays out."""

    def __init__(self, name: str, moved: Callable[..., object]) -> None:
        """moved: called as moved(NAME=VALUE)."""
        self.name = name
        self._usual: int = getattr(Settings(), name)
        what = about(name)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(what.label)
        self.slider.setToolTip(what.help)
        self.slider.setRange(what.least, what.most)
        self.slider.valueChanged.connect(lambda value: moved(**{name: value}))
        self.title = label(what.label, "hint")
        self.title.setBuddy(self.slider)
        self.title.setToolTip(what.help)
        self.value = label("", "hint")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        longest = max((str(what.least), str(what.most)), key=len)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(longest))
        self.reset = icon_button("reset", _("Reset {name}", name=what.label), part="bare", size=14)
        self.reset.setToolTip(_("Back to {value}", value=self._usual))
        place = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        place.setRetainSizeWhenHidden(True)  # the slider keeps its width
        self.reset.setSizePolicy(place)
        self.reset.clicked.connect(self._reset)

    def _reset(self) -> None:
        self.slider.setFocus()  # the button vanishes
        self.slider.setValue(self._usual)

    def show_amount(self, amount: int) -> None:
        self.slider.setValue(amount)
        self.value.setText(str(amount).replace("-", "−"))
        self.reset.setVisible(amount != self._usual)


def grid_of(names: Sequence[str], moved: Callable[..., object]) -> tuple[QGridLayout, list[Amount]]:
    """A column of sliders, each between its name and its value. moved: see Amount."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(1, 1)
    amounts = [Amount(name, moved) for name in names]
    for row, amount in enumerate(amounts):
        for column, widget in enumerate((amount.title, amount.slider, amount.value, amount.reset)):
            grid.addWidget(widget, row, column)
    return grid, amounts
