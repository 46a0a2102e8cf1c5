"""The bar above the preview: one notice at a time, the most important first."""

import html
import re
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from backdrop.language import _
from backdrop.ui import theme
from backdrop.ui.layouts import row

Topic = Literal["removed", "trouble", "file", "saved", "settings", "camera"]
# Most important first: what can be undone only for seconds, then problems, then the rest. That others see the room is
# not a notice: see RoomBadge.
ORDER: tuple[Topic, ...] = ("removed", "trouble", "file", "saved", "settings", "camera")


def command_in(sentence: str) -> str:
    """The command between backquotes in a sentence, "" if there is none."""
    found = re.search("`([^`]+)`", sentence)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for a person. A command in it is between backquotes, and a button copies it.

    passing: can be closed. action: the label of a button that helps, "" for none.
    """

    sentence: str
    passing: bool = False
    action: str = ""


class Notices(QFrame):
    """Holds at most one notice per topic and shows the most important. Keeps its place in the layout when empty."""

    acted = Signal(str)  # the topic whose button was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self._notices: dict[Topic, Notice] = {}
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.setCursor(Qt.CursorShape.PointingHandCursor)
        self._action.clicked.connect(self._act)
        self._close = QToolButton()
        self._close.setIconSize(QSize(16, 16))
        self._close.setAccessibleName(_("Close this notice"))
        self._close.setToolTip(_("Close"))
        self._close.clicked.connect(self._dismiss)
        parts = (self._sign, self._text, self._action, self._close)
        self.setLayout(row(*parts, spacing=10, margins=theme.margins(12, 5, 8, 5)))
        self.setMinimumHeight(42)
        keep = self.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        keep.setVerticalPolicy(QSizePolicy.Policy.Maximum)
        self.setSizePolicy(keep)
        self._refresh()

    def put(self, topic: Topic, notice: Notice | None) -> None:
        """Set the notice of a topic; None removes it."""
        if self._notices.get(topic) == notice:
            return
        self._notices.pop(topic, None)
        if notice is not None:
            self._notices[topic] = notice
        self._refresh()

    def say(self, topic: Topic, sentence: str, action: str = "") -> None:
        """Set a notice that can be closed. action: the label of a button that helps."""
        self.put(topic, Notice(sentence, passing=True, action=action))

    @property
    def sentence(self) -> str:
        """The sentence shown, "" when the bar is hidden."""
        return next(iter(self.sentences()), "")

    def said(self, topic: Topic) -> str:
        """The sentence of a topic, "" for none."""
        return self._notices[topic].sentence if topic in self._notices else ""

    def sentences(self) -> list[str]:
        """All sentences, the most important first."""
        return [self._notices[topic].sentence for topic in ORDER if topic in self._notices]

    def _weightiest(self) -> Topic | None:
        return next((topic for topic in ORDER if topic in self._notices), None)

    def _refresh(self) -> None:
        topic = self._weightiest()
        self.setVisible(topic is not None)
        if topic is None:
            return
        notice = self._notices[topic]
        name = "info" if topic in ("removed", "saved", "camera") else "warning"
        self._close.setIcon(theme.icon("close", theme.stage().text))
        self._sign.setPixmap(theme.pixmap(name, theme.WARNING, 20))
        self._text.setText(re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(notice.sentence)))
        self._text.setAccessibleName(_("Notice: {sentence}", sentence=notice.sentence))
        action = notice.action or (_("Copy command") if command_in(notice.sentence) else "")
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._close.setVisible(notice.passing)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh()

    def _act(self) -> None:
        topic = self._weightiest()
        assert topic is not None, "the button is hidden without a notice"
        if self._notices[topic].action:
            self.acted.emit(topic)
        else:
            QGuiApplication.clipboard().setText(command_in(self._notices[topic].sentence))
            self._action.setText(_("Copied"))

    def _dismiss(self) -> None:
        topic = self._weightiest()
        assert topic is not None, "the button is hidden without a notice"
        self.put(topic, None)
