"""The command line: its commands, their options, and what --help says."""

import argparse
from pathlib import Path
from typing import NoReturn

from backdrop import __version__
from backdrop.bench import options as bench_options
from backdrop.control import command as control_command
from backdrop.language import N_, _
from backdrop.settings.arguments import add_arguments
from backdrop.settings.settings import NAMES

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
        version=f"Backdrop {__version__}",
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
