"""The doctor on virtual cameras and cameras, from texts and answers of real computers."""

from dataclasses import replace

import pytest

from backdrop.cameras.formats import CameraFormat, format_of, rate_of
from backdrop.doctor.cameras import FoundCamera, judge_cameras
from backdrop.doctor.driver import LOAD, LOAD_AT_START, Driver, judge_driver
from backdrop.doctor.light import judge_light, try_camera
from backdrop.doctor.loopback import Loopback, judge_loopbacks, reload
from backdrop.doctor.obs import judge_mac, judge_windows
from backdrop.doctor.secure_boot import SecureBoot, is_trusted, refuses_unsigned
from backdrop.doctor.system import Access, access_to, fix_access, is_backdrop
from backdrop.settings.settings import Settings
from backdrop.system.distribution import family
from backdrop.system.probe import bytes_of, said_by, text_of

DEBIAN = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
ID=debian
HOME_URL="https://www.debian.org/"
"""
MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'
TUMBLEWEED = 'NAME="openSUSE Tumbleweed"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n'
KERNEL = "6.1.0-28-amd64"
BUILT = f"/lib/modules/{KERNEL}/updates/dkms/v4l2loopback.ko"
SHIPPED = f"/lib/modules/{KERNEL}/kernel/v4l2loopback/v4l2loopback.ko.zst"
PACKAGE = "/usr/src/v4l2loopback-0.12.7"
MISSING = Driver(KERNEL, DEBIAN)
LOADED = Driver(KERNEL, DEBIAN, files=(BUILT,), sources=(PACKAGE,), loaded=True)


def only(findings):
    (finding,) = findings
    return finding


# The driver


ENROL = "sudo mokutil --import /var/lib/dkms/mok.pub"
TRUSTED = SecureBoot(refuses=True, key="/var/lib/dkms/mok.pub", trusted=True)
OLDER = BUILT.replace(KERNEL, "6.1.0-25-amd64")


@pytest.mark.parametrize(
    ("found", "says", "command"),
    [
        ({}, "is not installed", f"sudo apt install v4l2loopback-dkms linux-headers-$(uname -r) && {LOAD}"),
        ({"files": (BUILT,), "sources": (PACKAGE,)}, "is installed, but not loaded", LOAD),
        (
            {"files": (OLDER,), "sources": (PACKAGE,)},
            f"not built for the running kernel {KERNEL}.",
            f"sudo dkms autoinstall && {LOAD}",
        ),
        (
            {"sources": (PACKAGE,), "headers": False},
            "the kernel headers are missing",
            f"sudo apt install linux-headers-$(uname -r) && sudo dkms autoinstall && {LOAD}",
        ),
        ({"files": (BUILT,), "secure_boot": replace(TRUSTED, trusted=False)}, "Secure Boot blocks", ENROL),
        (
            {"files": (BUILT,), "secure_boot": SecureBoot(refuses=True)},
            "Secure Boot blocks",
            "sudo apt install --reinstall v4l2loopback-dkms",
        ),
        ({"files": (BUILT,), "secure_boot": TRUSTED}, "not loaded", LOAD),
        ({"files": (SHIPPED,), "secure_boot": SecureBoot(refuses=True)}, "not loaded", LOAD),
        ({"modules": None}, "container", ""),
        ({"kernel": "5.15.153.1-microsoft-standard-WSL2"}, "in Windows itself", ""),
    ],
)
def test_a_driver_that_is_not_loaded_is_said_to_be_with_what_is_lacking(found, says, command):
    finding = only(judge_driver(replace(MISSING, **found)))
    assert (finding.state, finding.command) == ("fault", command)
    assert says in finding.sentence
    if OLDER in found.get("files", ()):
        assert finding.details["built for"] == ["6.1.0-25-amd64"]


@pytest.mark.parametrize(
    ("os_release", "begins"),
    [
        (DEBIAN, "sudo apt install "),
        (MINT, "sudo apt install "),
        (TUMBLEWEED, "sudo zypper install "),
        ("ID=fedora\n", "sudo dnf install "),
        ("ID=endeavouros\nID_LIKE=arch\n", "sudo pacman -S "),
        ("ID=void\n", "git clone "),
        ("", "git clone "),
    ],
)
def test_every_linux_gets_a_command(os_release, begins):
    command = only(judge_driver(replace(MISSING, os_release=os_release))).command
    assert command.startswith(begins)
    assert command.endswith(LOAD)


def test_a_linux_that_nobody_knows_is_of_no_family():
    assert family("# nothing\nNAME='Some Linux'\n") == ""


SECURE_BOOT_ON, SECURE_BOOT_OFF = b"\x06\0\0\0\x01", b"\x06\0\0\0\0"


@pytest.mark.parametrize(
    ("variable", "state", "lockdown", "refuses"),
    [
        (SECURE_BOOT_ON, "SecureBoot enabled", "none [integrity] confidentiality", True),
        (SECURE_BOOT_ON, "", "", True),
        (SECURE_BOOT_OFF, "SecureBoot disabled", "[none] integrity confidentiality", False),
        (SECURE_BOOT_ON, "SecureBoot enabled\nSecureBoot validation is disabled in shim", "", False),
        (None, "EFI variables are not supported on this system", "", False),
        (None, "", "none integrity [confidentiality]", True),
        (b"", "", "", False),
    ],
)
def test_secure_boot_is_read_from_what_there_is(variable, state, lockdown, refuses):
    assert refuses_unsigned(variable, state, lockdown) is refuses


@pytest.mark.parametrize(
    ("said", "trusted"),
    [
        ("/var/lib/dkms/mok.pub is already enrolled", True),
        ("/var/lib/dkms/mok.pub is not enrolled", False),
        ("EFI variables are not supported on this system", None),
        ("", None),
    ],
)
def test_whether_a_key_is_enrolled_is_read_from_mokutil(said, trusted):
    assert is_trusted(said) is trusted


@pytest.mark.parametrize(
    ("version", "tells_state", "state", "named"),
    [
        (None, False, "advice", "0.12 or older"),
        ("0.12.7", False, "advice", "0.12.7"),
        ("0.13.2", True, "ok", "0.13.2"),
        ("0.15.0-2-gabc", False, "ok", "0.15.0-2-gabc"),
        (None, True, "ok", "0.13 or newer"),
    ],
)
def test_an_old_driver_is_named(version, tells_state, state, named):
    finding = judge_driver(replace(LOADED, version=version, tells_state=tells_state))[0]
    assert (finding.state, finding.details["version"]) == (state, named)
    assert named in finding.sentence


@pytest.mark.parametrize(
    ("at_start", "options", "state", "says"),
    [
        ("", "", "advice", "not loaded"),
        ("# v4l2loopback\nlp\n", "options v4l2loopback exclusive_caps=1", "advice", "not loaded"),
        ("v4l2loopback\n", "options v4l2loopback devices=1", "advice", "without exclusive_caps=1"),
        ("v4l2loopback", "options v4l2loopback card_label=Backdrop exclusive_caps=1", "ok", "at startup"),
    ],
)
def test_what_comes_after_the_next_start_is_said(at_start, options, state, says):
    finding = judge_driver(replace(LOADED, at_start=at_start, options=options))[-1]
    assert (finding.state, finding.command) == (state, LOAD_AT_START if state == "advice" else "")
    assert says in finding.sentence


def test_what_is_written_to_load_the_driver_at_start_is_what_the_doctor_looks_for():
    wrote = [
        part.partition(" | ")[0].removeprefix("echo ").strip("'") for part in LOAD_AT_START.split(" && ")
    ]
    assert judge_driver(replace(LOADED, at_start=wrote[0], options=wrote[1]))[-1].state == "ok"


# Virtual cameras: what v4l2loopback 0.12.7 answered, with exclusive_caps=1 (Backdrop) and without (Clip)

MAY = Access(allowed=True)
BACKDROP = Loopback("/dev/video10", "Backdrop", captures=False, outputs=True, access=MAY)
FED = replace(BACKDROP, captures=True, outputs=False, format="YU12:642x360@30")
CLIP = Loopback("/dev/video11", "Clip", captures=True, outputs=True, access=MAY)


RELOAD = "sudo modprobe -r v4l2loopback && sudo modprobe v4l2loopback "
ALONE = f"{RELOAD}devices=1 video_nr="


@pytest.mark.parametrize(
    ("devices", "state", "says", "command"),
    [
        ([BACKDROP], "ok", "it is waiting for Backdrop", ""),
        ([replace(FED, holders=("backdrop", "chrome"), ours=True)], "ok", "Backdrop is sending to it", ""),
        (
            [FED],
            "ok",
            "it is waiting for Backdrop",
            "",
        ),  # a dead program left it a camera: Backdrop takes it back
        ([replace(BACKDROP, format=":0x0@30")], "ok", "can be chosen", ""),
        ([replace(FED, holders=("obs",))], "advice", "obs has it open", ""),
        ([CLIP], "fault", "without exclusive_caps=1", f"{ALONE}11 exclusive_caps=1 card_label=Clip"),
        (
            [replace(FED, format="YU12:641x480@30")],
            "fault",
            "odd size, 641 × 480",
            f"{ALONE}10 exclusive_caps=1 card_label=Backdrop",
        ),
        (
            [replace(FED, format="YUYV:640x361@30000/1001")],
            "fault",
            "odd size, 640 × 361",
            f"{ALONE}10 exclusive_caps=1 card_label=Backdrop",
        ),
        ([replace(BACKDROP, outputs=False, holders=("ffmpeg",))], "fault", "not answer. Close ffmpeg", ""),
        ([], "fault", "has no device", f"sudo modprobe -r v4l2loopback && {LOAD}"),
    ],
)
def test_a_virtual_camera_is_judged_by_whether_calls_can_choose_it(devices, state, says, command):
    finding = only(judge_loopbacks(devices))
    assert (finding.state, finding.command) == (state, command)
    assert says in finding.sentence
    if devices:
        assert finding.details["exclusive_caps"] is devices[0].exclusive


def test_beside_one_that_is_well_it_is_advice():
    states = [each.state for each in judge_loopbacks([BACKDROP, CLIP])]
    assert states == ["ok", "advice"]


def test_loading_it_again_keeps_numbers_and_names_in_order_and_lets_no_name_be_a_command():
    odd = replace(CLIP, path="/dev/video2", name="O'Neil; rm -rf $HOME, cam")
    assert reload([BACKDROP, odd]) == (
        "sudo modprobe -r v4l2loopback && sudo modprobe v4l2loopback devices=2 video_nr=2,10 "
        "exclusive_caps=1,1 'card_label=ONeil rm -rf HOME cam,Backdrop'"
    )


def test_a_container_that_was_given_no_device_is_told_so():
    finding = only(judge_loopbacks([], ["video0", "video10"]))
    assert "container" in finding.sentence
    assert "--device /dev/video0 --device /dev/video10" in finding.command


@pytest.mark.parametrize(
    ("access", "says", "command"),
    [
        (Access(False, "video"), "join the group video", "sudo usermod -aG video $USER"),
        (Access(False, "video", waits=True), "Sign out and in again", "newgrp video"),
        (
            Access(False, "root"),
            "only root can use it",
            "sudo chgrp video /dev/video10 && sudo chmod g+rw /dev/video10",
        ),
    ],
)
def test_no_permission_says_how_to_get_it(access, says, command):
    closed = Loopback("/dev/video10", "Backdrop", captures=False, outputs=False, access=access)
    finding = only(judge_loopbacks([closed]))
    assert (finding.state, finding.command) == ("fault", command)
    assert says in finding.sentence
    assert fix_access("/dev/video10", access)[1] == command


# Cameras: what vivid answered to VIDIOC_ENUM_FMT and VIDIOC_ENUM_FRAMEINTERVALS

YUYV = (
    "0000000001000000e00100005955595620343a323a32000000000000000000000000000000000000000000005955595600000000"
    "000000000000000000000000"
)
MJPG = (  # as v4l2loopback answers
    "2600000002000000010000004d6f74696f6e2d4a5045470000000000000000000000000000000000000000004d4a504700000000"
    "000000000000000000000000"
)
TWO_A_SECOND = (
    "010000005955595600050000d0020000010000000100000002000000000000000000000000000000000000000000000000000000"
)


def test_pixel_formats_are_read_from_the_kernels_answer():
    assert format_of(bytes.fromhex(YUYV)) == CameraFormat("YUYV", "YUYV 4:2:2", compressed=False)
    assert format_of(bytes.fromhex(MJPG)) == CameraFormat("MJPG", "Motion-JPEG", compressed=True)


def test_rates_are_read_from_the_kernels_answer():
    assert rate_of(bytes.fromhex(TWO_A_SECOND)) == 2
    assert rate_of(bytes(52)) == 0


def camera(*formats, **rest):
    return FoundCamera("/dev/video0", "HD Webcam", rest.pop("access", MAY), formats=formats, **rest)


FAST = CameraFormat("MJPG", "Motion-JPEG", True, (30.0, 24.0, 15.0))
SLOW = CameraFormat("YUYV", "YUYV 4:2:2", False, (10.0, 5.0))


def slow_but(*smaller):
    return camera(SLOW, smaller=smaller)


@pytest.mark.parametrize(
    ("cameras", "state", "says", "command"),
    [
        ([camera(SLOW, FAST)], "ok", "is free: up to 30 fps at 1280 × 720", ""),
        ([camera(FAST, holders=("wireplumber",))], "ok", "is free", ""),  # it is only open there
        ([camera(FAST, streaming=True, ours=True)], "ok", "in use by Backdrop", ""),
        ([camera(replace(FAST, rates=()))], "ok", "the nearest size is used", ""),
        (
            [slow_but(((960, 540), 15.0), ((848, 480), 0.0), ((640, 480), 30.0), ((320, 240), 30.0))],
            "advice",
            "only 10 fps at 1280 × 720 because it doesn't offer MJPG",
            "backdrop --camera /dev/video0 --width 640 --height 480",
        ),
        ([slow_but(((640, 480), 10.0))], "advice", "no faster at smaller sizes", ""),
        (
            [camera(FAST, streaming=True, holders=("cheese",))],
            "fault",
            "in use by cheese. Close that program",
            "",
        ),
        (
            [camera(FAST, streaming=True)],
            "fault",
            "another user's program",
            "sudo fuser --verbose /dev/video0",
        ),
        ([camera(access=Access(False))], "fault", "not allowed to open", "sudo usermod -aG video $USER"),
        ([], "fault", "No camera found", "backdrop run --camera demo --output null --seconds 10"),
    ],
)
def test_a_camera_is_judged_by_whether_it_is_free_and_fast_enough(cameras, state, says, command):
    finding = only(judge_cameras(cameras, Settings()))
    assert (finding.state, finding.command) == (state, command)
    assert says in finding.sentence


def test_a_camera_that_is_held_is_advice_while_another_is_free():
    held, free = camera(FAST, streaming=True, holders=("zoom",)), replace(camera(FAST), path="/dev/video2")
    assert [each.state for each in judge_cameras([held, free], Settings())] == ["advice", "ok"]


def test_a_usb_camera_without_its_driver_is_named():
    finding = only(judge_cameras([], Settings(), without_driver=1))
    assert finding.command == "sudo modprobe uvcvideo"


@pytest.mark.parametrize(
    ("greys", "rate", "state", "says"),
    [
        ([20.0, 90.0, 110.0], 29.7, "ok", "with enough light"),
        ([200.0, 30.0, 28.0], 14.8, "advice", "too little light, which also slows it down"),
        ([0.5], 30.0, "fault", "only black"),
        ([120.0], 9.6, "advice", "10 fps, but 30 fps were requested"),
    ],
)
def test_light_and_rate_are_judged_from_the_last_frames(greys, rate, state, says):
    finding = judge_light("HD Webcam", "/dev/video0", (1280, 720), greys, rate, 30)
    assert finding.state == state
    assert says in finding.sentence
    assert ("/dev/video0" in finding.command) == (state != "ok")


def test_trying_the_demo_camera_finds_light_and_its_rate():
    finding = only(try_camera("demo", Settings(width=160, height=96, fps=15)))
    assert finding.state == "ok", finding
    assert finding.details["size"] == [160, 96]


def test_trying_a_camera_that_is_not_there_says_so():
    finding = only(try_camera("nowhere.mp4", Settings()))
    assert (finding.state, "There is no camera" in finding.sentence) == ("fault", True)


# Windows and macOS

REGISTERED = r"""
HKEY_CLASSES_ROOT\CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}\InprocServer32
    (Default)    REG_SZ    C:\Program Files\obs-studio\data\obs-plugins\win-dshow\obs-virtualcam-module64.dll
    ThreadingModel    REG_SZ    Both
