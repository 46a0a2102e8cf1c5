"""What Linux says about its video devices without starting them: names, capabilities, and who has them open."""

import contextlib
import os
import stat
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

# From linux/videodev2.h.
VIDIOC_QUERYCAP = 0x80685600
VIDIOC_G_FMT = 0xC0D05604
VIDIOC_STREAMON = 0x40045612
CAPTURE, OUTPUT, CAPTURE_MPLANE = 0x1, 0x2, 0x1000
DEVICE_CAPS = 0x80000000
BUF_TYPE_VIDEO_OUTPUT = 2

FED = 0.8  # seconds within which a device that a program sends to has a new frame; a resting Backdrop sends at 2 fps

REFERENCES = Path("/sys/module/v4l2loopback/refcnt")
_CLASS = Path("/sys/class/video4linux")

# Devices, by number, that this process reads camera frames from or sends to. A device is never both.
_lock = threading.Lock()
_read_here: Counter[int] = Counter()
_fed_here: Counter[int] = Counter()


@dataclass(frozen=True, slots=True)
class V4l2Device:
    """One /dev/videoN. captures, outputs: what it can do now; for a loopback this changes."""

    path: str
    name: str
    captures: bool
    outputs: bool
    loopback: bool

    @property
    def is_named_backdrop(self) -> bool:
        return "backdrop" in self.name.lower()


def devices() -> list[V4l2Device]:
    """All video devices of this computer, sorted by number; none if there is no Video4Linux."""
    if sys.platform != "linux" or not _CLASS.is_dir():
        return []
    found = [entry for entry in _CLASS.iterdir() if entry.name.removeprefix("video").isdigit()]
    found.sort(key=lambda entry: int(entry.name.removeprefix("video")))
    return [_describe(entry) for entry in found if Path("/dev", entry.name).exists()]


def number_of(path: str) -> int | None:
    """The kernel's number of a device, the same for all its names and links; None if there is no such device."""
    try:
        about = os.stat(path)  # noqa: PTH116  asked of thousands of handles
    except (OSError, ValueError):
        return None
    return about.st_rdev if stat.S_ISCHR(about.st_mode) else None


def node_of(path: str) -> str:
    """The device's own name, /dev/videoN, for any path that leads to it; else the path with links resolved."""
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
    """Context manager: inside it, this process counts as reading camera frames from this device."""
    return _noted(_read_here, path)


def feeding(path: str) -> AbstractContextManager[None]:
    """Context manager: inside it, this process counts as sending to this device."""
    return _noted(_fed_here, path)


def is_read_here(path: str) -> bool:
    """Whether this process reads camera frames from this device, now or as soon as somebody watches."""
    return _read_here[number_of(path) or 0] > 0


def is_fed_here(path: str) -> bool:
    """Whether this process sends to this device."""
    return _fed_here[number_of(path) or 0] > 0


def is_fed(path: str) -> bool:
    """Whether another program is sending to a v4l2loopback device. Takes up to FED seconds if it must wait for frames.

    With exclusive_caps=1 the capabilities would say so; this also works without it.
    """
    state = _CLASS / Path(node_of(path)).name / "state"
    with contextlib.suppress(OSError):
        if state.read_text().strip() == "output":  # v4l2loopback from 0.13, if nobody is sending
            return False
    handles = references()
    if handles is not None and handles <= held_by("self", loopbacks()).total():
        return False
    with contextlib.suppress(OSError), opened(path) as handle:  # not readable if nobody has ever sent to it
        _drain(handle)  # old frames prove nothing
        until = time.monotonic() + FED
        while time.monotonic() < until:
            time.sleep(0.02)
            if _drain(handle):
                return True
    return False


def references() -> int | None:
    """How many handles of v4l2loopback devices are open on this computer, or None if the module does not say."""
    try:
        return int(REFERENCES.read_text())
    except (OSError, ValueError):
        return None


