"""A page that covers the window: a header with a back button, and scrolling content below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from backdrop.language import _
from backdrop.ui import theme
from backdrop.ui.buttons import icon_button, label, plain_button
from backdrop.ui.layouts import column, row
from backdrop.ui.room import RoomBadge
from backdrop.ui.scroll import ScrollColumn

WIDEST = 900  # pixels of a line of text


class Page(QFrame):
    """A page of the window. Escape and the back button close it. Subclasses fill self.content."""

    closed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.back = icon_button("back", _("Back"), "Esc")
        self.back.clicked.connect(self.closed)
        self.heading = label(title, "heading")
        self._head = row(self.back, (self.heading, 1), spacing=10, margins=(16, 12, 16, 12))
        self.badge = RoomBadge()
        self.content = column(spacing=8, margins=theme.margins(24, 4, 24 - theme.SCROLL_BAR, 24))
        self._lay_out()
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.closed.emit)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("choices")
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        middle.setLayout(self.content)
        inside.setLayout(row(None, (middle, 1000), None))
        self.area = ScrollColumn(inside)
        self.area.setAccessibleName(self.heading.text())
        badge = row(self.badge, None, margins=(24, 0, 24, 8))
        self.setLayout(column(self._head, badge, (self.area, 1), spacing=0))

    def add_button(self, text: str, icon: str) -> QPushButton:
        """Add a labelled button to the header."""
        button = plain_button(text, icon)
        self._head.addWidget(button)
        return button
