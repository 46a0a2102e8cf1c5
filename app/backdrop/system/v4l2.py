"""What Linux tells of its video devices without starting them: names, what they can do, who holds them."""

import contextlib
import os
import stat
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

# From linux/videodev2.h.
VIDIOC_QUERYCAP = 0x80685600
VIDIOC_G_FMT = 0xC0D05604
VIDIOC_STREAMON = 0x40045612
CAPTURE, OUTPUT, CAPTURE_MPLANE = 0x1, 0x2, 0x1000
DEVICE_CAPS = 0x80000000
BUF_TYPE_VIDEO_OUTPUT = 2

FED = 0.8  # seconds in which a device that somebody feeds shows a new frame; a Backdrop at rest sends two a second

REFERENCES = Path("/sys/module/v4l2loopback/refcnt")
_CLASS = Path("/sys/class/video4linux")

# Devices, by number, that this process takes a camera's frames from, or sends to: never the same for both.
_lock = threading.Lock()
_read_here: Counter[int] = Counter()
_fed_here: Counter[int] = Counter()


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


def number_of(path: str) -> int | None:
    """The kernel's number of a device, the same by whatever name or link it is asked for; None where there is none."""
    try:
        about = os.stat(path)  # noqa: PTH116  asked of thousands of handles
    except (OSError, ValueError):
        return None
    return about.st_rdev if stat.S_ISCHR(about.st_mode) else None


def node_of(path: str) -> str:
    """The device's own name, /dev/videoN, for any path that leads to it; else the path without links."""
    number = number_of(path)
    if number is not None:
        with contextlib.suppress(OSError):
            told = Path(f"/sys/dev/char/{os.major(number)}:{os.minor(number)}").resolve(strict=True)
            if number_of(f"/dev/{told.name}") == number:
                return f"/dev/{told.name}"
    return os.path.realpath(path)


@contextlib.contextmanager
def _noted(where: Counter[int], path: str) -> Iterator[None]:
    number = number_of(path)
    if number is None:
        yield
        return
    with _lock:
        where[number] += 1
    try:
        yield
    finally:
        with _lock:
            where[number] -= 1


def reading(path: str) -> AbstractContextManager[None]:
    """Note, until it is left, that this process takes a camera's frames from this device."""
    return _noted(_read_here, path)


def feeding(path: str) -> AbstractContextManager[None]:
    """Note, until it is left, that this process sends to this device."""
    return _noted(_fed_here, path)


def is_read_here(path: str) -> bool:
    """Whether this process takes a camera's frames from this device, now or as soon as somebody watches."""
    return _read_here[number_of(path) or 0] > 0


def is_fed_here(path: str) -> bool:
    """Whether this process sends to this device."""
    return _fed_here[number_of(path) or 0] > 0


def is_fed(path: str) -> bool:
    """Whether some other program sends to a v4l2loopback device now. Takes up to FED seconds where frames are waited for.

    Only one with exclusive_caps=1 tells by what it can do; of another, frames do.
    """
    state = _CLASS / Path(node_of(path)).name / "state"
    with contextlib.suppress(OSError):
        if state.read_text().strip() == "output":  # v4l2loopback from 0.13, where nobody sends
            return False
    if not _held_elsewhere():
        return False
    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        _drain(handle)  # those from before say nothing
        until = time.monotonic() + FED
        while time.monotonic() < until:
            time.sleep(0.02)
            if _drain(handle):
                return True
        return False
    except OSError:  # it does not read: nobody has ever sent to it
        return False
    finally:
        os.close(handle)


def _held_elsewhere() -> bool:
    """Whether another process has any v4l2loopback device open. True if the system does not say."""
    try:
        return int(REFERENCES.read_text()) > held_by("self", loopbacks()).total()
    except (OSError, ValueError):
        return True


def _drain(handle: int) -> int:
    """Read what frames there are. Returns how many, 64 at most. Raises OSError where a device is not read from."""
    for count in range(64):
        try:
            os.read(handle, 1)
        except BlockingIOError:
            return count
    return 64


def format_of_output(path: str) -> tuple[int, int, str] | None:
    """What a device is sent to with: width, height, FOURCC; None where it does not tell. Drivers may not take what is asked."""
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    answer = bytearray(
        struct.pack("=I204x", BUF_TYPE_VIDEO_OUTPUT)
    )  # struct v4l2_format, its union on 8 bytes
    try:
        fcntl.ioctl(handle, VIDIOC_G_FMT, answer)
    except OSError:
        return None
    finally:
        os.close(handle)
    width, height, code = struct.unpack_from("=II4s", answer, 8)
    return (width, height, code.decode("latin-1")) if width and height else None


def loopbacks() -> set[str]:
    """The paths of all v4l2loopback devices, told without opening any."""
    return {f"/dev/{entry.name}" for entry in _CLASS.glob("video*") if (entry / "max_openers").exists()}


def is_loopback(path: str) -> bool:
    """Whether a device is v4l2loopback's, told without opening it."""
    return node_of(path) in loopbacks()


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
        return V4l2Device(
            path, name, captures=_first_of_its_camera(entry), outputs=False, loopback=is_loopback(path)
        )
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
    if not _forgets_its_writer(path) or not (holders(path) or is_fed(path)):
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
            if str(link.resolve()) == node_of(path):
                return str(link)
    return path


def holders(path: str) -> list[str]:
    """The programs that have a device open, "zoom (4242)", as far as this user may know; not this process."""
    names = set()
    for process in Path("/proc").glob("[0-9]*"):
        if process.name != str(os.getpid()) and held_by(process.name, {path}):
            with contextlib.suppress(OSError):  # it has just ended
                names.add(f"{(process / 'comm').read_text().strip()} ({process.name})")
    return sorted(names)


def held_by(process: str, devices: set[str]) -> Counter[str]:
    """Which of these devices a process has open, and how often. Empty if this user may not look into the process.

    process: its number, or "self". A handle counts whatever name the process has opened the device by.
    """
    held: Counter[str] = Counter()
    names = {number: path for path in devices if (number := number_of(path)) is not None}
    try:
        for handle in os.scandir(f"/proc/{process}/fd"):
            with contextlib.suppress(OSError):  # closed meanwhile
                target = os.readlink(handle.path)  # noqa: PTH115  thousands of them: a Path each would cost more
                if target not in devices and target.startswith("/dev/"):  # another name of one of them
                    target = names.get(number_of(handle.path) or 0, target)
                if target in devices:
                    held[target] += 1
    except OSError:
        pass
    return held
