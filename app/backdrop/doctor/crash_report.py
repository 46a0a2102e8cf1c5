"""Crash reports: text files in the state folder, without pictures, that a person can read before sharing them.

A report holds versions, settings, the traceback, and the last lines of the log; the home folder is written ~. Nothing is
sent anywhere. The next start says once where the report is.
"""

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TextIO

from backdrop import __version__
from backdrop.language import _
from backdrop.settings.file import load_settings, settings_path
from backdrop.settings.settings import Settings
from backdrop.system.home import home, read_regular
from backdrop.system.logs import LastLines

log = logging.getLogger(__name__)

KEPT = 5  # reports; older ones are deleted
A_RUN = 3  # reports at most from one run: an error may occur with every frame
LONGEST = 1_000_000  # bytes that are read of the file of a run that crashed
NEW = ".new.txt"  # ends the name of a report that the user has not been told about


def state_folder() -> Path:
    """Where reports are kept on this platform. The folder need not exist."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home() / "AppData" / "Local") / "Backdrop"
    if sys.platform == "darwin":
        return home() / "Library" / "Logs" / "Backdrop"
    return Path(os.environ.get("XDG_STATE_HOME") or home() / ".local" / "state") / "backdrop"


class CrashReports:
    """Writes the reports of this process, from watch() on. Nothing here raises, so that a report is no second crash."""

    def __init__(self, last: LastLines, folder: Path | None = None) -> None:
        self._last = last
        self._folder = folder or state_folder()
        self._written = 0
        self._lock = threading.Lock()
        self._own: Path | None = None
        self._file: TextIO | None = None

    def watch(self) -> None:
        """Report exceptions that nothing catches, in any thread, and crashes of Python itself, as by a fault in a library."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        with _quietly():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = self._folder / f"running-{os.getpid()}.txt"
            self._file = _private(self._own).open("w", encoding="utf-8", errors="replace")
            self._file.write(f"Backdrop {__version__}, Python {sys.version}\n")
            self._file.flush()
            faulthandler.enable(self._file)  # writes here when Python itself crashes

    def ended(self) -> None:
        """The process ends normally."""
        with _quietly():
            if self._file is not None:
                faulthandler.disable()
                self._file.close()
                self._file = None
            if self._own is not None:
                self._own.unlink(missing_ok=True)

    def write(self, error: BaseException, where: str = "") -> Path | None:
        """Write the report of an exception. Returns its path, or None if none was written."""
        with self._lock, _quietly():
            if self._written >= A_RUN:
                return None
            self._written += 1
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{self._written}"
            path = self._folder / f"{name}{NEW}"
            told = "".join(traceback.format_exception(error))
            text = f"{_head()}\nWhat happened{f' in {where}' if where else ''}:\n{told}\nThe last lines of the log:\n"
            _private(path).write_text(_without_home(text + self._last.text()) + "\n", "utf-8", "replace")
            _remove_old(self._folder)
            return path
        return None

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.error("Uncaught", exc_info=error)
            self.write(error)
        sys.__excepthook__(kind, error, trace)

    def _uncaught_in_thread(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None and what.exc_type is not SystemExit:
            name = what.thread.name if what.thread is not None else "a thread"
            log.error("Uncaught in %s", name, exc_info=what.exc_value)
            self.write(what.exc_value, name)
        threading.__excepthook__(what)


def untold(folder: Path | None = None) -> list[Path]:
    """Reports of earlier runs that the user has not been told about; marks them as told. Never raises."""
    folder = folder or state_folder()
    found: list[Path] = []
    with _quietly():
        _gather(folder)
        for path in sorted(folder.glob(f"crash-*{NEW}")):
            known = path.with_name(path.name.removesuffix(NEW) + ".txt")
            path.rename(known)
            found.append(known)
    return found


def reports(folder: Path | None = None) -> list[Path]:
    """All reports, the newest last. Never raises."""
    with _quietly():
        return sorted((folder or state_folder()).glob("crash-*.txt"))
    return []


def sentence(found: list[Path]) -> str | None:
    """What to tell the user about reports, or None if there are none."""
    if not found:
        return None
    return _(
        "Backdrop crashed last time. The report {path} contains no pictures. Read it before you share it.",
        path=_without_home(str(found[-1])),
    )


def _gather(folder: Path) -> None:
    """Make reports of what faulthandler wrote in earlier runs; delete the files of runs that were only killed."""
    for path in folder.glob("running-*.txt"):
        process = path.stem.removeprefix("running-")
        if not process.isdecimal() or _lives(int(process)):
            continue
        text = read_regular(path, LONGEST).decode("utf-8", "replace")
        if "Fatal Python error" not in text and "most recent call first" not in text:
            path.unlink()
            continue
        when = time.strftime("%Y%m%d-%H%M%S", time.localtime(path.stat().st_mtime))
        target = folder / f"crash-{when}-{process}{NEW}"
        _private(target).write_text(f"{_head()}\nWhat happened:\n{_without_home(text)}", "utf-8")
        path.unlink()
    _remove_old(folder)


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return False  # there, the file of a running process cannot be removed
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove_old(folder: Path) -> None:
    for path in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
        path.unlink(missing_ok=True)


def _head() -> str:
    """Versions, and the saved settings."""
    from backdrop.doctor.report import machine

    lines = [
        "Backdrop crashed. This file is for you: read it, and share it if you want help. It holds no pictures.",
        "",
        f"Written {time.strftime('%Y-%m-%d %H:%M:%S')}",
    ]
    for what, tell in (("machine", machine), ("settings", _settings)):
        try:
            lines += [f"{name}: {value}" for name, value in tell().items()]
        except Exception as error:
            lines.append(f"{what}: not known, {error!r}")
    return _without_home("\n".join(lines) + "\n")


def _settings() -> dict[str, object]:
    """The settings as text. Of pictures and videos only the file type: their names may say who the user is."""
    settings: Settings = load_settings(settings_path())[0]
    told: dict[str, object] = asdict(settings)
    for name, value in told.items():
        if isinstance(value, str) and (os.sep in value or "/" in value) and not value.startswith("/dev/"):
            told[name] = f"a file{Path(value).suffix}"
    return told


def _without_home(text: str) -> str:
    from backdrop.doctor.report import without_home

    return without_home(text, home())


def _private(path: Path) -> Path:
    """Create a file that only this user may read. Returns its path."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def _quietly() -> contextlib.suppress:
    return contextlib.suppress(Exception)
