"""What the doctor says of real devices: the camera, the virtual camera that is well, and the one that is not."""

import grp
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backdrop.cameras.formats import is_streaming
from backdrop.cameras.open import open_camera
from backdrop.doctor import Finding
from backdrop.doctor.cameras import judge_cameras, read_cameras
from backdrop.doctor.driver import judge_driver, read_driver
from backdrop.doctor.light import try_camera
from backdrop.doctor.loopback import judge_loopbacks, read_loopbacks, reload
from backdrop.outputs.open import open_output
from backdrop.settings.settings import Settings
from tests.system.rig import CAMERA, CLIP, ROOT, VIRTUAL, Process

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.environ.get("CAM_VM") != "1", reason="needs the camera VM's devices: make system-test"
    ),
]
MODULE = "/mnt/io/v4l2loopback.ko"
AS_THE_VM_HAS_IT = (
    "devices=2",
    "video_nr=10,11",
    "exclusive_caps=1,0",
    "card_label=Backdrop,Clip",
)  # see init
SMALL = Settings(width=640, height=360)


@pytest.fixture
def process() -> Iterator[Callable[..., Process]]:
    """Start a process, which is ended with the test."""
    started: list[Process] = []

    def process(*command: str) -> Process:
        started.append(Process(*command))
        return started[-1]

    yield process
    for each in started:
        each.kill()


@pytest.fixture
def installed() -> Iterator[None]:
    """The driver lies where modprobe looks for it, as its package puts it; all is as it was after the test."""
    folder = Path("/lib/modules", platform.release())
    (folder / "updates/dkms").mkdir(parents=True)
    shutil.copy(MODULE, folder / "updates/dkms")
    subprocess.run(["depmod", platform.release()], check=True, capture_output=True)
    yield
    shutil.rmtree(folder)
    subprocess.run(["rmmod", "v4l2loopback"], check=False, capture_output=True)
    subprocess.run(["insmod", MODULE, *AS_THE_VM_HAS_IT], check=True)
    assert [each.name for each in read_loopbacks()] == ["Backdrop", "Clip"]


def run_as_root(command: str) -> None:
    """Run what the doctor says, as a person would paste it; there is no sudo here, and no need of it."""
    subprocess.run(command.replace("sudo ", ""), shell=True, check=True, stdout=subprocess.DEVNULL)


def of(device: str, findings: list[Finding]) -> Finding:
    (found,) = [each for each in findings if each.details.get("device") == device]
    return found


def doctor() -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "backdrop", "doctor", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_the_doctor_sees_every_device_as_it_is():
    status, report = doctor()
    found = {each["details"].get("device", each["examined"]): each for each in report["findings"]}
    assert (found[VIRTUAL]["state"], found[VIRTUAL]["details"]["exclusive_caps"]) == ("ok", True)
    assert (found[CLIP]["state"], found[CLIP]["details"]["exclusive_caps"]) == ("advice", False)
    assert "without exclusive_caps=1" in found[CLIP]["sentence"]
    assert found[CLIP]["command"].endswith("video_nr=10,11 exclusive_caps=1,1 card_label=Backdrop,Clip")
    assert found[CAMERA]["sentence"].startswith("vivid")
    assert found[CAMERA]["details"]["formats"]["YUYV"] > 0
    assert found["Virtual camera driver"]["details"]["version"] == "0.12 or older"
    assert (report["ok"], status) == (True, 0), "advice is no fault"


def test_the_doctor_tries_the_camera_when_asked_to():
    (tried,) = try_camera(CAMERA, SMALL)
    assert tried.state in ("ok", "advice"), "advice where this machine is slow"
    assert tried.details["rate"] > 1
    assert tried.details["grey"] > 50


def test_a_camera_that_another_program_holds_is_said_to_be_held_and_by_whom(process: Callable[..., Process]):
    assert of(CAMERA, judge_cameras(read_cameras(SMALL), SMALL)).state == "ok"
    process("v4l2-ctl", "-d", CAMERA, "--stream-mmap", "--verbose").wait_for("cap dqbuf")
    finding = of(CAMERA, judge_cameras(read_cameras(SMALL), SMALL))
    assert (finding.state, "is in use by v4l2-ctl" in finding.sentence) == ("fault", True)


def test_asking_does_not_disturb_who_has_the_camera_and_this_process_is_backdrop():
    camera = open_camera(CAMERA, 640, 360, 30)
    camera.read()
    assert is_streaming(CAMERA)
    finding = of(CAMERA, judge_cameras(read_cameras(SMALL), SMALL))
    assert (finding.state, "is in use by Backdrop" in finding.sentence) == ("ok", True)
    assert camera.read().shape == (360, 640, 3)
    camera.close()
    assert not is_streaming(CAMERA)


def test_a_virtual_camera_that_this_process_feeds_is_well():
    output = open_output(VIRTUAL, 640, 360, 30)
    output.send(np.full((360, 640, 3), 100, np.uint8))
    finding = of(VIRTUAL, judge_loopbacks(read_loopbacks()))
    output.close()
    assert (finding.state, "Backdrop is sending to it" in finding.sentence) == ("ok", True)
    assert finding.details["format"] == "YU12:640x360@30"


