"""The end of the control socket that asks."""

import json
import socket
import sys
import time
from typing import Any

from backdrop.control.peer import is_this_user
from backdrop.control.place import ControlError, address
from backdrop.control.request import Request, as_line
from backdrop.language import _

PATIENCE = 5.0  # seconds for a running Backdrop to answer; one that is starting needs a moment
LONGEST_ANSWER = 1_000_000  # bytes


class NotRunningError(ControlError):
    """There is no running Backdrop of that name."""


def ask(request: Request, instance: str = "", patience: float = PATIENCE) -> dict[str, Any]:
    """Ask the running Backdrop of that name. Returns its answer.

    Raises NotRunningError where there is none, ControlError, in its own words, where it refuses or does not answer.
    """
    line = as_line(request)
    try:
        said = json.loads(_exchange(line, instance, patience))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        named = f" {instance}" if instance else ""
        raise NotRunningError(
            _("No Backdrop{named} is running: start one with `backdrop` or `backdrop run`.", named=named)
        ) from error
    except (OSError, ValueError) as error:
        raise ControlError(
            _("The running Backdrop does not answer ({why}).", why=str(error) or "?")
        ) from error
    if not isinstance(said, dict) or not said.get("ok"):
        about = said if isinstance(said, dict) else {}
        raise ControlError(str(about.get("error")), status=2 if about.get("status") == 2 else 1)
    return said


def _exchange(line: bytes, instance: str, patience: float) -> bytes:
    """Send a line and return the one that comes back. Raises OSError."""
    if sys.platform == "win32":
        from backdrop.control.pipe import exchange

        return exchange(address(instance), line, patience)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        _connect(connection, address(instance), time.monotonic() + patience)
        if not is_this_user(connection):
            raise ConnectionRefusedError
        connection.sendall(line)
        said = bytearray()
        while piece := connection.recv(65536):
            said += piece
            if said.endswith(b"\n") or len(said) > LONGEST_ANSWER:
                break
        return bytes(said)


def _connect(connection: socket.socket, place: str, until: float) -> None:
    while True:
        try:
            connection.connect(place)
        except BlockingIOError:  # as many as the system keeps are waiting to be accepted
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)
        else:
            return
