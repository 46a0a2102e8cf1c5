"""Whether a display answers. Checked before Qt starts, because Qt aborts the process if none does."""

import ctypes
import os
import sys
from collections.abc import Mapping


def platforms(environ: Mapping[str, str]) -> list[str]:
    """The names of the Qt platforms that Qt would try."""
    if told := environ.get("QT_QPA_PLATFORM"):  # also a platform without a display, such as offscreen
        return [each.partition(":")[0] for each in told.split(";")]
    variables = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return [name for name, variable in variables.items() if environ.get(variable)]


def answers(platform: str) -> bool:
    """Whether a window can open on this Qt platform. The environment of this process names the display."""
    if platform == "xcb":
        return _x_answers()
    return _wayland_answers() if platform.startswith("wayland") else True


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(answers(each) for each in platforms(os.environ))


def _x_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False  # Qt needs it, too
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    good = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return good


def _wayland_answers() -> bool:
    try:
        wayland = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return False
    wayland.wl_display_connect.argtypes = (ctypes.c_char_p,)
    wayland.wl_display_connect.restype = ctypes.c_void_p
    wayland.wl_display_disconnect.argtypes = (ctypes.c_void_p,)
    display = wayland.wl_display_connect(None)
    if display is None:
        return False
    wayland.wl_display_disconnect(display)
    return True
