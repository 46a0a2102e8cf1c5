"""The badge that says that others see the room, and the question before they do."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QWidget

from backdrop.language import N_, _
from backdrop.outputs.open import is_file
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui import theme

SEEN = N_("Others see your room")
WOULD_BE_SEEN = N_("Others would see your room")
RECORDED = N_("The recording shows your room")
WOULD_BE_RECORDED = N_("A recording would show your room")


def is_room_visible(settings: Settings) -> bool:
    """Whether what leaves Backdrop is the room as it is."""
    return settings.backdrop == "none" and not settings.hide


def is_on_air(settings: Settings, stats: Stats) -> bool:
    """Whether others see the output. Where the system doesn't report who uses it, an open output counts as seen."""
    return bool(settings.virtual_camera and stats.output and stats.has_consumers is not False)


def is_recorded(settings: Settings, stats: Stats) -> bool:
    """Whether what leaves Backdrop goes to a file, and not to others."""
    is_on_camera = is_on_air(settings, stats) and not is_file(settings.output)
    return (settings.record and not is_on_camera) or is_file(settings.output)


class RoomBadge(QFrame):
    """A red badge that says that others see the room, with a button to blur it. Hidden while they do not."""

    blur_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        sign = QLabel()
        sign.setPixmap(theme.pixmap("room", "#ffffff", 18))
        self.words = QLabel()
        self._blur = QPushButton(_("Blur it"))
        self._blur.setCursor(Qt.CursorShape.PointingHandCursor)
        self._blur.clicked.connect(self.blur_asked)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.margins(11, 5, 6, 5))
        self._row.setSpacing(9)
        for part in (sign, self.words, self._blur):
            self._row.addWidget(part)
        self.hide()

    def say(self, visible: bool, on_air: bool, recording: bool = False) -> None:
        """visible: whether what leaves Backdrop is the room as it is. on_air: whether others see it now.
        recording: the output is a file, and there are no others.
        """
        now, later = (RECORDED, WOULD_BE_RECORDED) if recording else (SEEN, WOULD_BE_SEEN)
        words = _(now if on_air else later) if visible else ""
        if words != self.words.text():
            self.words.setText(words)
            self.setToolTip(words)
            self.setAccessibleName(words)
            self._blur.setAccessibleName(f"{words}. {self._blur.text()}")
        appears = visible and self.isHidden()
        self.setHidden(not visible)
        if appears:  # screen readers announce it at once, wherever the focus is
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def fit(self, width: int) -> None:
        """Limit the width. If words and button do not fit, hide the button."""
        needed = self.sizeHint().width()
        if (
            self._blur.isHidden()
        ):  # not shown to find out: that would lay everything out twice at each step of a drag
            needed += self._row.spacing() + self._blur.sizeHint().width()
        self._blur.setHidden(needed > width)
        self.adjustSize()

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, 38))


def ask_before_showing(
    parent: QWidget | None, show: Callable[[], object], recording: bool = False
) -> QMessageBox:
    """Ask whether others should see the room, and call show() if so. Returns the open dialog.

    recording: the output is a file.
    """
    dialog = QMessageBox(parent)
    dialog.setIcon(QMessageBox.Icon.Warning)
    dialog.setWindowTitle(_("Show your room?"))
    dialog.setText(_("Show your room?"))
    dialog.setInformativeText(
        _("Backdrop is recording. Without a backdrop, the file shows everything your camera sees.")
        if recording
        else _("The virtual camera is on. Without a backdrop, others see everything your camera sees.")
    )
    agree = dialog.addButton(_("Show my room"), QMessageBox.ButtonRole.AcceptRole)
    cancel = dialog.addButton(QMessageBox.StandardButton.Cancel)
    dialog.setDefaultButton(cancel)
    dialog.setEscapeButton(cancel)
    agree.clicked.connect(show)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog
