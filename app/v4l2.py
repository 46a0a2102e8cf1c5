"""What Linux tells of its video devices without starting them: names, what they can do, who holds them."""

import contextlib
import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

# From linux/videodev2.h.
VIDIOC_QUERYCAP = 0x80685600
VIDIOC_STREAMON = 0x40045612
CAPTURE, OUTPUT, CAPTURE_MPLANE = 0x1, 0x2, 0x1000
DEVICE_CAPS = 0x80000000
BUF_TYPE_VIDEO_OUTPUT = 2

_CLASS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class V4l2Device:
    """One /dev/videoN. captures and outputs are what it can do at this moment; a loopback's answer changes."""

    path: str
    name: str
    captures: bool
    outputs: bool
    loopback: bool


def devices() -> list[V4l2Device]:
    """Every video device that this computer has, by number; none where there is no Video4Linux."""
    if sys.platform != "linux" or not _CLASS.is_dir():
        return []
    found = [entry for entry in _CLASS.iterdir() if entry.name.removeprefix("video").isdigit()]
    found.sort(key=lambda entry: int(entry.name.removeprefix("video")))
    return [_describe(entry) for entry in found if Path("/dev", entry.name).exists()]


def loopbacks() -> set[str]:
    """The paths of all v4l2loopback devices, told without opening any."""
    return {f"/dev/{entry.name}" for entry in _CLASS.glob("video*") if (entry / "max_openers").exists()}


def _describe(entry: Path) -> V4l2Device:
    path = f"/dev/{entry.name}"
    try:
        name = (entry / "name").read_text(errors="replace").strip() or path
    except OSError:
        name = path
    try:
        driver, can = _query(path)
    except OSError:
        # Held or not allowed: it is listed all the same, and opening it says why it does not work.
        return V4l2Device(path, name, captures=_first_of_its_camera(entry), outputs=False, loopback=False)
    captures = bool(can & (CAPTURE | CAPTURE_MPLANE))
    return V4l2Device(path, name, captures, bool(can & OUTPUT), driver == "v4l2 loopback")


def _query(path: str) -> tuple[str, int]:
    """The driver's name and the capabilities of one device. Does not light a camera's lamp. Raises OSError."""
    import fcntl

    answer = bytearray(104)  # struct v4l2_capability
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(handle, VIDIOC_QUERYCAP, answer)
    finally:
        os.close(handle)
    whole, of_this_node = struct.unpack_from("=II", answer, 84)
    driver = bytes(answer[:16]).split(b"\0")[0].decode(errors="replace")
    return driver, of_this_node if whole & DEVICE_CAPS else whole


def _first_of_its_camera(entry: Path) -> bool:
    """A camera has several nodes, and the first one gives frames; the others give descriptions of frames."""
    try:
        return (entry / "index").read_text().strip() == "0"
    except OSError:
        return False


def claim_output(path: str) -> int | None:
    """Mark a v4l2loopback device, which this process has just opened to write to, as written to.

    v4l2loopback 0.12 with exclusive_caps=1 never notices that a program which only write()s, as pyvirtualcam does,
    has gone: the device stays a camera and refuses the next. A handle that streams is noticed when it closes, however
    the process ends. Returns one, for os.close(); None where the module is newer. Raises OSError.
    """
    return _stream(path) if _forgets_its_writer(path) else None


def make_output_again(path: str) -> None:
    """Let a v4l2loopback device be written to after a program that left it a camera; see claim_output().

    Does nothing while another program has the device open, for that one may be writing to it. Raises OSError.
    """
    if not _forgets_its_writer(path) or not holders(path):
        os.close(_stream(path))


def _forgets_its_writer(path: str) -> bool:
    """True for v4l2loopback 0.12 and before, which tells no state. What is newer must not be claimed beforehand."""
    told = _CLASS / Path(path).name
    return (told / "max_openers").exists() and not (told / "state").exists()


def _stream(path: str) -> int:
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    # EINVAL before there was a first format; the handle counts as the writer's all the same.
    with contextlib.suppress(OSError):
        fcntl.ioctl(handle, VIDIOC_STREAMON, struct.pack("=i", BUF_TYPE_VIDEO_OUTPUT))
    return handle


def lasting(path: str) -> str:
    """A name for a camera that it keeps when it is plugged in elsewhere or others come and go, path where it has none.

    udev makes it: /dev/v4l/by-id/… A camera's number, by contrast, is whatever was free.
    """
    for folder in ("/dev/v4l/by-id", "/dev/v4l/by-path"):
        try:
            links = sorted(Path(folder).iterdir())
        except OSError:
            continue
        for link in links:
            if str(link.resolve()) == path:
                return str(link)
    return path


def holders(path: str) -> list[str]:
    """The programs that have a device open, "zoom (4242)", as far as this user may know; not this process."""
    names = set()
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(str(link.readlink()) == path for link in (process / "fd").iterdir()):
                names.add(f"{(process / 'comm').read_text().strip()} ({process.name})")
        except OSError:
            continue
    return sorted(names)
