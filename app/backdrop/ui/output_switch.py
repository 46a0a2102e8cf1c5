"""The virtual camera's switch, the window's main control: its state, and what to do if it can't start."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from backdrop.language import _
from backdrop.outputs.open import is_file
from backdrop.outputs.pipewire import is_available
from backdrop.run.output_words import Condition, lacks_driver, output_words
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings, about
from backdrop.ui import theme
from backdrop.ui.buttons import Toggle, label, plain_button
from backdrop.ui.layouts import column, row

# The dot beside the words: a signal colour of the theme, and whether it is filled.
DOTS: dict[Condition, tuple[str, bool]] = {
    "off": ("", False),
    "starting": ("advice", False),
    "ready": ("ok", False),
    "in use": ("ok", True),
    "recording": ("ok", True),
    "failed": ("fault", True),
}


class VirtualCameraSwitch(QFrame):
    """Turns the virtual camera or the recording on and off, and says in words what it is doing.

    Where it cannot start for want of a driver, it offers to set one up, and PipeWire where there is that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main-control")
        self.toggle = Toggle("camera", "virtual_camera", "V", theme.current)
        self.toggle.prominent = True
        self.toggle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._dot = _Dot()
        self.headline = label("", "title")
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state = label("", "hint", wrap=True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing() + 2)
        self.setup = plain_button(_("Set up…"))
        self.setup.setAccessibleName(_("Set up the virtual camera…"))
        self.pipewire = plain_button(_("Use PipeWire"))
        self.pipewire.setToolTip(
            _("A camera that needs no driver, for Firefox, Chromium, OBS and GNOME and KDE apps")
        )
        self.pipewire.setAccessibleDescription(self.pipewire.toolTip())
        self.order: tuple[QWidget, ...] = (self.toggle, self.setup, self.pipewire)
        headline = row(self._dot, (self.headline, 1), spacing=8)
        ways = row(self.setup, self.pipewire, None, spacing=8)
        parts = (self.toggle, 2, headline, self.state, ways)
        self.setLayout(column(*parts, spacing=6, margins=(16, 16, 16, 10)))
        self.setup.hide()
        self.pipewire.hide()

    def show_state(self, settings: Settings, stats: Stats) -> None:
        words = output_words(settings, stats)
        recording = is_file(settings.output)
        name = _("Record to a file") if recording else about("virtual_camera").label
        if name != self.toggle.text():
            self.toggle.setText(name)
            self.toggle.setAccessibleName(name)
            self.toggle.explain(
                _("Record what you see here to {file}", file=settings.output)
                if recording
                else about("virtual_camera").help
            )
        self.toggle.setChecked(words.condition not in ("off", "failed"))
        self._dot.show_condition(words.condition)
        missing = words.condition == "failed" and lacks_driver(settings)
        if missing:
            hint = _("This computer has no virtual camera yet.")
        elif words.condition == "failed":
            hint = words.hint.replace("`", "") + " " + _("Backdrop keeps trying until you turn it off.")
        else:
            hint = words.hint
        if (words.headline, hint) != (self.headline.text(), self.state.text()):
            self.headline.setText(words.headline)
            self.headline.setToolTip(words.headline)
            self.state.setText(hint)
            self.toggle.setAccessibleDescription(f"{words.headline}. {hint}".strip())
            self.setup.setVisible(missing)
            self.pipewire.setVisible(missing and is_available())


class _Dot(QWidget):
    """A disc in the colour of a state. Filled or hollow, too, for those who cannot tell the colours apart."""

    def __init__(self) -> None:
        super().__init__()
        self._condition: Condition = "off"
        self.setFixedSize(12, 12)

    def show_condition(self, condition: Condition) -> None:
        if condition != self._condition:
            self._condition = condition
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        signal, filled = DOTS[self._condition]
        colour = QColor(theme.signal(signal) if signal else theme.current().faint)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(colour)
        pen.setWidthF(2)
        painter.setPen(pen)
        painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self.rect().adjusted(2, 2, -2, -2))
        painter.end()
