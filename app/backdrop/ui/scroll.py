"""What scrolls up and down."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from backdrop.ui.theme import SCROLL_BAR


class ScrollColumn(QScrollArea):
    """Scrolls its content up and down, never sideways.

    The place of the scroll bar is always kept free. Otherwise the bar would make the content narrower, which would change
    its height, on which the bar depends: at some heights of the window such a layout never ends, and the process dies.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = content
        self.setWidget(content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._content.setFixedWidth(max(0, self.maximumViewportSize().width() - SCROLL_BAR))
        super().resizeEvent(event)
