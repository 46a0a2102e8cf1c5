"""Troubleshooting in the window: problems that keep Backdrop from working here, and the commands that fix them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from backdrop.doctor.checks import examine
from backdrop.doctor.finding import Finding
from backdrop.doctor.report import as_json, summary
from backdrop.language import N_, _
from backdrop.ui import theme
from backdrop.ui.buttons import icon_button, label, sentence
from backdrop.ui.layouts import column, row
from backdrop.ui.page import Page
from backdrop.ui.worker import Worker

# A different shape for each: not everybody can tell the colours apart.
SIGNS = {"ok": "ok", "advice": "warning", "fault": "fault"}
STATES = {"ok": N_("OK"), "advice": N_("Suggestion"), "fault": N_("Problem")}


class DoctorPage(Page):
    """Examines the computer on its own thread when shown, and lists the findings, problems first.

    look: returns the findings; it may take seconds.
    """

    def __init__(self, look: Callable[[], list[Finding]] = examine) -> None:
        super().__init__(_("Troubleshooting"))
        self._examine = look
        self._worker = Worker("doctor", self)
        self.findings: list[Finding] = []
        self._rows: list[FindingRow] = []
        self.again = self.add_button(_("Check again"), "refresh")
        self.again.clicked.connect(self.examine)
        self.copy = self.add_button(_("Copy report"), "copy")
        self.copy.setToolTip(_("Copy the full report as JSON for support. It doesn't contain your name."))
        self.copy.clicked.connect(self._copy_report)
        self.summary = label("", "title", wrap=True)
        self.content.addWidget(self.summary)
        self.content.addStretch(1)

    def examine(self) -> None:
        """Check again. The previous findings stay until the new ones arrive."""
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self.copy.setText(_("Copy report"))
        self.summary.setText(_("Checking…"))
        self._worker.do(self._examine, self._show)

    def stop(self) -> None:
        """Ignore further findings."""
        self._worker.stop()

    def _show(self, found: list[Finding] | Exception) -> None:
        self.again.setEnabled(True)
        if isinstance(found, Exception):
            self.summary.setText(_("The check failed: {reason}.", reason=found))
            return
        self.copy.setEnabled(True)
        self.findings = found
        for former in self._rows:
            self.content.removeWidget(former)
            former.deleteLater()
        order = ("fault", "advice", "ok")
        self._rows = [FindingRow(each) for each in sorted(found, key=lambda each: order.index(each.state))]
        for at, fresh in enumerate(self._rows, start=1):
            self.content.insertWidget(at, fresh)
        self.summary.setText(summary(found))

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(as_json(self.findings))
        self.copy.setText(_("Copied"))


class FindingRow(QFrame):
    """One finding: an icon, a name, a sentence, and the command that fixes it with a button to copy it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.setObjectName("finding")
        self.finding = finding
        self.setAccessibleName(f"{_(finding.examined)}: {_(STATES[finding.state])}. {finding.sentence}")
        self._sign = QLabel()
        self._sign.setAccessibleName(_(STATES[finding.state]))
        self._sign.setToolTip(_(STATES[finding.state]))
        words = column(label(_(finding.examined), "title"), sentence(finding.sentence, "text"), spacing=3)
        self.command: QLabel | None = None
        self.copy: QToolButton | None = None
        if finding.command:
            words.addLayout(self._command_row(finding.command))
        sign = (self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(row(sign, (words, 1), spacing=12, margins=(14, 10, 14, 12)))
        self._colour()

    def _command_row(self, command: str) -> QHBoxLayout:
        self.command = sentence(command, "command")
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = icon_button("copy", _("Copy the command {command}", command=command))
        self.copy.setToolTip(_("Copy command"))
        self.copy.clicked.connect(self._copy_command)
        return row((self.command, 1), (self.copy, 0, Qt.AlignmentFlag.AlignTop), spacing=8)

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.finding.command)
        assert self.copy is not None
        theme.give_icon(self.copy, "ok")
        self.copy.setToolTip(_("Copied"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        state = self.finding.state
        self._sign.setPixmap(theme.pixmap(SIGNS[state], theme.signal(state), 22))
