"""Setting up the virtual camera: the script that needs root, in a Linux of its own, and the command around it."""

import os
import pty
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from argparse import Namespace
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("only Linux needs it", allow_module_level=True)

from backdrop.doctor.driver import Driver
from backdrop.doctor.secure_boot import SecureBoot
from backdrop.resources import resource
from backdrop.setup import SetupError, Way, carry_out, how_to_choose, plan
from backdrop.setup.command import setup
from backdrop.setup.privileged import ask, way_of_this_computer
from backdrop.setup.words import enrolment
from tests.fake_linux import DEBIAN, KERNEL, FakeLinux, can_have_one

pytestmark = pytest.mark.skipif(
    not can_have_one(), reason="needs mount namespaces, which this computer does not give to this user"
)

HERE = Driver(KERNEL, DEBIAN)  # a kernel that drivers can be loaded into
SECURE = Driver(
    KERNEL, DEBIAN, secure_boot=SecureBoot(refuses=True, key="/var/lib/dkms/mok.pub", trusted=False)
)
MARKER = "# Written by `backdrop setup`; `backdrop setup --undo` removes it."
OPTIONS = "options v4l2loopback exclusive_caps=1 card_label=Backdrop video_nr=10"


@pytest.fixture
def linux(tmp_path):
    return FakeLinux(tmp_path / "linux")


def set_up(linux, driver=HERE, *, undo=False):
    """As the command and the window do it. Returns what was shown before."""
    shown = plan(linux.way, undo=undo, driver=driver)
    carry_out(shown, linux.way, driver=driver)
    return shown


def test_it_shows_before_exactly_what_it_then_does(linux):
    shown = plan(linux.way, driver=HERE)
    assert linux.done == []
    assert list(linux.files()) == ["os-release"]
    said = ask(linux.way.as_root, "install").said
    files = [step for step in shown.steps if step.startswith(("write ", "    "))]
    commands = [step for step in shown.steps if step not in files]
    assert linux.done == commands
    assert [line.rstrip(":") for line in shown.steps if not line.startswith("    ")] == list(said)
    assert files == [
        "write /etc/modprobe.d/backdrop.conf:",
        *(f"    {line}" for line in linux.options.read_text().splitlines()),
        "write /etc/modules-load.d/backdrop.conf:",
        *(f"    {line}" for line in linux.load.read_text().splitlines()),
    ]


def test_the_driver_is_installed_loaded_and_loaded_again_at_the_next_start(linux):
    set_up(linux)
    assert linux.packages == {"v4l2loopback-dkms", f"linux-headers-{KERNEL}"}
    assert linux.loaded
    assert linux.options.read_text().splitlines()[-1] == OPTIONS
    assert linux.load.read_text() == f"{MARKER}\nv4l2loopback\n"
    assert linux.options.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("os_release", "install", "remove"),
    [
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", "apt-get -qy ", "apt-get -qy "),
        ("ID=fedora\nVERSION_ID=41\n", "dnf -y install ", "dnf -y remove "),
        ("ID=endeavouros\nID_LIKE=arch\n", "pacman -S --needed --noconfirm ", "pacman -R --noconfirm "),
        (
            'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
            "zypper --non-interactive install ",
            "zypper ",
        ),
    ],
)
def test_each_distributions_own_package_manager_installs_it_and_takes_it_back(
    tmp_path, os_release, install, remove
):
    linux = FakeLinux(tmp_path / "linux", os_release)
    set_up(linux)
    assert any(line.startswith(install) and "v4l2loopback" in line for line in linux.done)
    assert linux.loaded
    before = len(linux.done)
    set_up(linux, undo=True)
    assert any(line.startswith(remove) and "v4l2loopback" in line for line in linux.done[before:])
    assert linux.packages <= {"rpmfusion-free-release-41.noarch.rpm"}
    assert not linux.loaded


def test_undo_takes_back_all_of_it_and_nothing_else(linux):
    (linux.world / "etc" / "modprobe.d" / "sound.conf").write_text("options snd_usb_audio index=1\n")
    (linux.world / "packages" / f"linux-headers-{KERNEL}").touch()  # was there before
    before = linux.files()
    set_up(linux)
    assert linux.files() != before
    shown = set_up(linux, undo=True)
    assert linux.files() == before
    assert linux.packages == {f"linux-headers-{KERNEL}"}
    assert not linux.loaded
    assert shown.steps == (
        "modprobe -r v4l2loopback",
        "rm /etc/modprobe.d/backdrop.conf",
        "rm /etc/modules-load.d/backdrop.conf",
        "apt-get -qy -o DPkg::Lock::Timeout=300 remove v4l2loopback-dkms",
    )
    assert plan(linux.way, undo=True).steps == ()


def test_a_second_time_there_is_nothing_left_to_do(linux):
    set_up(linux)
    done = linux.done
    assert set_up(linux).steps == ()
    assert linux.done == done


