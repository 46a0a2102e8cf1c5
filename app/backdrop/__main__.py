"""The command `backdrop`."""

import argparse
import atexit
import errno
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from backdrop.backdrops.arguments import read_settings
from backdrop.cameras.base import CameraError
from backdrop.cli import control as control_command
from backdrop.cli.parser import build_parser
from backdrop.control.place import ControlError
from backdrop.doctor import crash_report
from backdrop.doctor.crash_report import CrashReports
from backdrop.language import _, ngettext, speak
from backdrop.outputs.base import OutputError
from backdrop.settings.arguments import given_settings
from backdrop.settings.file import load_settings, settings_path
from backdrop.settings.settings import Settings, SettingsError
from backdrop.system import leave
from backdrop.system.display import has_display, platforms
from backdrop.system.logs import start_logging
from backdrop.system.memory import share_one_heap
from backdrop.system.say import UNHEARD, hush, keep_streams_open, outlive_the_terminal, say


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 success, 1 failure, 2 usage error, 3 the video is damaged."""
    keep_streams_open()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show × or → shows a question mark
    choose_language()
    wanted = list(sys.argv[1:] if argv is None else argv)
    alone = not wanted or (wanted[0].startswith("-") and wanted[0] not in ("-h", "--help", "--version"))
    if alone:
        wanted = ["gui" if has_display() else "run", *wanted]
    arguments = build_parser().parse_args(wanted)
    crashes = CrashReports(start_logging(arguments.verbose))
    if arguments.command not in ("gui", "run"):
        leave.restore_signals()
    if arguments.command in ("gui", "run", "video"):
        outlive_the_terminal()
        crashes.watch()
        atexit.register(crashes.ended)
    if alone and arguments.command == "run" and platforms(os.environ):
        say(_("No display found, so Backdrop runs without a window."), error=True)
    try:
        status = _dispatch(arguments, need_output=not alone)
        if arguments.command not in ("gui", "run", "video"):
            sys.stdout.flush()  # only now is the output really written
        return status
    except SettingsError as error:
        say(error, error=True)
        return 2
    except (CameraError, OutputError) as error:
        return _failed(str(error), arguments.verbose)
    except ControlError as error:
        say(error, error=True)
        return error.status
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno in UNHEARD and error.filename is None:
            hush()
            if error.errno != errno.EPIPE:  # the reader of a pipe, such as head, may end
                say(_("The output could not be written: {reason}.", reason=error.strerror), error=True)
            return 1
        from backdrop.bench.cases import BenchError
        from backdrop.system.desktop_entry import InstallError
        from sinet_core import SegmenterError

        known = isinstance(error, SegmenterError | BenchError | InstallError)
        sentence = str(error) if known else _unexpected(error, crashes.write(error))
        return _failed(sentence, arguments.verbose)


def choose_language() -> None:
    """Use the language of the settings, also in argparse."""
    speak(load_settings(settings_path())[0].language)
    # argparse looks its texts up under these two names in its module, and offers no other way.
    vars(argparse).update(_=_, ngettext=ngettext)


def _unexpected(error: Exception, report: Path | None) -> str:
    if report is None:
        return _("Something went wrong: {reason}. Use --verbose for details.", reason=f"{error!r}")
    return _(
        "Something went wrong: {reason}. See {report}, or use --verbose.",
        reason=f"{error!r}",
        report=report,
    )


def _failed(sentence: str, verbose: bool) -> int:
    if verbose:
        logging.exception("The error came from here")
    say(sentence, error=True)
    return 1


def _dispatch(arguments: argparse.Namespace, *, need_output: bool) -> int:
    if arguments.command == "devices":
        from backdrop.cli.devices import list_devices

        return list_devices()
    if arguments.command == "install-desktop":
        from backdrop.system.desktop_entry import install_desktop

        return install_desktop(arguments.remove)
    if arguments.command == "setup":
        from backdrop.setup.command import setup

        return setup(arguments)
    if arguments.command == "doctor":
        from backdrop.doctor.command import doctor

        return doctor(arguments)
    if arguments.command in control_command.COMMANDS:
        return control_command.control(arguments)
    compute_on_one_core()
    share_one_heap()
    if arguments.command == "gui":
        return _open_window(arguments)
    if arguments.command == "bench":
        from backdrop.bench.command import bench

        return bench(arguments, stop_on_signals())
    settings = read_settings(arguments, Settings())
    stop = stop_on_signals()
    if arguments.command == "video":
        from backdrop.cli.video import convert

        return convert(arguments.source, arguments.target, settings, stop, overwrite=arguments.overwrite)
    from backdrop.cli.headless import run

    if crashed := crash_report.sentence(crash_report.untold()):
        say(crashed, error=True)
    return run(
        settings,
        arguments.seconds,
        stop,
        need_output=need_output,
        instance=arguments.instance,
        overwrite=arguments.overwrite,
    )


def compute_on_one_core() -> None:
    """Keep OpenCV on one core: several are no faster, use more CPU time, and compete with the call."""
    import cv2

    cv2.setNumThreads(1)


def _open_window(arguments: argparse.Namespace) -> int:
    saved, notices = load_settings(settings_path())
    for notice in notices:
        say(notice, error=True)
    settings = read_settings(arguments, saved)
    given = given_settings(arguments)
    if not has_display():
        raise OutputError(_("No display found. Use `backdrop run`, which needs none."))
    from backdrop.control.single import begin

    beginning = begin(arguments.instance)
    if beginning.shown:
        say(_("Backdrop is already running. Its window is now in front."))
        return control_command.apply(given, arguments.instance) if given else 0
    if beginning.notice:
        say(beginning.notice, error=True)
    if beginning.instance is not None:
        atexit.register(beginning.instance.close)  # also where a signal ends it before there is a window
    try:
        from backdrop.ui.application import run_window
    except ImportError as error:
        raise OutputError(
            _(
                "The window cannot start ({reason}). Install what is missing, or use `backdrop run`.",
                reason=error,
            )
        ) from error
    try:
        return run_window(settings, settings_path(), beginning, in_tray=arguments.in_tray)
    finally:
        if beginning.instance is not None:
            beginning.instance.close()


def stop_on_signals() -> threading.Event:
    """An event that the first Ctrl-C or SIGTERM sets; the second Ctrl-C ends the program at once."""
    stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


if __name__ == "__main__":
    leave.handle_signals()
    leave.run(main)
