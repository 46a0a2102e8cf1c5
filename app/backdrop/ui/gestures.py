"""What the mouse does on the preview: the wheel zooms, a drag moves, a press without moving compares, a double click resets."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

NOTCH = 120  # of a wheel's angle
STEP = 1.1  # zoom for each notch
LONG = 250  # milliseconds, until a press that does not move compares
SLOP = 5  # pixels that a hand trembles


class Gestures(QObject):
    """Watches a widget. Places are parts of the picture, from 0 to 1, as it is shown.

    picture: asked where the picture lies in the widget.
    """

    zoomed = Signal(float, QPointF)  # a factor, and where
    moved = Signal(QPointF)  # since the last one
    held = Signal(bool)  # whether the person holds the button without moving
    reset = Signal()

    def __init__(self, widget: QWidget, picture: Callable[[], QRectF]) -> None:
        super().__init__(widget)
        self._picture = picture
        self._pressed: QPointF | None = None
        self._drags = self._holds = False
        self.timer = QTimer(self, singleShot=True, interval=LONG)
        self.timer.timeout.connect(self._hold)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            self._turn(event)
            return True
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if event.type() in (QEvent.Type.Hide, QEvent.Type.WindowDeactivate):
            self._release()
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        kind, left = event.type(), Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == left:
            self._release()
            self.reset.emit()
        elif kind == QEvent.Type.MouseButtonPress and event.button() == left:
            if not self._picture().contains(event.position()):
                return False
            self._pressed, self._drags = event.position(), False
            self.timer.start()
        elif kind == QEvent.Type.MouseMove and self._pressed is not None and not self._holds:
            self._drag(event.position())
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == left:
            self._release()
        else:
            return False
        return True

    def _drag(self, to: QPointF) -> None:
        assert self._pressed is not None
        by, place = to - self._pressed, self._picture()
        if not self._drags and by.manhattanLength() <= SLOP:
            return
        self.timer.stop()
        self._drags, self._pressed = True, to
        self.moved.emit(QPointF(by.x() / place.width(), by.y() / place.height()))

    def _turn(self, event: QWheelEvent) -> None:
        place, notches = self._picture(), event.angleDelta().y() / NOTCH
        if notches and place.contains(event.position()):
            at = event.position() - place.topLeft()
            self.zoomed.emit(STEP**notches, QPointF(at.x() / place.width(), at.y() / place.height()))

    def _hold(self) -> None:
        self._holds = True
        self.held.emit(True)

    def _release(self) -> None:
        self.timer.stop()
        self._pressed, self._drags = None, False
        if self._holds:
            self._holds = False
            self.held.emit(False)
