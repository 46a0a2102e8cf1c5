"""Whether a display answers: asked as Qt asks, before Qt is, which aborts the process where none does."""

import ctypes
import os
import sys
from collections.abc import Mapping


def platforms(environ: Mapping[str, str]) -> list[str]:
    """The ways in which Qt would try to show a window, in its names for them."""
    if told := environ.get(
        "QT_QPA_PLATFORM"
    ):  # Qt can also be told to draw elsewhere, for example into memory
        return [each.partition(":")[0] for each in told.split(";")]
    variables = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return [name for name, variable in variables.items() if environ.get(variable)]


def answers(platform: str) -> bool:
    """Whether a window can be shown in this way. The display is the one that this process's environment names."""
    if platform == "xcb":
        return _x_answers()
    return _wayland_answers() if platform.startswith("wayland") else True


def has_display() -> bool:
    """Whether a window could be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(answers(each) for each in platforms(os.environ))


def _x_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False  # nor could Qt
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