def test_a_broken_file_of_ours_is_repaired_and_keeps_its_packages_and_its_number(linux):
    linux.device(10)
    set_up(linux)
    whole = linux.files()
    assert whole["modprobe.d/backdrop.conf"].endswith("video_nr=11\n")
    linux.options.write_text(whole["modprobe.d/backdrop.conf"].replace("exclusive_caps=1", "exclusive_cap"))
    linux.load.write_text(f"{MARKER}\nv4l2loo")
    set_up(linux)
    assert linux.files() == whole


@pytest.mark.parametrize(
    "name", ["modprobe.d/backdrop.conf", "modules-load.d/backdrop.conf", "modprobe.d/obs.conf"]
)
@pytest.mark.parametrize("undo", [False, True])
def test_a_file_of_the_users_is_named_and_never_touched(linux, name, undo):
    path = linux.world / "etc" / name
    path.write_text("options v4l2loopback devices=2 # mine\n")
    before = linux.files()
    if undo:
        set_up(linux, undo=True)
    else:
        with pytest.raises(
            SetupError, match=rf"^/etc/{name} was not created by Backdrop, so nothing has changed"
        ):
            set_up(linux)
    assert linux.files() == before
    assert (linux.packages, linux.done) == (set(), [])


def test_a_link_that_leads_elsewhere_is_the_users(linux):
    (linux.world / "elsewhere").write_text(MARKER)
    linux.options.symlink_to(linux.world / "elsewhere")
    with pytest.raises(SetupError, match="was not created by Backdrop"):
        set_up(linux)
    assert linux.options.is_symlink()


def test_an_unknown_distribution_gets_the_commands_to_type(tmp_path):
    linux = FakeLinux(tmp_path / "linux", "ID=void\n")
    with pytest.raises(SetupError) as raised:
        set_up(linux)
    assert "\n  git clone https://github.com/v4l2loopback/v4l2loopback" in str(raised.value)
    assert "sudo tee /etc/modprobe.d/backdrop.conf" in str(raised.value)
    assert str(raised.value).endswith("choose the output pipewire.")
    assert (list(linux.files()), linux.done) == (["os-release"], [])


def test_where_the_driver_is_installed_an_unknown_distribution_will_do(tmp_path):
    linux = FakeLinux(tmp_path / "linux", "ID=void\n")
    linux.has("built")
    set_up(linux)
    assert linux.done == ["modprobe v4l2loopback"]


def test_packages_that_cannot_be_had_leave_everything_as_it_was(linux):
    linux.has("fails")
    with pytest.raises(
        SetupError, match=r"^The packages could not be installed or removed \(E: Unable to fetch\)"
    ):
        set_up(linux)
    assert (list(linux.files()), linux.packages, linux.loaded) == (["os-release"], set(), False)


def test_a_driver_that_was_not_built_for_this_kernel_is_said_to_be_so(linux):
    linux.has("old-kernel")
    with pytest.raises(SetupError, match=f"not built for the running kernel {KERNEL}. Restart the computer"):
        set_up(linux)
    set_up(linux, undo=True)
    assert (list(linux.files()), linux.packages) == (["os-release"], set())


def test_a_driver_loaded_by_hand_that_calls_do_not_list_is_loaded_again(linux):
    linux.has("built")
    linux.loads("N,N")
    assert set_up(linux).steps[-2:] == ("modprobe -r v4l2loopback", "modprobe v4l2loopback")


def test_a_driver_loaded_by_hand_that_calls_list_is_left_alone(linux):
    linux.has("built")
    linux.loads("Y,Y")
    set_up(linux)
    assert linux.done == []
    assert linux.options.exists()


@pytest.mark.parametrize("undo", [False, True])
def test_a_driver_in_use_is_not_pulled_away_from_under_a_call(linux, undo):
    if undo:
        set_up(linux)
    else:
        linux.has("built")
        linux.loads("N")
    before = linux.packages
    linux.has("busy")
    with pytest.raises(SetupError, match=r"^A program is using the virtual camera. Close it"):
        set_up(linux, undo=undo)
    assert (linux.packages, linux.loaded) == (before, True)


def test_secure_boot_is_told_before_and_its_way_out_after_step_by_step(linux):
    linux.has("refuses")
    shown = plan(linux.way, driver=SECURE)
    assert shown.note.startswith("Secure Boot is on, ")
    with pytest.raises(SetupError) as raised:
        carry_out(shown, linux.way, driver=SECURE)
    lines = str(raised.value).splitlines()
    assert lines[1].startswith("1. Run `sudo mokutil --import /var/lib/dkms/mok.pub`")
    assert [line[0] for line in lines[1:5]] == list("1234")
    assert lines[-1].endswith("choose the output pipewire.")
    (linux.world / "refuses").unlink()  # the key is enrolled
    set_up(linux)
    assert linux.loaded


def test_other_refusals_of_the_kernel_are_no_secure_boot():
    assert "dmesg" in enrolment(SecureBoot())
    assert "dkms autoinstall" in enrolment(SecureBoot(refuses=True))


