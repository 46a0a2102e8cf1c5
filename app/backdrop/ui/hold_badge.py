"""The badge that says that others do not see the person live, with a button that ends that."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from backdrop.language import _
from backdrop.run.hold import held_words
from backdrop.settings.settings import Settings


class HoldBadge(QFrame):
    """Emits changed with new Settings when the person wants to be seen live again. Hidden while they are."""

    changed = Signal(object)  # Settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hold")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings = Settings()
        self.words = QLabel()
        self.back = QPushButton()
        self.back.setCursor(Qt.CursorShape.PointingHandCursor)
        self.back.clicked.connect(self._end)
        row = QHBoxLayout(self)
        row.setContentsMargins(11, 5, 6, 5)
        row.setSpacing(9)
        row.addWidget(self.words)
        row.addWidget(self.back)
        self.hide()

    def show_settings(self, settings: Settings) -> None:
        words, short = held_words(settings), _("Hidden") if settings.hide else _("Frozen")
        fresh = words not in ("", self.toolTip())
        self._settings = settings
        self.words.setText(short)  # the whole sentence would cover the face in a small window
        self.setToolTip(words)
        self.back.setText(_("Show me") if settings.hide else _("Go on"))
        self.setAccessibleName(words)
        self.back.setAccessibleName(f"{words}. {self.back.text()}")
        self.setVisible(bool(words))
        self.adjustSize()
        if fresh:  # screen readers announce it at once, wherever the focus is
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _end(self) -> None:
        ended = {"hide": False} if self._settings.hide else {"freeze": False}
        self.changed.emit(replace(self._settings, **ended))  # type: ignore[arg-type]

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, 38))
