"""What stands around the application in a system test: a player before it, a watcher behind it, and its process."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# OpenCV waits so many seconds for a frame of a device whose writer has gone: here one, in the application its own.
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "1"

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.frames.placeholder import GROUND
from tests.system.clip import COLOUR, NEAR, room_share

CAMERA, CAMERA_INPUT = "/dev/video0", "/dev/video1"  # vivid's, and what it shows when its input is HDMI
VIRTUAL, CLIP = "/dev/video10", "/dev/video11"
ROOT = Path(__file__).resolve().parents[2]
SIZE = (640, 360)  # of the clip, and of the virtual camera that shows it
RAW = 0.05  # a frame with more of the room's hue than this counts as raw; the clip itself has 0.8
PATIENCE = 90.0  # seconds for what takes two where nothing else runs


@dataclass
class Sum:
    """Of all frames that came out of the virtual camera in a session: their kinds, and the most of the room in one."""

    kinds: Counter[str] = field(default_factory=Counter)
    most_room: float = 0.0


in_all = Sum()


def control(device: str, *arguments: str) -> str:
    """Ask v4l2-ctl for something about a device; returns what it prints."""
    done = subprocess.run(["v4l2-ctl", "-d", device, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


class Process:
    """A process whose lines can be waited for. Ended at the end of the test, whatever happens."""

    def __init__(self, *command: str, **environment: str) -> None:
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if "TIMEOUT" not in name} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, text: str) -> str:
        """The first line that holds text, when it has been said."""
        with self._more:
            if not self._more.wait_for(lambda: self._line(text) is not None or self._over, PATIENCE):
                raise AssertionError(f"Nothing said {text!r} in {PATIENCE} s, only:\n{self.said}")
            line = self._line(text)
        assert line is not None, f"It ended without saying {text!r}:\n{self.said}"
        return line

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal. Returns the exit status and how many seconds the end took."""
        begun = time.monotonic()
        self._process.send_signal(number)
        status = self._process.wait(PATIENCE)
        return status, time.monotonic() - begun

    def status(self) -> int:
        """The exit status, when it has ended by itself."""
        status = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def wakings(self) -> int:
        """How often its threads have slept until now, and so been woken. Exact, where the kernel only samples time used."""
        count = 0
        for status in Path(f"/proc/{self._process.pid}/task").glob("*/status"):
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            count += int(fields["voluntary_ctxt_switches"])
        return count

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)

    _over = False

    def _line(self, text: str) -> str | None:
        return next((line for line in self.lines if text in line), None)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                with self._more:
                    self.lines.append(line.rstrip("\n"))
                    self._more.notify_all()
        with self._more:
            self._over = True
            self._more.notify_all()


@dataclass
class Watcher:
    """Reads the virtual camera on a thread of its own, from when something is sent to it until close().

    counts: how many frames were the "room" (raw, that is), a "placeholder", a "composite" or "other". most_room: the
    largest share of a frame that had the room's hue.
    """

    device: str = VIRTUAL
    counts: Counter[str] = field(default_factory=Counter)
    most_room: float = 0.0

    def __post_init__(self) -> None:
        self._news = threading.Condition()
        self._closed = threading.Event()
        self._latest: tuple[int, str, NDArray[np.uint8]] | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def next(
        self, kind: str, fits: Callable[[NDArray[np.uint8]], bool] = lambda _: True
    ) -> NDArray[np.uint8]:
        """Wait for a frame of that kind that comes after this call, and fits."""
        until = time.monotonic() + PATIENCE
        with self._news:
            after = self._latest[0] if self._latest else -1
            while True:
                if (
                    self._latest
                    and self._latest[0] > after
                    and self._latest[1] == kind
                    and fits(self._latest[2])
                ):
                    return self._latest[2]
                if not self._news.wait(until - time.monotonic()):
                    raise AssertionError(f"No {kind} came through the virtual camera: {dict(self.counts)}")

    def close(self, *, counted: bool = True) -> None:
        """counted: what was seen counts in the sum over all tests."""
        self._closed.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if counted:
            in_all.kinds.update(self.counts)
            in_all.most_room = max(in_all.most_room, self.most_room)

    def _watch(self) -> None:
        number = 0
        while not self._closed.is_set():
            capture = cv2.VideoCapture(self.device, cv2.CAP_V4L2)
            while not self._closed.is_set():
                came, frame = capture.read()
                if not came:
                    self._closed.wait(0.05)  # nothing is sent yet: it cannot be waited for, only asked for
                    break
                kind = kind_of(frame)
                with self._news:
                    self.counts[kind] += 1
                    self.most_room = max(self.most_room, room_share(frame))
                    self._latest = (number, kind, frame)
                    self._news.notify_all()
                number += 1
            capture.release()


def kind_of(frame: NDArray[np.uint8]) -> str:
    """What a frame is: the "room" as the camera sees it, a "composite", a "placeholder", or "other"."""
    if room_share(frame) > RAW:
        return "room"
    if _share_near(frame, COLOUR) > 0.2:
        return "composite"
    return "placeholder" if _share_near(frame, GROUND) > 0.7 else "other"


def _share_near(frame: NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    low, high = np.clip(np.array(colour) - NEAR, 0, 255), np.clip(np.array(colour) + NEAR, 0, 255)
    return float(cv2.inRange(frame, low, high).mean() / 255)
