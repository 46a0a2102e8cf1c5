"""The badge that says that others see the room, and the question before they do."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from backdrop.language import N_, _
from backdrop.outputs.open import is_file
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui import theme
from backdrop.ui.badge import SPACING, Badge

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


class RoomBadge(Badge):
    """A red badge that says that others see the room, with a button to blur it. Hidden while they do not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        sign = QLabel()
        sign.setPixmap(theme.pixmap("room", "#ffffff", 18))
        super().__init__(parent, "room", sign)

    def say(self, visible: bool, on_air: bool, recording: bool = False) -> None:
        """visible: whether what leaves Backdrop is the room as it is. on_air: whether others see it now.
        recording: the output is a file, and there are no others.
        """
        now, later = (RECORDED, WOULD_BE_RECORDED) if recording else (SEEN, WOULD_BE_SEEN)
        words = _(now if on_air else later) if visible else ""
        self.show_words(words, words, _("Blur it"))

    def fit(self, width: int) -> None:
        """Limit the width. If words and button do not fit, hide the button."""
        needed = self.sizeHint().width()
        if self.button.isHidden():
            # Not shown to find out: that would lay everything out twice at each step of a drag.
            needed += SPACING + self.button.sizeHint().width()
        self.button.setHidden(needed > width)
        self.adjustSize()


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
