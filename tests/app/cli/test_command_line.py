import os
import re
import signal
import subprocess
import sys
from hashlib import sha256

import pytest

from backdrop import __version__
from backdrop.backdrops.arguments import read_settings
from backdrop.backdrops.picture import built_in_pictures
from backdrop.cameras.video_file import VideoFile
from backdrop.cli.parser import build_parser
from backdrop.settings.settings import Settings, SettingsError
from tests import ROOT
from tests.line_ends import LONG
from tests.videos import greys, write_video
from tests.waiting import wait_until

NO_DISPLAY = {
    name: value
    for name, value in os.environ.items()
    if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
}
SMALL = ("--camera", "demo", "--width", "160", "--height", "90")


def backdrop(*arguments, cwd, timeout=2 * LONG):
    """Run the real command, outside the checkout and without a display."""
    command = [sys.executable, "-m", "backdrop", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=NO_DISPLAY, capture_output=True, text=True, timeout=timeout)


def live(*arguments, cwd):
    """Start it, to be stopped."""
    command = [sys.executable, "-m", "backdrop", *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, env=NO_DISPLAY, text=True, stdout=-1, stderr=-1)


def asked(*arguments, start=None):
    return read_settings(build_parser().parse_args(["run", *arguments]), start or Settings())


@pytest.mark.parametrize("kind", ["none", "blur", "picture", "colour"])
def test_backdrop_takes_the_kinds(kind):
    assert asked("--backdrop", kind).backdrop == kind


def test_backdrop_takes_a_colour():
    settings = asked("--backdrop", "#10A0ff")
    assert (settings.backdrop, settings.colour) == ("colour", "#10A0ff")


def test_backdrop_takes_the_name_of_a_built_in_picture():
    name = built_in_pictures()[-1].stem
    settings = asked("--backdrop", name)
    assert (settings.backdrop, settings.picture) == ("picture", name)


def test_backdrop_takes_a_picture_file_wherever_the_program_goes_later(tmp_path, monkeypatch):
    (tmp_path / "beach.jpg").write_bytes(built_in_pictures()[0].read_bytes())
    monkeypatch.chdir(tmp_path)
    settings = asked("--backdrop", "beach.jpg")
    assert (settings.backdrop, settings.picture) == ("picture", str(tmp_path / "beach.jpg"))


def test_naming_a_picture_a_colour_or_a_strength_chooses_that_backdrop():
    name = built_in_pictures()[0].stem
    assert asked("--picture", name).backdrop == "picture"
    assert asked("--colour", "#102030").backdrop == "colour"
    assert asked("--blur-strength", "10", start=Settings(backdrop="none")).backdrop == "blur"
    assert asked("--backdrop", "none", "--picture", name).backdrop == "none"


def test_what_is_not_given_stays_as_it_was():
    start = Settings(camera="demo", mirror=True, colour="#010203", backdrop="colour")
    assert asked(start=start) == start
    assert not asked("--no-mirror", start=start).mirror


@pytest.mark.parametrize("given", ["nowhere.jpg", "#12345", "Blur", ""])
def test_what_is_no_backdrop_is_named_with_what_would_be_one(given):
    with pytest.raises(
        SettingsError,
        match=r"^There is no picture .*: use none, blur, picture, colour, transparent, #rrggbb",
    ):
        asked("--backdrop", given)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--blur-strength", "900"], "--blur-strength: .* from 0 to 100, not 900"),
        (["run", "--fps", "fast"], "--fps: .* whole number"),
        (["run", "--colour", "red"], "--colour: .* like #3b5b7a"),
        (["run", "--seconds", "-3"], "--seconds: -3 is not a number of seconds above 0"),
        (["run", "--seconds", "nan"], "--seconds: nan is not a number"),
        (["run", "--backdrop", "nowhere.jpg"], "There is no picture nowhere.jpg"),
        (["run", "--nonsense"], "nrecognized arguments: --nonsense"),
        (["runn"], "'runn'"),
        (["video", "only-one.mp4"], "OUT"),
        (["video", "a.mp4", "b.mp4", "--camera", "0"], "nrecognized arguments: --camera"),
    ],
)
def test_bad_arguments_get_one_line_and_exit_with_2(here, arguments, says):
    ended = here(*arguments)
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1)
    assert re.search(says, ended.stderr)


def test_version_and_help_are_for_people(here):
    version, help = here("--version"), here("--help")
    assert version.returncode == help.returncode == 0
    said = version.stdout.splitlines()
    assert said[0] == f"Backdrop {__version__}"
    assert said[1].startswith("Licence: MIT")
    network = (ROOT / "weights" / "sinet.onnx").read_bytes()
    assert said[2] == f"Neural network: SINet, weights {sha256(network).hexdigest()[:12]}"
    for word in ("run", "gui", "video", "devices", "examples:", "--camera demo"):
        assert word in help.stdout


