"""Troubleshooting in the window: problems that keep Backdrop from working here, and the commands that fix them."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from backdrop.doctor.checks import examine
from backdrop.doctor.finding import Finding
from backdrop.doctor.report import as_json, summary
from backdrop.language import N_, _
from backdrop.ui import theme
from backdrop.ui.buttons import label
from backdrop.ui.page import Page, sentence
from backdrop.ui.worker import Worker

SIGNS = {
    "ok": "ok",
    "advice": "warning",
    "fault": "fault",
}  # a different shape for each: not everybody can tell the colours apart
STATES = {"ok": N_("OK"), "advice": N_("Suggestion"), "fault": N_("Problem")}


class DoctorPage(Page):
    """Examines the computer on its own thread when shown, and lists the findings, problems first.

    look: returns the findings; it may take seconds.
    """

    def __init__(self, look: Callable[[], list[Finding]] = examine) -> None:
        super().__init__(_("Troubleshooting"))
        self._examine = look
        self._worker: Worker | None = None  # started only when the page is opened
        self.findings: list[Finding] = []
        self._rows: list[FindingRow] = []
        self.again = self.add_button(_("Check again"), "refresh")
        self.again.clicked.connect(self.examine)
        self.copy = self.add_button(_("Copy report"), "copy")
        self.copy.setToolTip(_("Copy the full report as JSON for support. It doesn't contain your name."))
        self.copy.clicked.connect(self._copy_report)
        self.summary = label("", "title")
        self.summary.setWordWrap(True)
        self.content.addWidget(self.summary)
        self.content.addStretch(1)

    def examine(self) -> None:
        """Check again. The previous findings stay until the new ones arrive."""
        if self._worker is None:
            self._worker = Worker("doctor", self)
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self.copy.setText(_("Copy report"))
        self.summary.setText(_("Checking…"))
        self._worker.do(self._examine, self._show)

    def stop(self) -> None:
        """Ignore further findings."""
        if self._worker is not None:
            self._worker.stop()

    def _show(self, found: list[Finding] | Exception) -> None:
        self.again.setEnabled(True)
        if isinstance(found, Exception):
            self.summary.setText(_("The check failed: {reason}.", reason=found))
            return
        self.copy.setEnabled(True)
        self.findings = found
        for row in self._rows:
            self.content.removeWidget(row)
            row.deleteLater()
        order = ("fault", "advice", "ok")
        self._rows = [FindingRow(each) for each in sorted(found, key=lambda each: order.index(each.state))]
        for at, row in enumerate(self._rows, start=1):
            self.content.insertWidget(at, row)
        self.summary.setText(summary(found))

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(as_json(self.findings))
        self.copy.setText(_("Copied"))

    def colour(self) -> None:
        super().colour()
        for row in self._rows:
            row.colour()


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
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(_(finding.examined), "title"))
        words.addWidget(sentence(finding.sentence, "text"))
        self.command: QLabel | None = None
        self.copy: QToolButton | None = None
        if finding.command:
            words.addLayout(self._command_row(finding.command))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 12)
        row.setSpacing(12)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.colour()

    def _command_row(self, command: str) -> QHBoxLayout:
        self.command = sentence(command, "command")
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QToolButton()
        self.copy.setProperty("part", "plain")
        self.copy.setIconSize(QSize(18, 18))
        self.copy.setAccessibleName(_("Copy the command {command}", command=command))
        self.copy.setToolTip(_("Copy command"))
        self.copy.clicked.connect(self._copy_command)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.command, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.finding.command)
        assert self.copy is not None
        self.copy.setIcon(theme.icon("ok", theme.current().text))
        self.copy.setToolTip(_("Copied"))

    def colour(self) -> None:
        tint = theme.signal(self.finding.state)
        self._sign.setPixmap(theme.pixmap(SIGNS[self.finding.state], tint, 22))
        if self.copy is not None:
            self.copy.setIcon(theme.icon("copy", theme.current().text))