@contextmanager
def opened(path: str) -> Iterator[int]:
    """A handle of a device, to ask the driver. The camera light stays off. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield handle
    finally:
        os.close(handle)


def _drain(handle: int) -> int:
    """Read the waiting frames. Returns how many, at most 64. Raises OSError if the device is not readable."""
    for count in range(64):
        try:
            os.read(handle, 1)
        except BlockingIOError:
            return count
    return 64


def format_of_output(path: str) -> tuple[int, int, str] | None:
    """The output format of a device: width, height, FOURCC, which may differ from the requested one; None if unknown."""
    import fcntl

    # A struct v4l2_format, its union on 8 bytes.
    answer = bytearray(struct.pack("=I204x", BUF_TYPE_VIDEO_OUTPUT))
    try:
        with opened(path) as handle:
            fcntl.ioctl(handle, VIDIOC_G_FMT, answer)
    except OSError:
        return None
    width, height, code = struct.unpack_from("=II4s", answer, 8)
    return (width, height, code.decode("latin-1")) if width and height else None


def loopbacks() -> set[str]:
    """The paths of all v4l2loopback devices, found without opening any."""
    return {f"/dev/{entry.name}" for entry in _CLASS.glob("video*") if (entry / "max_openers").exists()}


def virtual_cameras() -> list[V4l2Device]:
    """The devices of v4l2loopback, those called Backdrop first."""
    return sorted((each for each in devices() if each.loopback), key=lambda each: not each.is_named_backdrop)


def is_loopback(path: str) -> bool:
    """Whether a device belongs to v4l2loopback, found without opening it."""
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
        # Busy or not permitted. It is listed anyway; opening it later says why it does not work.
        return V4l2Device(
            path, name, captures=_first_of_its_camera(entry), outputs=False, loopback=is_loopback(path)
        )
    captures = bool(can & (CAPTURE | CAPTURE_MPLANE))
    return V4l2Device(path, name, captures, bool(can & OUTPUT), driver == "v4l2 loopback")


def _query(path: str) -> tuple[str, int]:
    """The driver's name and the capabilities of one device. Does not turn on a camera's light. Raises OSError."""
    import fcntl

    answer = bytearray(104)  # struct v4l2_capability
    with opened(path) as handle:
        fcntl.ioctl(handle, VIDIOC_QUERYCAP, answer)
    whole, of_this_node = struct.unpack_from("=II", answer, 84)
    driver = bytes(answer[:16]).split(b"\0")[0].decode(errors="replace")
    return driver, of_this_node if whole & DEVICE_CAPS else whole


def _first_of_its_camera(entry: Path) -> bool:
    """Whether this is the first node of its camera, which has the frames; the others have metadata."""
    try:
        return (entry / "index").read_text().strip() == "0"
    except OSError:
        return False


def claim_output(path: str) -> int | None:
    """Work around a bug of v4l2loopback 0.12 for a device that this process has just opened for writing.

    With exclusive_caps=1, version 0.12 does not notice when a program that only calls write(), as pyvirtualcam does, has
    ended: the device stays a camera and rejects the next writer. It does notice when a streaming handle closes, however
    the process ends. Returns such a handle, for os.close(); None if the module is newer. Raises OSError.
    """
    return _stream(path) if _forgets_its_writer(path) else None


def make_output_again(path: str) -> None:
    """Make a v4l2loopback device writable again after a program has left it as a camera; see claim_output().

    Does nothing while another program has the device open, because it may be writing to it. Raises OSError.
    """
    if not _forgets_its_writer(path) or not (holders(path) or is_fed(path)):
        os.close(_stream(path))


def _forgets_its_writer(path: str) -> bool:
    """True for v4l2loopback 0.12 and older, which has no "state" file. Newer versions must not be claimed in advance."""
    told = _CLASS / Path(path).name
    return (told / "max_openers").exists() and not (told / "state").exists()


def _stream(path: str) -> int:
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    # EINVAL before a first format is set; the handle counts as the writer anyway.
    with contextlib.suppress(OSError):
        fcntl.ioctl(handle, VIDIOC_STREAMON, struct.pack("=i", BUF_TYPE_VIDEO_OUTPUT))
    return handle


def lasting(path: str) -> str:
    """A stable name of a camera, which it keeps in another port and when other cameras come and go; else path.

    udev creates it: /dev/v4l/by-id/… The number of a camera, in contrast, is whichever was free.
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
    return sorted(f"{command} ({process})" for process, command in commands_that_hold(path))


def commands_that_hold(path: str) -> Iterator[tuple[str, str]]:
    """The number and the command of each process that has a device open, as far as this user may know; not of this one."""
    for process in other_processes():
        if held_by(process, {path}):
            with contextlib.suppress(OSError):  # it has just ended
                yield process, Path(f"/proc/{process}/comm").read_text().strip()


def other_processes() -> list[str]:
    """The numbers of all processes but this one."""
    return [each.name for each in Path("/proc").glob("[0-9]*") if each.name != str(os.getpid())]


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
