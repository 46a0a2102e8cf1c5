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
from typing import NoReturn

from backdrop.backdrops.arguments import read_settings
from backdrop.bench import options as bench_options
from backdrop.cameras.base import CameraError
from backdrop.cameras.open import list_cameras
from backdrop.control import command as control_command
from backdrop.control.place import ControlError
from backdrop.doctor import crash_report
from backdrop.doctor.crash_report import CrashReports
from backdrop.language import N_, _, ngettext, speak
from backdrop.outputs.base import OutputError
from backdrop.settings.arguments import add_arguments
from backdrop.settings.file import load_settings, settings_path
from backdrop.settings.settings import NAMES, Settings, SettingsError
from backdrop.system import leave, this_copy
from backdrop.system.display import has_display, platforms
from backdrop.system.logs import start_logging
from backdrop.system.memory import share_one_heap
from backdrop.system.say import UNHEARD, hush, keep_streams_open, outlive_the_terminal, say

BACKDROP_HELP = N_(
    "What is put behind you: none, blur, picture, colour or transparent; or at once a picture or video file, the name of "
    "a built-in picture, or a colour as #rrggbb. none turns the effect off and shows the room."
)
EXAMPLES = N_("""\
examples:
  backdrop                                       open the window
  backdrop run --backdrop blur                   from the first camera to the first virtual camera
  backdrop run --camera 0 --backdrop beach.jpg --output /dev/video10
  backdrop run --output pipewire                 a camera for PipeWire applications; it needs no driver
  backdrop run --camera demo --backdrop picture --output out.mp4 --seconds 5
  backdrop run --camera demo --output null --seconds 10      measure, with nothing plugged in
  backdrop video talk.mp4 talk-blurred.mp4 --blur-strength 80
  backdrop bench --size 720p --backdrop blur     what it costs on this computer, with nothing plugged in
  backdrop toggle blur                           tell the Backdrop that runs; bind this to a key of your desktop
  backdrop set backdrop=beach.jpg mirror=on      the same for any setting
  backdrop status                                what it does now
  backdrop setup                                 set up the virtual camera; --undo takes it back
  backdrop devices                               which cameras and virtual cameras there are
  backdrop doctor                                what is wrong on this computer, and what mends it

`backdrop COMMAND --help` explains every option. Frames never leave this computer.
""")
# What argparse says of its own accord.
ARGPARSE = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ").rstrip(".")
        self.exit(2, _("{message}. Try `{prog} --help`.\n", message=message, prog=self.prog))


