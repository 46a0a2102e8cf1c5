"""Whether a program reads the virtual camera: by the driver's events, or else by the processes that have it open."""

import errno
import fcntl
import os
import struct
import time
from typing import TypeAlias

from backdrop.system import v4l2

# From linux/videodev2.h for 64 bits, and v4l2loopback.c from 0.13.
VIDIOC_SUBSCRIBE_EVENT = 0x4020565A
VIDIOC_DQEVENT = 0x80885659
CLIENT_USAGE = 0x08000000 + 0x08E00000 + 1
SEND_INITIAL = 1
EVENT_SIZE = 136

AGAIN = 5.0  # seconds between two direct questions to the driver, in case an event was lost
LOOK_AGAIN = 30.0  # seconds between two scans of all processes while nothing seems to change; one takes 30 ms
SETTLE = 0.15  # seconds that a device must stay open to count: programs open it briefly to list cameras


def consumer_monitor_of(path: str) -> "ConsumerMonitor":
    """Return the best monitor for a v4l2loopback device, such as /dev/video10, that this process has opened for writing.

    One thread uses it. watching() says whether a program streams from the device; None if that is not known. It does not wait.
    """
    try:
        return DriverEvents(path)
    except OSError:  # v4l2loopback before 0.13, as in Debian 12 and Ubuntu 22.04
        return ProcessScan(path)


class DriverEvents:
    """v4l2loopback since 0.13 sends an event when a program starts or stops streaming (V4L2_EVENT_PRI_CLIENT_USAGE)."""

    def __init__(self, path: str) -> None:
        """Raises OSError if the driver has no such event."""
        self._path = path
        self._streaming = False
        self._ask_at = time.monotonic() + AGAIN
        self._handle: int | None = self._subscribed()
        self._read_events(self._handle)

    def watching(self) -> bool | None:
        if self._handle is None:
            return None
        try:
            self._read_events(self._handle)
            if time.monotonic() >= self._ask_at:
                self._ask()
        except OSError:  # the device is gone; the output will report that
            return None
        return self._streaming

    def close(self) -> None:
        """Release everything. Harmless the second time."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _subscribed(self) -> int:
        """A new handle, whose first event is the current state. On an old handle the driver reports only changes."""
        if struct.calcsize("P") != 8:
            raise OSError(errno.ENOTSUP, "only known for 64 bits")
        handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        try:
            asked = struct.pack("=III20x", CLIENT_USAGE, 0, SEND_INITIAL)  # struct v4l2_event_subscription
            fcntl.ioctl(handle, VIDIOC_SUBSCRIBE_EVENT, asked)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _ask(self) -> None:
        """Ask again, so that a lost event costs seconds, not the rest of the day."""
        handle = self._subscribed()
        try:
            self._read_events(handle)
        finally:
            os.close(handle)
        self._ask_at = time.monotonic() + AGAIN

    def _read_events(self, handle: int) -> None:
        while True:
            try:
                event = fcntl.ioctl(handle, VIDIOC_DQEVENT, bytes(EVENT_SIZE))  # struct v4l2_event
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EAGAIN):  # no more
                    return
                raise
            kind, count = struct.unpack_from("=I4xI", event)
            if kind == CLIENT_USAGE:
                self._streaming = count > 0


class ProcessScan:
    """Before 0.13: the module counts its open handles, and /proc shows which processes of this user hold them.

    If there is a handle that belongs neither to us nor to a process that may be inspected, the answer is not known. A
    program that only holds the device open counts as streaming.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._references: int | None = None
        self._answer: bool | None = False
        self._look_at = 0.0

    def watching(self) -> bool | None:
        references, now = v4l2.references(), time.monotonic()
        if references != self._references:
            first, self._references = self._references is None, references
            self._look_at = now if first else now + SETTLE
        if now >= self._look_at:
            self._answer = self._look()
            self._look_at = now + LOOK_AGAIN
        return self._answer

    def close(self) -> None:
        """Nothing to release."""

    def _look(self) -> bool | None:
        loopbacks = v4l2.loopbacks()
        ours = v4l2.held_by("self", loopbacks).total()
        if self._references is not None and self._references <= ours:
            return False
        elsewhere = 0
        for process in v4l2.other_processes():
            held = v4l2.held_by(process, loopbacks)
            if self._path in held:
                return True
            elsewhere += held.total()
        if self._references is None:
            return None
        return False if self._references <= ours + elsewhere else None


ConsumerMonitor: TypeAlias = DriverEvents | ProcessScan


class DeviceReaders:
    """The names of the programs that have a device open, as far as this user may know. Used by one thread at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._references: int | None = None
        self._names: list[str] = []
        self._look_at = 0.0

    def names(self) -> list[str]:
        """Scans all processes, which takes 30 ms, if a handle was opened or closed since, or every LOOK_AGAIN seconds."""
        references, now = v4l2.references(), time.monotonic()
        if references is None or references != self._references or now >= self._look_at or not self._names:
            self._names = names_of_readers(self._path)
            self._references, self._look_at = references, now + LOOK_AGAIN
        return self._names


def names_of_readers(path: str) -> list[str]:
    """The names of the programs that have a device open, except this process."""
    return sorted({_as_people_say(command) for _process, command in v4l2.commands_that_hold(path)})


def _as_people_say(command: str) -> str:
    """The name of a program from its command: "zoom" is Zoom, "obs" is OBS, "GeckoMain" is Firefox."""
    known = {"obs": "OBS", "geckomain": "Firefox", "firefox-bin": "Firefox", "firefox-esr": "Firefox"}
    return known.get(command.lower(), command[:1].upper() + command[1:])
