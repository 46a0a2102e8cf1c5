"""What the window needs: a display, Qt, and the libraries of Qt's platform plugins. Imports no Qt."""

import importlib.util
import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backdrop.doctor.finding import Finding, State
from backdrop.doctor.software import PIP
from backdrop.language import N_, _
from backdrop.system.display import has_display
from backdrop.system.distribution import family
from backdrop.system.probe import said_by, text_of

DISPLAY, WINDOW = N_("Display"), N_("Window")
HEADLESS = "backdrop run"
ASKED = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM", "XDG_CURRENT_DESKTOP")
PLUGINS = {"x11": "libqxcb.so", "wayland": "libqwayland.so"}


def debian_package(library: str) -> str:
    """The Debian package of a library, named by Debian's rule: libX11.so.6 is in libx11-6, libGL.so.1 in libgl1."""
    name, _so, number = library.lower().partition(".so.")
    name = name.replace("libglib-", "libglib")  # the one exception among Qt's
    return f"{name}-{number}" if name[-1:].isdigit() else f"{name}{number}"


# Libraries of Qt that a minimal Debian or Ubuntu lacks.
LIBRARIES = """
libEGL.so.1 libGL.so.1 libOpenGL.so.0 libxkbcommon.so.0 libxkbcommon-x11.so.0 libdbus-1.so.3
libfontconfig.so.1 libfreetype.so.6 libglib-2.0.so.0 libX11-xcb.so.1 libX11.so.6 libxcb.so.1
libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-randr.so.0
libxcb-render-util.so.0 libxcb-render.so.0 libxcb-shape.so.0 libxcb-shm.so.0 libxcb-sync.so.1
libxcb-util.so.1 libxcb-xfixes.so.0 libxcb-xkb.so.1 libwayland-client.so.0 libwayland-cursor.so.0
libwayland-egl.so.1
"""
PACKAGES = {library: debian_package(library) for library in LIBRARIES.split()}


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a window would open. kind: "x11", "wayland", "other" (set by QT_QPA_PLATFORM), "" for nowhere.

    socket: the display's socket file, "" if it has none.
    """

    kind: str
    named: str = ""
    socket: str = ""


def screen_of(environ: Mapping[str, str]) -> Screen:
    """The display that Qt would use, by the environment variables."""
    if told := environ.get("QT_QPA_PLATFORM"):
        return Screen("other", f"QT_QPA_PLATFORM={told}")
    if name := environ.get("WAYLAND_DISPLAY"):
        socket = str(Path(environ.get("XDG_RUNTIME_DIR", "")) / name)
        return Screen("wayland", f"WAYLAND_DISPLAY={name}", socket)
    if name := environ.get("DISPLAY"):
        local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", name)
        return Screen("x11", f"DISPLAY={name}", f"/tmp/.X11-unix/X{local[1]}" if local else "")
    return Screen("")


def judge_screen(screen: Screen, answers: bool) -> Finding:
    """answers: whether the display answers."""
    details = {"kind": screen.kind, "named": screen.named, "socket": screen.socket}
    found = partial(Finding, DISPLAY, details=details)
    if not screen.kind:
        return found(
            "advice", _("There is no display for the window. Backdrop can run without a window."), HEADLESS
        )
    if not answers:
        return found(
            "fault",
            _(
                "The display {named} does not answer. Start Backdrop from a terminal on the desktop, or "
                "without a window.",
                named=screen.named,
            ),
            HEADLESS,
        )
    return found("ok", _("The window opens on {named}.", named=screen.named))


def read_screen() -> tuple[Screen, bool]:
    """The display of this process, and whether it answers."""
    return screen_of(os.environ), has_display()


def read_plugins() -> dict[str, str] | None:
    """The output of `ldd` for the platform plugin of each kind of display; None if Qt is not installed."""
    found = importlib.util.find_spec("PySide6")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations)), "Qt", "plugins", "platforms")
    there = {kind: folder / name for kind, name in PLUGINS.items() if (folder / name).exists()}
    return {kind: said_by("ldd", str(path)) for kind, path in there.items()}


def missing_libraries(loaded: str) -> list[str]:
    """The missing libraries in the output of `ldd`."""
    return sorted(set(re.findall(r"^\s*(\S+) => not found", loaded, re.MULTILINE)))


def judge_plugins(plugins: Mapping[str, str] | None, screen: Screen, os_release: str) -> Finding:
    """plugins: see read_plugins()."""
    if plugins is None:
        return Finding(
            WINDOW,
            "fault",
            _("Qt is not installed, so the window cannot open."),
            f"{PIP} install PySide6-Essentials",
        )
    if plugins and not any(plugins.values()):
        return Finding(WINDOW, "ok", _("Qt is installed. Its libraries cannot be checked on this computer."))
    missing = {kind: missing_libraries(text) for kind, text in plugins.items()}
    details = {"missing": missing}
    found = partial(Finding, WINDOW, details=details)
    lacking = missing.get(screen.kind, sorted(set().union(*missing.values())))
    if not lacking:
        return found("ok", _("Qt has all the libraries it needs."))
    state: State = "fault" if screen.kind in missing else "advice"
    return found(
        state,
        _(
            "The window cannot open because Qt needs these missing libraries: {lacking}.",
            lacking=", ".join(lacking),
        ),
        install(lacking, family(os_release)),
    )


def install(libraries: list[str], kind: str) -> str:
    """The command that installs libraries, "" if unknown. kind: of Linux, see family()."""
    if kind == "debian":
        return f"sudo apt install {' '.join(map(debian_package, libraries))}"
    bits = "()(64bit)" if platform.architecture()[0] == "64bit" else ""
    named = " ".join(f"'{each}{bits}'" for each in libraries)
    if kind == "fedora":
        return f"sudo dnf install {named}"
    if kind == "suse":
        return f"sudo zypper install --capability {named}"
    return f"sudo pacman -F {' '.join(libraries)}" if kind == "arch" else ""


def examine_display() -> list[Finding]:
    """The display and Qt. On Windows and macOS there is always a display, and Qt includes its libraries."""
    if sys.platform in ("win32", "darwin"):
        screen = Screen("other", _("the desktop"))
        return [judge_screen(screen, True), judge_plugins(None if read_plugins() is None else {}, screen, "")]
    screen, answers = read_screen()
    return [
        judge_screen(screen, answers),
        judge_plugins(read_plugins(), screen, text_of("/etc/os-release") or ""),
    ]
