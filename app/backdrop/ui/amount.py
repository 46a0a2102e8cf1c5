"""Sliders for settings that are numbers: each with its name, its value, and a button that resets it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QSlider, QToolButton

from backdrop.language import _
from backdrop.settings.settings import Settings, about
from backdrop.ui import theme
from backdrop.ui.buttons import label


class Amount(QObject):
    """A setting that is a number: a title, a slider, a value and a reset button, which the caller lays out."""

    moved = Signal(str, object)  # the setting's name, its new value

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._usual: int = getattr(Settings(), name)
        what = about(name)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(what.least, what.most)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(what.label)
        self.slider.setToolTip(what.help)
        self.slider.valueChanged.connect(lambda value: self.moved.emit(self.name, value))
        self.title = label(what.label, "hint")
        self.title.setBuddy(self.slider)
        self.title.setToolTip(what.help)
        self.value = label("", "hint")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        longest = max((str(what.least), str(what.most)), key=len)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(longest))
        self.reset = QToolButton()
        self.reset.setProperty("part", "bare")
        self.reset.setIconSize(QSize(14, 14))
        self.reset.setAccessibleName(_("Reset {name}", name=what.label))
        self.reset.setToolTip(_("Back to {value}", value=self._usual))
        place = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        place.setRetainSizeWhenHidden(True)  # the slider keeps its width
        self.reset.setSizePolicy(place)
        self.reset.clicked.connect(self._reset)
        self.colour()

    def _reset(self) -> None:
        self.slider.setFocus()  # the button vanishes
        self.slider.setValue(self._usual)

    def colour(self) -> None:
        """Apply the theme's colours."""
        self.reset.setIcon(theme.icon("reset", theme.current().text))

    def show_amount(self, amount: int) -> None:
        self.slider.setValue(amount)
        self.value.setText(str(amount).replace("-", "−"))
        self.reset.setVisible(amount != self._usual)


def grid_of(names: Sequence[str], moved: Callable[[str, object], None]) -> tuple[QGridLayout, list[Amount]]:
    """A column of sliders, each between its name and its value. moved: called with the name and value of one that is moved."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(1, 1)
    amounts = [Amount(name) for name in names]
    for row, amount in enumerate(amounts):
        amount.moved.connect(moved)
        for column, widget in enumerate((amount.title, amount.slider, amount.value, amount.reset)):
            grid.addWidget(widget, row, column)
    return grid, amounts
