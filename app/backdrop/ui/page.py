"""A page that covers the window: a header with a back button, and scrolling content below."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from backdrop.language import _
from backdrop.ui import theme
from backdrop.ui.buttons import label, with_key
from backdrop.ui.room import RoomBadge
from backdrop.ui.scroll import ScrollColumn

WIDEST = 900  # pixels of a line of text


class Page(QFrame):
    """A page of the window. Escape and the back button close it. Subclasses fill self.content."""

    closed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.back = QToolButton()
        self.back.setProperty("part", "plain")
        self.back.setIconSize(QSize(18, 18))
        self.back.setAccessibleName(_("Back"))
        self.back.setToolTip(with_key(_("Back"), "Esc"))
        self.back.clicked.connect(self.closed)
        self.heading = label(title, "heading")
        self._icons: dict[QToolButton | QPushButton, str] = {self.back: "back"}
        self.head = QHBoxLayout()
        self.head.setSpacing(10)
        self.head.addWidget(self.back)
        self.head.addWidget(self.heading, 1)
        self.badge = RoomBadge()
        self.content = QVBoxLayout()
        self.content.setSpacing(8)
        self._lay_out()
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.closed.emit)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("choices")
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        middle.setLayout(self.content)
        self.content.setContentsMargins(theme.margins(24, 4, 24 - theme.SCROLL_BAR, 24))
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)
        self.area = ScrollColumn(inside)
        self.area.setAccessibleName(self.heading.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setLayout(self.head)
        self.head.setContentsMargins(16, 12, 16, 12)
        column.addWidget(head)
        beside = QHBoxLayout()
        beside.setContentsMargins(24, 0, 24, 8)
        beside.addWidget(self.badge)
        beside.addStretch(1)
        column.addLayout(beside)
        column.addWidget(self.area, 1)

    def add_button(self, text: str, icon: str) -> QPushButton:
        """Add a labelled button to the header."""
        button = plain_button(text)
        self.give_icon(button, icon)
        self.head.addWidget(button)
        return button

    def give_icon(self, button: QToolButton | QPushButton, icon: str) -> None:
        """Give a button an icon that follows the theme's colours."""
        self._icons[button] = icon
        button.setIcon(theme.icon(icon, theme.current().text))

    def colour(self) -> None:
        """Apply the theme's colours."""
        for button, name in self._icons.items():
            button.setIcon(theme.icon(name, theme.current().text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.colour()


def plain_button(text: str) -> QPushButton:
    """A labelled button, styled as in the side panel."""
    button = QPushButton(text)
    button.setProperty("part", "plain")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setAutoDefault(True)  # Enter presses it, as Space does
    return button


def sentence(text: str, part: str) -> QLabel:
    """A label that wraps. The top margin keeps the dots of Ä, Ö and Ü visible."""
    words = label(text, part, wrap=True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setContentsMargins(0, 2, 0, 0)
    return words
