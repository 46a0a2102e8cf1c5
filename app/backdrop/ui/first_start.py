"""The first start: three steps in the side panel, with the preview live beside them. They can be skipped."""

import sys
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame

from backdrop.cameras.demo import NAME
from backdrop.language import N_, _
from backdrop.outputs.pipewire import is_available
from backdrop.outputs.virtual_camera import list_virtual_cameras
from backdrop.run.stats import Stats
from backdrop.ui.buttons import label, plain_button, sentence
from backdrop.ui.layouts import column, row

Step = Literal["camera", "output", "backdrop"]
STEPS: dict[Step, str] = {
    "camera": N_("Choose your camera"),
    "output": N_("Set up the virtual camera"),
    "backdrop": N_("Choose a backdrop"),
}


class FirstStart(QFrame):
    """Says what each step is for. The panel shows the controls of the step below it.

    went: emitted with the step that begins, None after the last one or if the person skips the rest.
    """

    went = Signal(object)  # Step | None

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main-control")
        self.step: Step = "camera"
        self.title, self.count = label("", "title", wrap=True), label("", "hint")
        self.words = sentence("", "hint")
        self.setup = plain_button(_("Set up the virtual camera…"))
        self.skip = plain_button(_("Skip"))
        self.skip.setAccessibleDescription(_("Leave the first steps. They are not shown again."))
        self.skip.setToolTip(self.skip.accessibleDescription())
        self.back, self.next = plain_button(_("Back")), plain_button(_("Next"))
        self.skip.clicked.connect(lambda: self.went.emit(None))
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(lambda: self._go(1))
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.skip.click).setContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        setup = (self.setup, 0, Qt.AlignmentFlag.AlignLeft)
        buttons = row(self.skip, None, self.back, self.next, spacing=8)
        parts = (self.count, self.title, self.words, setup, 2, buttons)
        self.setLayout(column(*parts, spacing=6, margins=(16, 14, 16, 12)))
        self.order = (self.setup, self.skip, self.back, self.next)
        self.hide()

    def begin(self) -> None:
        self.step = "camera"
        self.show()
        self._go(0)

    def _go(self, by: int) -> None:
        names = list(STEPS)
        at = names.index(self.step) + by
        if at >= len(names):
            self.went.emit(None)
            return
        self.step = names[at]
        self.count.setText(_("Step {number} of {count}", number=at + 1, count=len(names)))
        self.title.setText(_(STEPS[self.step]))
        self.words.setText(self._explained())
        self.setup.setVisible(
            self.step == "output" and sys.platform == "linux" and not list_virtual_cameras()
        )
        self.back.setVisible(at > 0)
        self.next.setText(_("Done") if at == len(names) - 1 else _("Next"))
        self.went.emit(self.step)
        self.next.setFocus()

    def _explained(self) -> str:
        if self.step == "output":
            found = list_virtual_cameras()
            if found:
                named = found[0].name
                return _(
                    "It is there: in your call, choose the camera “{name}”. Turn it on here.", name=named
                )
            if is_available():
                return _(
                    "Calls see Backdrop as a camera. This computer has none yet. PipeWire needs no setup."
                )
            return _("Calls see Backdrop as a camera. This computer has none yet.")
        if self.step == "backdrop":
            return _("This is what others see behind you. You can change it at any time, also during a call.")
        return ""

    def show_state(self, stats: Stats) -> None:
        """Say truly whether the camera, and so its light, is on."""
        if self.step == "camera" and self.isVisible():
            self.words.setText(camera_in_words(stats))


def camera_in_words(stats: Stats) -> str:
    """Whether a camera is on, and who sees it."""
    if stats.resting or not stats.camera:
        return _("Your camera is off.")
    if stats.camera == NAME:
        return _("No camera is on: this is a demo.")
    if stats.output:
        return _("{camera} is on, and so is its light if it has one.", camera=stats.camera)
    return _(
        "{camera} is on, and so is its light if it has one: you see yourself in the preview. Nobody else does.",
        camera=stats.camera,
    )
