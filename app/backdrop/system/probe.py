"""Reading what the computer says: the text of a file, the output of a program."""

import os
import subprocess
from pathlib import Path


def text_of(path: str | Path) -> str | None:
    """The stripped text of a small file; None if it is missing or not readable."""
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return None


def bytes_of(path: str | Path) -> bytes | None:
    """The bytes of a small file; None if it is missing or not readable."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def said_by(*command: str) -> str:
    """The output of a program, in English, both streams; "" if there is no such program. Waits at most 10 s."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return f"{done.stdout}{done.stderr}".strip()
