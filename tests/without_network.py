"""Runs a command of the application in a process that the kernel kills as soon as it asks for a network socket.

    python tests/without_network.py run --camera demo --output null --seconds 3

Whoever asks, Python or a library, on whatever thread: a filter (seccomp) lets the process make sockets between
programs of this computer (AF_UNIX) and to the kernel (AF_NETLINK, for hot-plug) alone. It cannot be taken off again.
"""

import ctypes
import platform
import struct
import sys

AF_UNIX, AF_NETLINK = 1, 16
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER_MODE = 38, 22, 2
ALLOW, KILL = 0x7FFF0000, 0x80000000
IO_URING_SETUP = 425  # could make sockets past the filter
# Per kind of processor: what the kernel calls it, and its number of socket(2).
PROCESSORS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
LOAD, EQUAL, END = 0x20, 0x15, 0x06  # of a BPF program: load 32 bits, jump where equal, return
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


def possible() -> bool:
    """Whether this computer has such filters, and we know its numbers."""
    return sys.platform == "linux" and platform.machine() in PROCESSORS


def forbid_network() -> None:
    """From now on, kill this process at its first network socket. Raises OSError where that cannot be had."""
    architecture, socket_call = PROCESSORS[platform.machine()]
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 0, 7, architecture),  # another kind has other numbers
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 5, 0, IO_URING_SETUP),
        (EQUAL, 0, 3, socket_call),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, AF_UNIX),
        (EQUAL, 0, 1, AF_NETLINK),
        (END, 0, 0, ALLOW),
        (END, 0, 0, KILL),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    whole = ctypes.create_string_buffer(struct.pack("@HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, FILTER_MODE, ctypes.c_void_p(ctypes.addressof(whole)), 0, 0),
    ):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no such filter")


if __name__ == "__main__":
    forbid_network()
    from backdrop.start import program

    program()
