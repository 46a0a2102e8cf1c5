"""The side of the control socket that asks."""

import json
from multiprocessing.connection import Client
from typing import Any

from backdrop.control.peer import is_this_user
from backdrop.control.place import ControlError, address
from backdrop.control.request import Request, encode
from backdrop.language import _

PATIENCE = 5.0  # seconds for a running Backdrop to answer; one that is still starting needs a moment
MAX_ANSWER = 1_000_000  # bytes


class NotRunningError(ControlError):
    """There is no running Backdrop of that name."""


def ask(request: Request, instance: str = "", patience: float = PATIENCE) -> dict[str, Any]:
    """Ask the running Backdrop of that name. Returns its answer.

    Raises NotRunningError if there is none, and ControlError, with its own sentence, if it refuses or does not answer.
    """
    message = encode(request)
    try:
        with Client(address(instance)) as connection:
            if not is_this_user(connection):
                raise ConnectionRefusedError
            connection.send_bytes(message)
            if not connection.poll(patience):
                raise TimeoutError("timed out")
            said = json.loads(connection.recv_bytes(MAX_ANSWER))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        named = f" {instance}" if instance else ""
        raise NotRunningError(
            _("No Backdrop{named} is running: start one with `backdrop` or `backdrop run`.", named=named)
        ) from error
    except (OSError, EOFError, ValueError) as error:
        raise ControlError(
            _("The running Backdrop does not answer ({why}).", why=str(error) or "?")
        ) from error
    if not isinstance(said, dict) or not said.get("ok"):
        refusal = said if isinstance(said, dict) else {}
        raise ControlError(str(refusal.get("error")), status=2 if refusal.get("status") == 2 else 1)
    return said
