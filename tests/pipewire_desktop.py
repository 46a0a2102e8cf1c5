"""A desktop of a test's own that has PipeWire: a session bus, PipeWire with WirePlumber and, for browsers, the portal."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backdrop.system.probe import said_by
from tests.own_folders import own_folders

PATIENCE = 300.0  # seconds for what takes one where nothing else runs
PORTAL = Path("/usr/libexec/xdg-desktop-portal")
PORTAL_GTK = Path("/usr/libexec/xdg-desktop-portal-gtk")
PLUGIN = "pipewiresrc"


def missing(*programs: str) -> str:
    """Which of these programs, or of those that every such desktop needs, this computer lacks; "" for none."""
    needed = ("dbus-daemon", "pipewire", "wireplumber", "pw-dump", "gst-launch-1.0", *programs)
    lacking = [each for each in needed if shutil.which(each) is None]
    if not lacking and not said_by("gst-inspect-1.0", PLUGIN).startswith("Factory Details"):
        lacking = ["GStreamer's PipeWire plug-in"]
    return ", ".join(lacking)


@dataclass
class Desktop:
    """environment: what a program needs to run on it."""

    folder: Path
    environment: dict[str, str]
    _pipewire: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _portal: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_pipewire(self) -> None:
        self._pipewire = [self._start("pipewire")]
        wait_for(
            lambda: "PipeWire:Interface:Core" in self.run("pw-dump")
        )  # a former one's socket says nothing
        self._pipewire.append(self._start("wireplumber"))
        wait_for(lambda: "WirePlumber" in self.run("pw-dump"))

    def end_pipewire(self) -> None:
        for process in reversed(self._pipewire):
            _end(process)
        self._pipewire = []

    def run(self, *command: str) -> str:
        """What a program prints."""
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        ).stdout

    def node(self) -> dict[str, object] | None:
        """What PipeWire tells of the node called Backdrop, None where there is none."""
        for each in json.loads(self.run("pw-dump") or "[]"):
            told = (each.get("info") or {}).get("props") or {}
            if each["type"] == "PipeWire:Interface:Node" and told.get("node.name") == "backdrop":
                return dict(told)
        return None

    def reader(self, frames: int, caps: str, path: Path) -> subprocess.Popen[str]:
        """GStreamer, which writes that many frames to a file as they are, and ends."""
        command = ["gst-launch-1.0", "-q", "pipewiresrc", "target-object=backdrop", f"num-buffers={frames}"]
        return subprocess.Popen(
            [*command, "!", caps, "!", "filesink", f"location={path}"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start_portal(self) -> None:
        """Let browsers have the camera: the portal's Camera interface, with the person's yes."""
        call = ["gdbus", "call", "--session", "-d"]
        bus = "org.freedesktop.DBus"
        named = [*call, bus, "-o", "/org/freedesktop/DBus", "-m", f"{bus}.NameHasOwner"]
        self._portal.append(self._start(str(PORTAL_GTK)))
        wait_for(lambda: "true" in self.run(*named, "org.freedesktop.impl.portal.desktop.gtk"))
        # It looks once for what stands behind it. Qt lets the bus start one, too, which this one replaces.
        self._portal.append(self._start(str(PORTAL), "--replace"))
        camera = [
            *call, "org.freedesktop.portal.Desktop", "-o", "/org/freedesktop/portal/desktop", "-m",
            "org.freedesktop.DBus.Properties.Get", "org.freedesktop.portal.Camera", "IsCameraPresent",
        ]  # fmt: skip
        wait_for(lambda: "true" in self.run(*camera))
        store = "org.freedesktop.impl.portal.PermissionStore"
        self.run(
            *call, store, "-o", "/org/freedesktop/impl/portal/PermissionStore", "-m", f"{store}.SetPermission",
            "devices", "true", "camera", "", "['yes']",
        )  # fmt: skip

    def end(self) -> None:
        for process in reversed(self._portal):
            _end(process)
        self.end_pipewire()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{Path(command[0]).name}.log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)


@contextmanager
def desktop(*, browsers: bool = False, display: int = 89) -> Iterator[Desktop]:
    """browsers: with a display, for the portal's dialogs, and the portal."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="backdrop-desktop-")))
        own = own_folders(folder) | {"XDG_CURRENT_DESKTOP": "GNOME", "DISPLAY": f":{display}"}
        environment = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"} | own
        made = Desktop(folder, environment)
        if browsers:
            screen = made._start("Xvfb", f":{display}", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
            ends.callback(_end, screen)
            wait_for(Path(f"/tmp/.X11-unix/X{display}").exists)
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ends.callback(_end, bus)
        assert bus.stdout is not None
        assert select.select([bus.stdout], [], [], PATIENCE)[0], "dbus-daemon did not start"
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        ends.callback(
            said_by, "umount", str(folder / "XDG_RUNTIME_DIR" / "doc")
        )  # the portal mounts it, where it can
        ends.callback(made.end)
        made.start_pipewire()
        yield made


def _end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it did not happen in {PATIENCE} s"
        time.sleep(0.05)


def in_bgr(path: Path, width: int, height: int, format: str) -> NDArray[np.uint8]:
    """The last frame in a file that a reader has written, (H, W, 3) uint8 BGR."""
    import cv2

    size = width * height * (3 if format == "I420" else 4) // 2
    last = np.fromfile(path, np.uint8)[-size:]
    if format == "I420":
        return np.asarray(
            cv2.cvtColor(last.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420), np.uint8
        )
    return np.asarray(cv2.cvtColor(last.reshape(height, width, 2), cv2.COLOR_YUV2BGR_YUY2), np.uint8)
