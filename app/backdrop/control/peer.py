"""Who is at the other end of a connection."""

import os
import socket
import struct
import sys
from typing import Protocol

_PLATFORM: str = sys.platform
LOCAL_PEERCRED = 0x001  # macOS: returns a struct xucred, which begins with its version and the user


class HasFileno(Protocol):
    def fileno(self) -> int: ...


def process_and_user(connection: HasFileno) -> tuple[int, int]:
    """The process, 0 if the system does not say, and its user, -1 if the system does not say."""
    if _PLATFORM not in ("linux", "darwin"):
        return 0, -1
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        if _PLATFORM == "linux":
            process, user, _group = struct.unpack(
                "=iII", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            )
            return process, user
        _version, user = struct.unpack_from("=II", end.getsockopt(0, LOCAL_PEERCRED, 76))
        return 0, user


def is_this_user(connection: HasFileno) -> bool:
    """Whether the other end belongs to this user. Where the system does not say, only the private folder protects us."""
    user = process_and_user(connection)[1]
    return user == -1 or user == os.getuid()