def test_a_virtual_camera_that_backdrop_feeds_in_another_process_is_well(process: Callable[..., Process]):
    backdrop = str(Path(sys.executable).with_name("backdrop"))
    asked = ["--camera", "demo", "--width", "640", "--height", "360", "--output", VIRTUAL]
    feeder = process(backdrop, "run", *asked)
    feeder.wait_for("Press Ctrl-C to stop")
    finding = of(VIRTUAL, judge_loopbacks(read_loopbacks()))
    assert (finding.state, finding.details["held by"]) == ("ok", [f"backdrop ({feeder.pid})"])


def test_a_virtual_camera_that_another_program_feeds_is_said_to_be_and_is_well_after_that(
    process: Callable[..., Process],
):
    other = (
        "import numpy, time; from backdrop.outputs.open import open_output; "
        f"open_output({VIRTUAL!r}, 640, 360, 30).send(numpy.zeros((360, 640, 3), numpy.uint8)); "
        "print('sent', flush=True); time.sleep(60)"
    )
    feeder = process(sys.executable, "-c", other)
    feeder.wait_for("sent")
    finding = of(VIRTUAL, judge_loopbacks(read_loopbacks()))
    assert (finding.state, f"python ({feeder.pid}) has it open" in finding.sentence) == ("advice", True)
    feeder.kill()
    assert of(VIRTUAL, judge_loopbacks(read_loopbacks())).state == "ok"


def test_an_odd_size_that_a_program_sends_is_found(tmp_path: Path, play: Callable[..., Process]):
    (tmp_path / "frame").write_bytes(bytes(321 * 241 * 2))
    play(tmp_path, VIRTUAL, size=(321, 241))
    finding = of(VIRTUAL, judge_loopbacks(read_loopbacks()))
    assert (finding.state, "odd size, 321 × 241" in finding.sentence) == ("fault", True), finding


def test_a_device_that_may_not_be_opened_says_how_to_get_the_permission(process: Callable[..., Process]):
    # Root may open everything, so another user looks, who has no right to load a module later.
    code = (
        "import os; from backdrop.doctor.loopback import judge_loopbacks, read_loopbacks; read_loopbacks(); "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); "
        "print(*(f'{each.state} {each.command}' for each in judge_loopbacks(read_loopbacks())), sep='\\n')"
    )
    os.chown(VIRTUAL, 0, grp.getgrnam("video").gr_gid)  # as udev does
    looking = process(sys.executable, "-c", code)
    status = looking.status()
    os.chown(VIRTUAL, 0, 0)
    assert status == 0, looking.said
    assert "fault sudo usermod -aG video $USER" in looking.lines


@pytest.mark.usefixtures("installed")
def test_the_command_for_missing_exclusive_caps_fixes_it_and_keeps_the_devices():
    run_as_root(of(CLIP, judge_loopbacks(read_loopbacks())).command)
    fixed = judge_loopbacks(read_loopbacks())
    assert [each.details["device"] for each in fixed] == [VIRTUAL, CLIP]
    assert [each.state for each in fixed] == ["ok", "ok"]
    named = [replace(each, name=each.name.replace("Clip", "OBS Virtual Camera")) for each in read_loopbacks()]
    run_as_root(reload(named))
    assert [each.name for each in read_loopbacks()] == ["Backdrop", "OBS Virtual Camera"]


@pytest.mark.usefixtures("installed")
def test_the_command_for_a_driver_that_is_not_loaded_loads_it():
    run_as_root("modprobe -r v4l2loopback")
    (finding,) = judge_driver(read_driver())
    assert (finding.state, "installed, but not loaded" in finding.sentence) == ("fault", True)
    run_as_root(finding.command)
    (device,) = judge_loopbacks(read_loopbacks())
    assert (device.state, "Backdrop" in device.sentence) == ("ok", True)
    open_output("", 640, 360, 30).close()


@pytest.mark.usefixtures("installed")
def test_a_driver_that_is_not_installed_is_told_from_one_that_is_not_loaded():
    run_as_root("modprobe -r v4l2loopback")
    built = Path("/lib/modules", platform.release(), "updates/dkms/v4l2loopback.ko")
    built.rename("/tmp/v4l2loopback.ko")
    (finding,) = judge_driver(read_driver())
    assert "is not installed" in finding.sentence
    for_another = Path("/lib/modules/6.0.0-1-amd64/updates/dkms")
    for_another.mkdir(parents=True)
    shutil.copy("/tmp/v4l2loopback.ko", for_another)
    (finding,) = judge_driver(read_driver())
    shutil.rmtree("/lib/modules/6.0.0-1-amd64")
    assert (
        f"not built for the running kernel {platform.release()} (the kernel headers are missing)"
        in finding.sentence
    )


def test_the_command_that_loads_the_driver_at_every_start_is_understood():
    assert judge_driver(read_driver())[-1].state == "advice"
    run_as_root(judge_driver(read_driver())[-1].command)
    found = judge_driver(read_driver())[-1]
    Path("/etc/modules-load.d/backdrop.conf").unlink()
    Path("/etc/modprobe.d/backdrop.conf").unlink()
    assert (found.examined, found.state) == ("Driver at startup", "ok")
