"""Who is at the other end of a socket."""

import os
import socket
import struct
import sys

_PLATFORM: str = sys.platform
LOCAL_PEERCRED = 0x001  # macOS: gives a struct xucred, which begins with its version and the user


def is_this_user(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user, as the system tells; where it cannot, the folder does."""
    if _PLATFORM == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        _pid, user, _group = struct.unpack("=iII", credentials)
        return bool(user == os.getuid())
    if _PLATFORM == "darwin":
        _version, user = struct.unpack_from("=II", connection.getsockopt(0, LOCAL_PEERCRED, 76))
        return bool(user == os.getuid())
    return True


def process_of(connection: socket.socket) -> int:
    """The process at the other end, 0 where the system does not tell."""
    if _PLATFORM != "linux":
        return 0
    process, _user, _group = struct.unpack(
        "=iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    )
    return int(process)
