"""A scroll area that scrolls only vertically."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from backdrop.ui.theme import SCROLL_BAR


class ScrollColumn(QScrollArea):
    """Scrolls its content vertically, never sideways.

    The scroll bar's space is always reserved. Otherwise the bar would narrow the content, which would change its height,
    on which the bar depends: at some window heights such a layout loops for ever, and the process dies.
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
