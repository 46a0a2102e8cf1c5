"""The doctor on software, display and settings, its report, and the real command on this computer."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backdrop.doctor import Finding
from backdrop.doctor.compiled import examine_compiled, judge_compiled
from backdrop.doctor.display import Screen, install, judge_plugins, judge_screen, missing_libraries, screen_of
from backdrop.doctor.report import as_json, as_text, without_home
from backdrop.doctor.saved import examine_saved, judge_saved, obstacle
from backdrop.doctor.software import (
    CLASHES,
    NEEDED,
    examine_network,
    judge_network,
    judge_packages,
    judge_runtime,
    read_versions,
)
from backdrop.settings.file import save_settings
from backdrop.settings.settings import Settings
from sinet_core import native
from sinet_core.segmenter import shipped_weights
from tests import ROOT
from tests.toy_network import write_toy_network

STATES = {"ok", "advice", "fault"}


def only(findings):
    (finding,) = findings
    return finding


# Software


def test_packages_that_are_all_there_are_named_with_their_versions():
    finding = only(judge_packages(read_versions([*NEEDED, *CLASHES]), {}))
    assert finding.state == "ok"
    assert all(name in finding.sentence for name in NEEDED)


def test_a_package_that_does_not_load_is_installed_again():
    broken = {"onnxruntime": "ImportError: libgomp.so.1: cannot open shared object file"}
    finding = only(judge_packages({"onnxruntime": "1.32.0"}, broken))
    assert finding.state == "fault"
    assert finding.command.endswith(" -m pip install --force-reinstall onnxruntime")
    assert "libgomp.so.1" in finding.sentence


def test_an_opencv_with_a_qt_of_its_own_is_advised_against():
    finding = only(judge_packages({"opencv-python-headless": "4.12.0", "opencv-python": "4.12.0"}, {}))
    assert finding.state == "advice"
    assert "uninstall --yes opencv-python " in finding.command


def test_onnx_runtime_without_the_processor_is_a_fault():
    assert judge_runtime("1.32.0", ["AzureExecutionProvider", "CPUExecutionProvider"]).state == "ok"
    assert judge_runtime("1.32.0", ["TensorrtExecutionProvider"]).state == "fault"


@pytest.mark.parametrize(
    ("why_not", "install", "state", "says", "command"),
    [
        ("", "", "ok", "active", ""),
        ("off", "", "advice", "BACKDROP_NATIVE", "unset BACKDROP_NATIVE"),
        ("missing", "", "advice", "not compiled on this computer", "python build.py"),
        (
            "missing",
            "sudo apt install gcc libc6-dev",
            "advice",
            "not compiled",
            "sudo apt install gcc libc6-dev && python build.py",
        ),
        ("missing", None, "advice", "not compiled on this computer", ""),
        ("old", "", "advice", "another version", "python build.py"),
    ],
)
def test_the_compiled_part_is_told_to_be_there_or_how_to_get_it(why_not, install, state, says, command):
    finding = judge_compiled(why_not, ["python", "build.py"], install, {})
    assert (finding.state, finding.command) == (state, command)
    assert says in finding.sentence
    assert judge_compiled("missing", [], "", {}).command == "", "its sources are not there"


def test_the_compiled_part_of_this_installation_is_examined():
    assert (only(examine_compiled()).state == "ok") == (native.library is not None)


@pytest.mark.parametrize(
    ("agreement", "line", "state", "says"),
    [
        (0.97, 12.3, "ok", "12.3 ms per frame at 1280 × 720, 4.0 ms of it for the network"),
        (0.97, 40.0, "advice", "Too slow for 30 fps right now"),
        (0.31, 12.3, "fault", "does not find the person in the demo (IoU 0.31)"),
    ],
)
def test_the_network_is_judged_by_what_it_finds_and_how_fast(agreement, line, state, says):
    finding = judge_network(agreement, line, 4.0, Settings())
    assert finding.state == state
    assert says in finding.sentence


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("everyone", "does not find the person in the demo"),
        ("nan", "which are no alpha. Restore the file."),
        ("damaged", "not an ONNX file that can be loaded"),
        ("missing", "there is no such file. Restore the file."),
    ],
)
def test_a_network_that_is_not_ours_is_a_fault_that_says_why(tmp_path, kind, says):
    path = tmp_path / "sinet.onnx"
    if kind == "damaged":
        path.write_bytes(b"not a network")
    elif kind != "missing":
        write_toy_network(path, kind)
    finding = only(examine_network(Settings(width=160, height=96), seconds=0, network=path))
    assert finding.state == "fault"
    assert says in finding.sentence
    if (ROOT / ".git").exists():
        assert finding.command.endswith(f" checkout -- weights/{shipped_weights().name}")


# Display


@pytest.mark.parametrize(
    ("environ", "kind", "socket"),
    [
        ({}, "", ""),
        ({"DISPLAY": ""}, "", ""),
        ({"DISPLAY": ":0"}, "x11", "/tmp/.X11-unix/X0"),
        ({"DISPLAY": ":1.0"}, "x11", "/tmp/.X11-unix/X1"),
        ({"DISPLAY": "localhost:10.0"}, "x11", ""),
        (
            {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1000"},
            "wayland",
            "/run/user/1000/wayland-0",
        ),
        ({"WAYLAND_DISPLAY": "/run/w"}, "wayland", "/run/w"),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "other", ""),
    ],
)
def test_the_display_is_the_one_that_qt_would_take(environ, kind, socket):
    screen = screen_of(environ)
    assert (screen.kind, screen.socket) == (kind, socket)


def test_no_display_is_advice_and_one_that_does_not_answer_a_fault():
    assert judge_screen(Screen(""), True).state == "advice"
    finding = judge_screen(Screen("x11", "DISPLAY=:0", "/tmp/.X11-unix/X0"), False)
    assert (finding.state, finding.command) == ("fault", "backdrop run")
    assert judge_screen(Screen("x11", "DISPLAY=:0"), True).state == "ok"


LDD = """\
\tlinux-vdso.so.1 (0x00007f4e914c7000)
\tlibQt6XcbQpa.so.6 => /opt/PySide6/Qt/plugins/platforms/../../lib/libQt6XcbQpa.so.6 (0x00007f4e9135f000)
\tlibxcb-cursor.so.0 => not found
\tlibxkbcommon-x11.so.0 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f4e90800000)
\tlibxcb-cursor.so.0 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f4e914c9000)
"""
X11 = Screen("x11", "DISPLAY=:0")


def test_missing_libraries_are_read_from_ldd():
    assert missing_libraries(LDD) == ["libxcb-cursor.so.0", "libxkbcommon-x11.so.0"]
    assert missing_libraries("not a dynamic executable") == []


def test_libraries_that_the_window_needs_are_installed_by_the_means_of_that_linux():
    finding = judge_plugins({"x11": LDD, "wayland": ""}, X11, "ID=ubuntu\nID_LIKE=debian\n")
    assert (finding.state, finding.command) == (
        "fault",
        "sudo apt install libxcb-cursor0 libxkbcommon-x11-0",
    )
    assert install(["libxcb-cursor.so.0"], "fedora").startswith("sudo dnf install 'libxcb-cursor.so.0()")


def test_libraries_of_another_kind_of_display_are_not_asked_for():
    assert (
        judge_plugins({"x11": LDD, "wayland": "\tlibc.so.6 => /lib/libc.so.6"}, Screen("wayland"), "").state
        == "ok"
    )
    assert judge_plugins({"x11": LDD}, Screen(""), "").state == "advice", (
        "nobody can open a window there anyway"
    )


def test_qt_that_is_not_installed_is_a_fault():
    assert judge_plugins(None, X11, "").state == "fault"


def test_a_computer_without_ldd_is_not_said_to_have_all_libraries():
    finding = judge_plugins({"x11": ""}, X11, "")
    assert (finding.state, "cannot be checked" in finding.sentence) == ("ok", True)


# Settings


def test_settings_that_were_saved_are_valid(tmp_path):
    path = tmp_path / "backdrop" / "settings.json"
    assert "No settings saved yet" in only(examine_saved(path)).sentence
    save_settings(Settings(backdrop="picture"), path)
    finding = only(examine_saved(path))
    assert (finding.state, "is valid" in finding.sentence) == ("ok", True)


def test_settings_that_are_damaged_say_what_is_wrong_and_are_put_aside(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"fps": "many"}')
    finding = only(examine_saved(path))
    assert finding.state == "advice"
    assert "Frame rate (fps) must be a whole number" in finding.sentence
    subprocess.run(finding.command, shell=True, check=True)
    assert only(examine_saved(path)).state == "ok"


def test_settings_that_name_what_is_gone_say_so(tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(camera="/dev/video99", picture=str(tmp_path / "beach.jpg")), path)
    finding = only(examine_saved(path))
    assert finding.state == "advice"
    assert finding.details["missing"] == ["the camera /dev/video99", f"the picture {tmp_path / 'beach.jpg'}"]


def test_a_folder_that_may_not_be_written_to_is_opened_by_the_command(unprivileged):
    folder = unprivileged / "my settings"
    folder.mkdir(mode=0o500)
    finding = only(examine_saved(folder / "settings.json"))
    assert finding.state == "fault"
    subprocess.run(finding.command, shell=True, check=True)
    assert only(examine_saved(folder / "settings.json")).state == "ok"


def test_settings_that_cannot_be_saved_are_a_fault(tmp_path):
    (tmp_path / "backdrop").write_text("a file where the folder should be")
    path = tmp_path / "backdrop" / "settings.json"
    assert obstacle(path) == (f"{tmp_path / 'backdrop'} is a file, not a folder", "")
    assert judge_saved(path, False, [], [], obstacle(path)).state == "fault"


# The report


FINDINGS = [
    Finding(
        "Camera",
        "fault",
        "HD Webcam is held.",
        "fuser /dev/video0",
        {"file": "/home/ada/x.json", "who": ["a"]},
    ),
    Finding("Settings", "ok", "/home/ada/.config/backdrop/settings.json is valid."),
    Finding("Display", "advice", "There is none.", "backdrop run"),
]


def test_the_text_names_each_finding_its_command_and_the_sum():
    text = as_text(FINDINGS, Path("/home/ada"))
    assert "✗ Camera    HD Webcam is held.\n            → fuser /dev/video0\n" in text
    assert "✓ Settings  ~/.config/backdrop/settings.json is valid." in text
    assert text.endswith("\n1 problem, 1 suggestion.")
    assert as_text(FINDINGS[1:2]).endswith("No problems.")


def test_a_terminal_without_signs_gets_words():
    text = as_text(FINDINGS, Path("/home/ada"), marks=False)
    assert "PROBLEM    Camera    HD Webcam is held." in text
    assert text.isascii()


def test_the_json_says_everything_and_no_users_name():
    text = as_json(FINDINGS, Path("/home/ada"))
    report = json.loads(text)
    assert "/ada" not in text  # alone, it is in the name of a graphics card
    assert report["ok"] is False
    assert [each["state"] for each in report["findings"]] == ["fault", "ok", "advice"]
    assert report["findings"][0]["details"] == {"file": "~/x.json", "who": ["a"]}
    assert report["machine"]["packages"]["numpy"]


@pytest.mark.parametrize(
    ("text", "home", "safe"),
    [
        ("/home/ada/a /home/ada", "/home/ada", "~/a ~"),
        ("/home/adam/a", "/home/ada", "~/a"),
        ("/root/a /rootfs/b", "/root", "~/a /rootfs/b"),
        ("/usr/lib /etc", "/", "/usr/lib /etc"),
        ("/Users/ada/Library", "/root", "~/Library"),
        (r"C:\Users\ada\AppData", "/root", r"~\AppData"),
        ("/srv/people/ada/x", "/srv/people/ada", "~/x"),
    ],
)
def test_home_folders_are_written_as_tildes(text, home, safe):
    assert without_home(text, Path(home)) == safe


# The real command, on this computer


def doctor(*arguments, cwd, **environ):
    command = [sys.executable, "-m", "backdrop", "doctor", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environ, capture_output=True, text=True, timeout=600, check=False
    )


def test_the_command_tells_this_computer_in_json(tmp_path):
    home = tmp_path / "ada-lovelace"
    (home / ".config").mkdir(parents=True)
    done = doctor("--json", cwd=home, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"))
    assert done.stderr == ""
    report = json.loads(done.stdout)
    examined = {each["examined"]: each for each in report["findings"]}
    assert {each["state"] for each in report["findings"]} <= STATES
    assert (examined["ONNX Runtime"]["state"], examined["Packages"]["state"]) == ("ok", "ok")
    assert examined["Neural network"]["state"] in ("ok", "advice"), "advice where this computer is busy"
    assert examined["Neural network"]["details"]["iou"] > 0.8
    assert examined["Settings"]["details"]["file"] == "~/.config/backdrop/settings.json"
    assert "ada-lovelace" not in done.stdout
    assert all(each["command"] or each["state"] != "advice" for each in report["findings"])
    has_faults = any(each["state"] == "fault" for each in report["findings"])
    assert (report["ok"], done.returncode) == (not has_faults, int(has_faults))
    assert not (home / ".config" / "backdrop").exists(), "the doctor changes nothing"


def test_the_command_tells_a_person_and_tries_a_camera_when_asked(tmp_path):
    done = doctor("--try-camera", "demo", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.stderr == ""
    assert "Camera test" in done.stdout
    # Or, on a busy computer, "gives 1280 × 720 at 9 fps, but …".
    assert re.search(r"Demo camera (works:|gives) 1280 \? 720", done.stdout), done.stdout
    assert done.stdout.startswith("Backdrop ")


def test_what_cannot_be_loaded_is_a_finding_and_the_rest_is_examined(tmp_path):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('libgomp.so.1 is missing')")
    done = doctor(
        "--json", cwd=tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT / "app"), str(ROOT)])
    )
    report = json.loads(done.stdout)
    examined = {each["examined"]: each for each in report["findings"]}
    assert done.returncode == 1
    assert list(examined["Packages"]["details"]["broken"]) == ["onnxruntime"]
    assert examined["Neural network"]["state"] == "fault"
    assert examined["Settings"]["state"] in STATES


OFFLINE = """
import json, sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"the doctor asked the network: {event} {arguments}")
sys.addaudithook(refuse)
from backdrop.doctor import examine
found = examine()
print(len(found), [module for module in sys.modules if module.startswith("PySide6")])
"""


def test_examining_asks_nothing_of_the_network_and_loads_no_qt():
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    count, _, loaded = done.stdout.strip().partition(" ")
    assert int(count) >= 8
    assert loaded == "[]"
