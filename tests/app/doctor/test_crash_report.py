"""What a crash leaves behind: a report that can be read and shared, told of once, and no picture in it."""

import logging
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backdrop.doctor import crash_report
from backdrop.doctor.crash_report import KEPT, CrashReports, reports, sentence, untold
from backdrop.doctor.crashes import examine_crashes
from backdrop.settings.file import save_settings
from backdrop.settings.settings import Settings
from backdrop.system.logs import LONGEST, LastLines, NoPictures
from tests import ROOT


def crash(folder: Path, code: str, *, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program that watches for crashes and then runs this code."""
    program = (
        "import atexit, logging, sys, threading, ctypes, os\n"
        "from backdrop.doctor.crash_report import CrashReports\n"
        "from backdrop.system.logs import start_logging\n"
        "crashes = CrashReports(start_logging(False)); crashes.watch(); atexit.register(crashes.ended)\n"
        "log = logging.getLogger('test'); log.info('before it happened')\n"
    )
    environment = os.environ | {"XDG_STATE_HOME": str(folder)}
    if home is not None:
        environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    return subprocess.run(
        [sys.executable, "-c", program + code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )


def only_report(folder: Path) -> str:
    (report,) = untold(folder / "backdrop")
    assert report.stat().st_size < 100_000
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    return report.read_text()


def test_an_exception_leaves_a_report_with_versions_the_place_and_the_last_lines(tmp_path):
    ended = crash(tmp_path, "raise ValueError('what broke')")
    assert ended.returncode == 1
    assert "what broke" in ended.stderr
    text = only_report(tmp_path)
    for part in (
        "Backdrop crashed",
        "no pictures",
        "backdrop: ",
        "onnxruntime",
        "backdrop: blur",
        "ValueError: what broke",
    ):
        assert part in text, part
    assert "before it happened" in text
    assert [path.name for path in (tmp_path / "backdrop").iterdir()] == [
        reports(tmp_path / "backdrop")[0].name
    ]


def test_an_exception_in_a_thread_leaves_one_too(tmp_path):
    code = "thread = threading.Thread(target=lambda: 1 / 0, name='camera'); thread.start(); thread.join()"
    assert crash(tmp_path, code).returncode == 0
    text = only_report(tmp_path)
    assert "What happened in camera" in text
    assert "ZeroDivisionError" in text


def test_a_fault_in_a_library_that_ends_python_leaves_one_for_the_next_start(tmp_path):
    assert crash(tmp_path, "ctypes.string_at(0)").returncode < 0
    text = only_report(tmp_path)
    assert "Segmentation fault" in text
    assert "string_at" in text
    assert "Backdrop crashed" in text


@pytest.mark.parametrize(
    "code", ["pass", "raise SystemExit(3)", "os.kill(os.getpid(), 9)", "raise KeyboardInterrupt"]
)
def test_what_is_no_crash_leaves_none(code, tmp_path):
    crash(tmp_path, code)
    assert untold(tmp_path / "backdrop") == []
    assert list((tmp_path / "backdrop").iterdir()) == []


def test_a_report_names_neither_the_home_folder_nor_own_pictures(tmp_path):
    home = tmp_path / "home" / "annabel"
    save_settings(
        Settings(backdrop="picture", picture=str(home / "holiday in Xanadu.jpg")),
        home / ".config/backdrop/settings.json",
    )
    crash(
        tmp_path,
        f"log.info('reading %s', {str(home / 'secret' / 'plan.txt')!r}); open({str(home / 'x.bin')!r})",
        home=home,
    )
    text = only_report(tmp_path)
    assert "annabel" not in text
    assert "Xanadu" not in text  # the name of no processor, as Rome is
    assert "~/secret/plan.txt" in text
    assert "picture: a file.jpg" in text


def test_the_next_start_says_once_where_the_report_lies_and_the_doctor_says_so_always(tmp_path):
    folder = tmp_path / "backdrop"
    assert examine_crashes(folder)[0].state == "ok"
    assert sentence(untold(folder)) is None
    crash(tmp_path, "raise ValueError")
    found = untold(folder)
    assert str(found[0]) in (sentence(found) or "")
    assert untold(folder) == []
    finding = examine_crashes(folder)[0]
    assert finding.state == "advice"
    assert str(found[0]) in finding.command


def test_what_goes_wrong_again_and_again_is_told_a_few_times_and_old_reports_go(tmp_path):
    for year in range(2011, 2021):
        (tmp_path / f"crash-{year}0101-000000-1.txt").touch()
    crashes = CrashReports(LastLines(), tmp_path)
    paths = [crashes.write(ValueError()) for _ in range(10)]
    assert sum(path is not None for path in paths) == crash_report.A_RUN
    kept = reports(tmp_path)
    assert len(kept) == KEPT
    assert kept[: KEPT - crash_report.A_RUN][-1].name.startswith("crash-2020")


def test_where_no_report_can_be_written_there_is_none_and_nothing_else_happens(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    crashes = CrashReports(LastLines(), blocked / "folder")
    assert crashes.write(ValueError()) is None
    assert untold(blocked / "folder") == []


@pytest.fixture
def last() -> LastLines:
    last = LastLines(3)
    last.addFilter(NoPictures())
    return last


def test_the_last_lines_hold_shapes_and_no_pictures(last):
    log = logging.Logger("test")
    log.addHandler(last)
    secret = np.full((4, 5, 3), 77, np.uint8)
    log.info("a frame %s and %s of it", secret, secret.tobytes())
    log.info(secret)
    log.info("a long list %s, %s", list(range(50)), {"frame": secret})
    text = last.text()
    # Two pixels in a row; one alone could be of the time at which it was said.
    assert not re.search(r"77\D+77", text)
    assert "M" * 5 not in text  # chr(77)
    assert text.count("array (4, 5, 3) uint8") == 3
    assert "60 bytes" in text
    assert "list of 50" in text


def test_the_last_lines_are_few_and_short(last):
    log = logging.Logger("test")
    log.addHandler(last)
    for number in range(10):
        log.info("%d %s", number, "x" * 10 * LONGEST)
    lines = last.text().splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) == LONGEST
    assert " 9 x" in lines[-1]
