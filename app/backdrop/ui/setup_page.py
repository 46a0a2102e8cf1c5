"""Sets up the virtual camera from the window: the plan, the button that carries it out, and the result."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal

from backdrop.cameras.base import CameraInfo
from backdrop.language import _
from backdrop.outputs.base import OutputError
from backdrop.outputs.pipewire import is_available
from backdrop.setup import Plan, Way, carry_out, check, how_to_choose, plan, way_of_this_computer
from backdrop.ui.buttons import label, plain_button, sentence
from backdrop.ui.page import Page
from backdrop.ui.worker import Worker


class SetupPage(Page):
    """Shows the plan when opened, carries it out when asked, and tests the resulting camera.

    ready: emitted with the virtual camera's path when it works. Nothing else may send to the virtual camera
    meanwhile, so turn it off before opening this page.
    """

    ready = Signal(str)

    def __init__(
        self,
        way: Callable[[], Way] = way_of_this_computer,
        *,
        planned: Callable[..., Plan] = plan,
        tested: Callable[[], CameraInfo] = check,
    ) -> None:
        """way, planned, tested: as backdrop.setup has them."""
        super().__init__(_("Set up the virtual camera"))
        self._way, self._planned, self._tested = way, planned, tested
        self._worker = Worker("setup", self)
        self._plan: Plan | None = None
        self.undo = self.add_button(_("Remove"), "close")
        self.undo.clicked.connect(lambda: self.look(undo=True))
        self.state = label("", "title", wrap=True)
        self.steps = sentence("", "command")
        self.words = sentence("", "text")
        self.do = plain_button("")
        self.do.clicked.connect(self._carry_out)
        self.pipewire = plain_button(_("Use PipeWire"))
        self.pipewire.hide()
        for part in (self.state, self.steps, self.words):
            self.content.addWidget(part)
        for button in (self.do, self.pipewire):
            self.content.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addStretch(1)

    def look(self, *, undo: bool = False) -> None:
        """Find out what would be done, and show it. Changes nothing on the system."""
        self._show(_("Checking…"))
        self._work(lambda: self._planned(self._way(), undo=undo), self._show_plan)

    def stop(self) -> None:
        """Ignore further results."""
        self._worker.stop()

    def _work(self, job: Callable[[], object], then: Callable[[object], None]) -> None:
        self.undo.setEnabled(False)
        self._worker.do(job, then)

    def _show_plan(self, found: object) -> None:
        if not isinstance(found, Plan):
            self._show_failure(found)
        elif found.steps:
            self._plan = found
            self._show(
                _("These steps need administrator rights:"),
                "\n".join(found.steps),
                found.note,
                _("Remove the virtual camera") if found.undo else _("Set up the virtual camera"),
            )
            self.undo.setEnabled(not found.undo)
        elif found.undo:
            self._show(_("There is nothing to undo."))
        else:
            self._show(_("It is already set up. Testing it…"))
            self._work(self._tested, self._show_camera)

    def _carry_out(self) -> None:
        planned = self._plan
        if planned is None:
            return
        self._show(_("Working. This can take a few minutes."), "\n".join(planned.steps))

        def job() -> object:
            carry_out(planned, self._way())
            return None if planned.undo else self._tested()

        self._work(job, self._show_camera)

    def _show_camera(self, camera: object) -> None:
        if isinstance(camera, CameraInfo):
            named = f"{camera.name} ({camera.spec})"
            told = "\n".join(how_to_choose(camera.name))
            self._show(_("{name} works: a test picture was sent and read back.", name=named), "", told)
            self.undo.setEnabled(True)
            self.ready.emit(camera.spec)
        elif camera is None:
            self._show(_("The virtual camera has been removed."))
        else:
            self._show_failure(camera)

    def _show_failure(self, error: object) -> None:
        known = isinstance(error, OutputError)
        self._show(str(error) if known else _("Setup failed: {reason}", reason=error))
        self.undo.setEnabled(True)
        self.pipewire.setVisible(is_available())

    def _show(self, state: str, steps: str = "", words: str = "", button: str = "") -> None:
        self.state.setText(state.replace("`", ""))
        for part, text in ((self.steps, steps), (self.words, words)):
            part.setText(text)
            part.setVisible(bool(text))
        self.pipewire.hide()
        self.do.setText(button)
        self.do.setVisible(bool(button))
        self.do.setEnabled(bool(button))
        if button:
            self.do.setFocus()