"""
NOT_REGISTERED = "ERROR: The system was unable to find the specified registry key or value."


def test_windows_finds_the_virtual_camera_of_obs():
    assert judge_windows(REGISTERED).state == "ok"
    assert judge_windows(NOT_REGISTERED).command == "winget install OBSProject.OBSStudio"


EXTENSION = "*\t*\t2MMRE5MTB8\tcom.obsproject.obs-studio.mac-camera-extension (1/1)\tOBS Virtual Camera\t"


@pytest.mark.parametrize(
    ("extensions", "application", "plugin", "begins"),
    [
        (f"1 extension(s)\n{EXTENSION}[activated enabled]", True, False, ""),
        (f"1 extension(s)\n{EXTENSION}[activated waiting for user]", True, False, "open 'x-apple."),
        ("0 extension(s)", True, False, "open -a OBS"),
        ("0 extension(s)", True, True, ""),
        ("", False, False, "brew install --cask obs"),
    ],
)
def test_macos_finds_the_virtual_camera_of_obs(extensions, application, plugin, begins):
    finding = judge_mac(extensions, application, plugin)
    assert finding.command.startswith(begins)
    assert finding.state == ("fault" if begins else "ok")


# Reading


def test_files_and_programs_that_are_not_there_say_nothing(tmp_path):
    assert (text_of(tmp_path / "none"), bytes_of(tmp_path)) == (None, None)
    assert said_by(str(tmp_path / "none")) == ""


def test_a_device_of_this_user_may_be_used_and_one_that_this_process_holds_is_its_own(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    assert access_to(str(device)).allowed
    assert not is_backdrop(str(device), ["obs"])
    assert is_backdrop(str(device), ["backdrop"])
    with device.open():
        assert is_backdrop(str(device), [])
