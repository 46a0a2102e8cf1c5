"""A badge over the picture: words and a button, announced by screen readers when it appears."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from backdrop.ui import theme
from backdrop.ui.layouts import row

SPACING = 9  # pixels


class Badge(QFrame):
    """Hidden while it has nothing to say. name: the stylesheet's for it. sign: a widget before the words."""

    def __init__(self, parent: QWidget | None, name: str, sign: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.words, self.button = QLabel(), QPushButton()
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        parts = [part for part in (sign, self.words, self.button) if part is not None]
        self.setLayout(row(*parts, spacing=SPACING, margins=theme.margins(11, 5, 6, 5)))
        self.hide()

    def show_words(self, sentence: str, short: str, button: str) -> None:
        """sentence: the whole of it, "" to hide the badge. short: what of it is shown. button: the button's text."""
        fresh = sentence not in ("", self.toolTip())
        if (sentence, button) != (self.toolTip(), self.button.text()):
            self.words.setText(short)
            self.button.setText(button)
            self.setToolTip(sentence)
            self.setAccessibleName(sentence)
            self.button.setAccessibleName(f"{sentence}. {button}")
        self.setVisible(bool(sentence))
        if fresh:  # screen readers announce it at once, wherever the focus is
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, 38))