def test_a_kernel_that_loads_no_drivers_is_told_of_pipewire_instead(linux):
    with pytest.raises(SetupError, match=r"^Virtual cameras can't run here.*choose the output pipewire\.$"):
        plan(linux.way, driver=Driver(KERNEL, DEBIAN, modules=None))


@pytest.mark.parametrize(
    "words", [[], ["install", "now"], ["install;true"], ["--help"], ["/etc/passwd"], [""]], ids=str
)
def test_the_script_takes_one_of_its_own_words_and_nothing_else(linux, words):
    done = subprocess.run([*linux.way.as_root, *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout, list(linux.files())) == (2, "", ["os-release"])


def test_the_script_hears_no_variable_of_its_caller(linux, monkeypatch, tmp_path):
    (tmp_path / "apt-get").write_text("#!/bin/sh\ntouch $0.ran\n")
    (tmp_path / "apt-get").chmod(0o755)
    for name, value in (("OPTIONS", "/etc/shadow"), ("showing", "no"), ("brought", "bash"), ("by", "apt")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert plan(linux.way, driver=HERE).steps
    assert linux.done == []
    set_up(linux)
    assert sorted(linux.files()) == ["modprobe.d/backdrop.conf", "modules-load.d/backdrop.conf", "os-release"]
    assert not (tmp_path / "apt-get.ran").exists()


def test_undo_removes_no_package_that_setting_up_cannot_have_brought(linux):
    set_up(linux)
    linux.options.write_text(linux.options.read_text().replace("for it:", "for it: bash sudo"))
    for name in ("bash", "sudo"):
        (linux.world / "packages" / name).touch()
    set_up(linux, undo=True)
    assert linux.packages == {"bash", "sudo"}


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (126, "No password was entered, so nothing has changed."),
        (127, "You are not allowed to do that (Not authorized)"),
    ],
)
def test_a_password_that_is_not_given_changes_nothing(linux, tmp_path, status, says):
    refuses = tmp_path / "pkexec"
    refuses.write_text(f"#!/bin/sh\necho 'Not authorized' >&2\nexit {status}\n")
    refuses.chmod(0o755)
    shown = plan(linux.way, driver=HERE)
    with pytest.raises(SetupError) as raised:
        carry_out(shown, Way(linux.way.as_user, [str(refuses), *linux.way.as_root]), driver=HERE)
    assert str(raised.value).startswith(says)
    assert (list(linux.files()), linux.done) == (["os-release"], [])


def command(linux, monkeypatch, answer="", **wanted):
    """Run the command with an answer on its terminal."""
    above, below = pty.openpty()
    os.write(above, answer.encode())
    try:
        with os.fdopen(below) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            return setup(Namespace(**({"undo": False, "yes": False} | wanted)), linux.way, HERE)
    finally:
        os.close(above)


def test_a_no_at_the_question_changes_nothing(linux, monkeypatch, capsys):
    assert command(linux, monkeypatch, "n\n") == 1
    said = capsys.readouterr().out
    assert said.startswith("These steps need administrator rights:\n  apt-get ")
    assert f"      {OPTIONS}\n" in said
    assert said.endswith("Nothing has changed.\n")
    assert (list(linux.files()), linux.done) == (["os-release"], [])


def test_undo_asks_too_and_says_when_there_was_nothing(linux, monkeypatch, capsys):
    set_up(linux)
    assert command(linux, monkeypatch, "y\n", undo=True) == 0
    assert capsys.readouterr().out.endswith("The virtual camera has been removed.\n")
    assert command(linux, monkeypatch, undo=True) == 0
    assert capsys.readouterr().out == "There is nothing to undo.\n"


def test_where_nobody_can_be_asked_nothing_is_done_without_yes(linux, monkeypatch):
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        with pytest.raises(SetupError, match="Use --yes"):
            setup(Namespace(undo=False, yes=False), linux.way, HERE)
    assert linux.done == []


def test_the_policy_names_the_script_where_packages_put_it_and_asks_an_administrator():
    policy = ElementTree.parse(resource("desktop/backdrop.policy"))
    verbs = {}
    for action in policy.iter("action"):
        told = {each.get("key").rpartition(".")[2]: each.text for each in action.iter("annotate")}
        assert told["path"] == "/usr/libexec/backdrop/set-up-virtual-camera"
        assert {each.text for each in action.find("defaults")} == {"auth_admin"}
        verbs[told["argv1"]] = action.get("id")
    assert set(verbs) == {"install", "undo"}


def test_an_ordinary_user_is_asked_by_polkit(monkeypatch, tmp_path):
    (tmp_path / "pkexec").write_text("")
    (tmp_path / "pkexec").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert way_of_this_computer().as_root[0] == "pkexec"
    (tmp_path / "pkexec").unlink()
    with pytest.raises(SetupError, match=r"Run `sh .*set-up-virtual-camera install` as root\.$"):
        way_of_this_computer()


def test_afterwards_it_says_how_to_choose_it_in_each_call():
    told = "\n".join(how_to_choose("Backdrop"))
    assert all(name in told for name in ("Zoom", "Google Meet", "Microsoft Teams", "choose Backdrop"))