def build_parser() -> argparse.ArgumentParser:
    """The command line: its options for settings derive from the table of settings."""
    parser = Parser(
        prog="backdrop",
        description=_(
            "Replaces what is behind you on a webcam, live. Without a command: the window, or, where "
            "there is no display, the same as run."
        ),
        epilog=_(EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action="version",
        help=_("show program's version number and exit"),
        version="\n".join(this_copy.lines()),
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def command(name: str, what: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False
        )
        sub.add_argument(
            "--verbose", action="store_true", help=_("Say more, and show where an error came from.")
        )
        return sub

    run = command("run", _("run without a window, from a camera to a virtual camera or a video file"))
    _add_settings(run)
    control_command.add_name(run)
    _add_overwrite(run)
    run.add_argument("--seconds", type=_seconds, metavar="N", help=_("Stop after so many seconds."))
    gui = command("gui", _("open the window, or bring the one that is open to the front"))
    _add_settings(gui)
    gui.add_argument(
        "--in-tray",
        action="store_true",
        help=_(
            "Start in the tray, with the virtual camera on and the camera closed until a program uses it."
        ),
    )
    control_command.add_name(gui)
    video = command("video", _("put another backdrop into a video, every frame and its sound kept"))
    video.add_argument("source", metavar="IN", type=Path, help=_("The video to read."))
    video.add_argument(
        "target", metavar="OUT", type=Path, help=_("The video to write: .mp4, .mov, .mkv or .webm.")
    )
    _add_overwrite(video)
    _add_settings(video, without=("camera", "width", "height", "fps", "output", "timing", "cpu_budget"))
    bench = command("bench", _("measure what Backdrop costs on this computer; no camera is needed"))
    bench_options.add_options(bench, _seconds)
    control_command.add_options(
        status=command("status", _("what the running Backdrop does")),
        toggle=command("toggle", _("switch something of the running Backdrop on or off")),
        set_=command("set", _("change settings of the running Backdrop")),
        others=(
            command("show", _("bring the window of the running Backdrop to the front")),
            command("quit", _("end the running Backdrop")),
        ),
    )
    command("devices", _("list cameras and virtual cameras"))
    _add_doctor(command("doctor", _("find what keeps Backdrop from working here, and what mends it")))
    setup = command("setup", _("set up the virtual camera's driver, after showing what that does (Linux)"))
    setup.add_argument("--undo", action="store_true", help=_("Take back all that setup did."))
    setup.add_argument(
        "--yes", action="store_true", help=_("Do it without asking; the system asks for a password.")
    )
    desktop = command("install-desktop", _("put Backdrop among the desktop's applications (Linux)"))
    desktop.add_argument("--remove", action="store_true", help=_("Take away what it put there."))
    return parser


def _add_settings(parser: argparse.ArgumentParser, without: tuple[str, ...] = ()) -> None:
    parser.add_argument("--backdrop", metavar="WHAT", default=argparse.SUPPRESS, help=_(BACKDROP_HELP))
    add_arguments(parser, tuple(name for name in NAMES if name != "backdrop" and name not in without))


def _add_overwrite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help=_("Replace the video file that is there; otherwise a new one is numbered, as talk-2.mp4."),
    )


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", action="store_true", help=_("Print JSON, for support; it does not name the user."))
    add("--try-camera", nargs="?", const="", metavar="CAMERA",
        help=_("Open a camera, too, to see its rate and light: the one in the settings or the first, or this one."))  # fmt: skip


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise argparse.ArgumentTypeError(_("{text} is no number of seconds above 0", text=text))
    return seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 it could not be, 2 usage error, 3 the video is damaged."""
    keep_streams_open()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × or → shows a question mark
    choose_language()
    wanted = list(sys.argv[1:] if argv is None else argv)
    alone = not wanted or (wanted[0].startswith("-") and wanted[0] not in ("-h", "--help", "--version"))
    if alone:
        wanted = ["gui" if has_display() else "run", *wanted]
    arguments = build_parser().parse_args(wanted)
    crashes = CrashReports(start_logging(arguments.verbose))
    if arguments.command not in ("gui", "run"):
        leave.heed_no_longer()
    if arguments.command in ("gui", "run", "video"):
        outlive_the_terminal()
        crashes.watch()
        atexit.register(crashes.ended)
    if alone and arguments.command == "run" and platforms(os.environ):
        say(_("No display answers here, so Backdrop runs without a window."), error=True)
    try:
        status = _dispatch(arguments, need_output=not alone)
        if arguments.command not in ("gui", "run", "video"):
            sys.stdout.flush()  # what was asked for has been said only now
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
            if error.errno != errno.EPIPE:  # the reader of a pipe, such as head, has had enough
                say(
                    _("What Backdrop has to say cannot be written: {reason}.", reason=error.strerror),
                    error=True,
                )
            return 1
        from backdrop.bench.cases import BenchError
        from backdrop.system.desktop_entry import InstallError
        from sinet_core import SegmenterError

        known = isinstance(error, SegmenterError | BenchError | InstallError)
        sentence = str(error) if known else _unexpected(error, crashes.write(error))
        return _failed(sentence, arguments.verbose)


def choose_language() -> None:
    """Speak as the settings say, argparse included."""
    speak(load_settings(settings_path())[0].language)
    # It looks its words up under these names of its own, and has no other place for a catalogue.
    vars(argparse).update(_=_, ngettext=ngettext)


def _unexpected(error: Exception, report: Path | None) -> str:
    if report is None:
        return _("Something went wrong, and --verbose shows where: {reason}", reason=f"{error!r}")
    return _(
        "Something went wrong: {reason}. {report} has more, as has --verbose.",
        reason=f"{error!r}",
        report=report,
    )


def _failed(sentence: str, verbose: bool) -> int:
    if verbose:
        logging.exception("Where it came from")
    say(sentence, error=True)
    return 1


def _dispatch(arguments: argparse.Namespace, *, need_output: bool) -> int:
    if arguments.command == "devices":
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
    """Let OpenCV not share a frame out among the cores: that is no faster, costs more, and takes them from the call."""
    import cv2

    cv2.setNumThreads(1)


def _open_window(arguments: argparse.Namespace) -> int:
    saved, notices = load_settings(settings_path())
    for notice in notices:
        say(notice, error=True)
    settings = read_settings(arguments, saved)
    given = {name: value for name, value in vars(arguments).items() if name in NAMES}
    if not has_display():
        raise OutputError(_("No display answers here: use `backdrop run`, which needs none."))
    from backdrop.control.single import begin

    beginning = begin(arguments.instance)
    if beginning.shown:
        say(_("Backdrop is running already: its window has been brought to the front."))
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
                "The window cannot start ({reason}): install what is missing, or use `backdrop run`.",
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


def list_devices() -> int:
    """Print the cameras and the virtual cameras, each with what to give to --camera and --output."""
    from backdrop.outputs.pipewire import is_available
    from backdrop.outputs.virtual_camera import INSTALL, list_virtual_cameras

    print(_("Cameras (for --camera):"))
    for each in list_cameras():
        print(f"  {each.spec:<14} {each.name}")
    print(_("Virtual cameras (for --output):"))
    found = list_virtual_cameras()
    for info in found:
        print(f"  {info.spec:<14} {info.name}")
    if not found:
        print(_("  none: {how}", how=_(INSTALL.get(sys.platform, INSTALL["linux"]))))
    if is_available():
        print(
            "  {:<14} {}".format(
                "pipewire", _("Backdrop, for applications that use PipeWire; it needs no driver")
            )
        )
    return 0


if __name__ == "__main__":
    leave.heed_signals()
    leave.run(main)
