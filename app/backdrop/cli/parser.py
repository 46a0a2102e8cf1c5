"""The command line: its commands, their options, and what --help says."""

import argparse
from pathlib import Path
from typing import NoReturn

from backdrop.bench import options as bench_options
from backdrop.cli import control as control_command
from backdrop.language import N_, _
from backdrop.settings.arguments import add_arguments
from backdrop.settings.settings import NAMES
from backdrop.system import this_copy

BACKDROP_HELP = N_(
    "What to show behind you: none, blur, picture, colour, transparent, a picture or video file, "
    "the name of a built-in picture, or a colour as #rrggbb. none turns the effect off and shows "
    "your room."
)
EXAMPLES = N_("""\
examples:
  backdrop                                       open the window
  backdrop run --backdrop blur                   from the first camera to the first virtual camera
  backdrop run --camera 0 --backdrop beach.jpg --output /dev/video10
  backdrop run --output pipewire                 a camera for PipeWire applications (needs no driver)
  backdrop run --camera demo --backdrop picture --output out.mp4 --seconds 5
  backdrop run --camera demo --output null --seconds 10      try it without a camera
  backdrop video talk.mp4 talk-blurred.mp4 --blur-strength 80
  backdrop bench --size 720p --backdrop blur     measure how fast it is on this computer
  backdrop toggle blur                           control the running Backdrop; assign this to a key
  backdrop set backdrop=beach.jpg mirror=on      change any of its settings
  backdrop preset Work                           use a preset; add --save to save one
  backdrop status                                show what it is doing
  backdrop setup                                 set up the virtual camera; --undo removes it
  backdrop devices                               list cameras and virtual cameras
  backdrop doctor                                find problems and show how to fix them

`backdrop COMMAND --help` explains every option. Frames never leave this computer.
""")
# Texts of argparse itself.
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
    """Reports a usage error in one line and exits with 2."""

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ").rstrip(".")
        self.exit(2, _("{message}. Try `{prog} --help`.\n", message=message, prog=self.prog))


def build_parser() -> argparse.ArgumentParser:
    """The whole command line. The options for settings come from the table of settings."""
    parser = Parser(
        prog="backdrop",
        description=_(
            "Replaces what is behind you on a webcam, live. Without a command it opens the window or, if "
            "there is no display, does the same as run."
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
            "--verbose", action="store_true", help=_("Print log messages, and show where an error came from.")
        )
        return sub

    run = command("run", _("run without a window, from a camera to a virtual camera or a video file"))
    _add_settings(run)
    control_command.add_name(run)
    _add_overwrite(run)
    run.add_argument("--seconds", type=_seconds, metavar="N", help=_("Stop after N seconds."))
    gui = command("gui", _("open the window, or bring it to the front if it is already open"))
    _add_settings(gui)
    in_tray = _(
        "Start in the tray, with the virtual camera on and the camera closed until a program uses it."
    )
    gui.add_argument("--in-tray", action="store_true", help=in_tray)
    control_command.add_name(gui)
    video = command("video", _("replace the background of a video file, keeping every frame and the sound"))
    video.add_argument("source", metavar="IN", type=Path, help=_("The video to read."))
    video.add_argument(
        "target", metavar="OUT", type=Path, help=_("The video to write: .mp4, .mov, .mkv or .webm.")
    )
    _add_overwrite(video)
    live = ("camera", "width", "height", "fps", "output", "timing", "cpu_budget", "on_demand")
    _add_settings(video, without=(*live, "hide_text", "hide_picture"))
    bench = command("bench", _("measure how fast Backdrop is on this computer (needs no camera)"))
    bench_options.add_options(bench, _seconds)
    control_command.add_options(
        status=command("status", _("show what the running Backdrop is doing")),
        toggle=command("toggle", _("turn a feature of the running Backdrop on or off")),
        set_=command("set", _("change settings of the running Backdrop")),
        preset=command("preset", _("list presets, or use, save or change one in the running Backdrop")),
        others=(
            command("snapshot", _("save what others see as a new picture")),
            command("show", _("bring the window of the running Backdrop to the front")),
            command("quit", _("quit the running Backdrop")),
        ),
    )
    command("devices", _("list cameras and virtual cameras"))
    _add_doctor(command("doctor", _("find problems and show how to fix them")))
    setup = command("setup", _("set up the virtual camera driver, after showing what will be done (Linux)"))
    setup.add_argument("--undo", action="store_true", help=_("Undo everything that setup did."))
    setup.add_argument(
        "--yes",
        action="store_true",
        help=_("Do not ask for confirmation. The system still asks for a password."),
    )
    desktop = command("install-desktop", _("add Backdrop to the desktop's application menu (Linux)"))
    desktop.add_argument("--remove", action="store_true", help=_("Remove it from there again."))
    return parser


def _add_settings(parser: argparse.ArgumentParser, without: tuple[str, ...] = ()) -> None:
    parser.add_argument("--backdrop", metavar="WHAT", default=argparse.SUPPRESS, help=_(BACKDROP_HELP))
    add_arguments(parser, tuple(name for name in NAMES if name != "backdrop" and name not in without))


def _add_overwrite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help=_("Replace an existing video file. Otherwise the new file gets a number, as in talk-2.mp4."),
    )


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help=_("Print JSON for support. It does not contain your name.")
    )
    tried = _(
        "Also open a camera to test its rate and light: CAMERA, else the one in the settings, else the first."
    )
    parser.add_argument("--try-camera", nargs="?", const="", metavar="CAMERA", help=tried)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise argparse.ArgumentTypeError(_("{text} is not a number of seconds above 0", text=text))
    return seconds