def test_the_examples_in_the_help_are_right():
    lines = re.findall(r"^  backdrop (\S.*?)(?:   .*)?$", build_parser().epilog or "", re.MULTILINE)
    assert len(lines) >= 6
    for line in lines:
        build_parser().parse_args(line.split())


def test_a_video_has_no_options_that_only_a_call_uses(capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["video", "--help"])
    said = capsys.readouterr().out
    assert "--blur-strength" in said
    assert not [option for option in ("--hide-text", "--hide-picture", "--on-demand") if option in said]


def test_devices_lists_the_demo_camera_and_every_virtual_camera(here):
    ended = here("devices")
    assert ended.returncode == 0
    assert re.search(r"^  demo +Demo camera$", ended.stdout, re.MULTILINE)
    assert "Virtual cameras" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "--camera", "nowhere.mp4", "--output", "null"), "nowhere.mp4"),
        (("run", "--camera", "demo", "--output", "/dev/video99"), "/dev/video99"),
        (("gui",), "No display found. Use `backdrop run`"),
    ],
)
def test_a_camera_an_output_and_a_display_that_are_not_there_are_one_line_and_exit_1(here, arguments, says):
    ended = here(*arguments)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert says in ended.stderr


def test_a_file_of_the_demo_has_every_frame(tmp_path):
    ended = backdrop(
        *("run", "--camera", "demo", "--width", 320, "--height", 180, "--backdrop", "picture"),
        *("--output", "out.mp4", "--seconds", 2),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    assert "placeholder" not in ended.stderr, "every frame is a composite"
    assert ended.stdout.startswith("60 frames in ")
    video = VideoFile(tmp_path / "out.mp4", paced=False)
    assert (video.frames, video.fps, video.size) == (60, 30, (320, 180))


@pytest.mark.parametrize(
    ("arguments", "says", "number"),
    [
        (("run", *SMALL, "--output", "null"), "Demo camera, 160 × 90 at 30 fps → nowhere.", signal.SIGINT),
        # No command, and no display for a window.
        (SMALL, "Demo camera, 160 × 90 at 30 fps", signal.SIGTERM),
    ],
)
def test_a_live_run_says_its_rates_every_second_until_a_signal_ends_it(tmp_path, arguments, says, number):
    with live(*arguments, cwd=tmp_path) as process:
        assert process.stdout.readline().startswith(says)
        rates = "camera [\\d.]+ fps, processing ([\\d.]+) fps, output [\\d.]+ fps .* dropped( ·|$)"
        told = [re.search(rates, process.stdout.readline()) for _second in range(2)]
        while told[-1] and float(told[-1][1]) == 0:  # as yet, where the computer is busy
            told.append(re.search(rates, process.stdout.readline()))
        assert all(told)
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert int(re.search(r"^(\d+) frames in ", out.splitlines()[-1])[1]) > 0


def test_a_video_file_as_camera_ends_the_run_when_it_ends(tmp_path):
    write_video(tmp_path / "a.mp4", greys(30))
    ended = backdrop("run", "--camera", "a.mp4", "--output", "null", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout.splitlines()[-1].split()[0]) > 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_recording_cleanly(tmp_path, number):
    path = tmp_path / "out.mp4"
    with live("run", *SMALL, "--output", path, cwd=tmp_path) as process:
        try:
            wait_until(lambda: process.poll() is not None or (path.exists() and path.stat().st_size))
            process.send_signal(number)
            out, err = process.communicate(timeout=LONG)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert VideoFile(path, paced=False).frames == int(re.search(r"^(\d+) frames in ", out)[1])


def test_an_unexpected_error_is_one_line_that_names_its_report_and_verbose_has_the_traceback(tmp_path):
    code = "import backdrop.__main__, sys; from backdrop.cli import headless; headless.run = None; "
    code += "sys.exit(backdrop.__main__.main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "run", "--camera", "demo", "--output", "null"]
    mine = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    quiet = subprocess.run(command, cwd=tmp_path, env=mine, capture_output=True, text=True, timeout=2 * LONG)
    assert (quiet.returncode, len(quiet.stderr.splitlines())) == (1, 1)
    (report,) = (tmp_path / "backdrop").glob("crash-*.txt")
    assert str(report) in quiet.stderr
    assert "TypeError" in report.read_text()
    loud = subprocess.run(
        [*command, "--verbose"], cwd=tmp_path, env=mine, capture_output=True, text=True, timeout=2 * LONG
    )
    assert loud.returncode == 1
    assert "Traceback" in loud.stderr
