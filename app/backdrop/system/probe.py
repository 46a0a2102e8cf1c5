"""What the computer says: the text of a file, the output of a program."""

import os
import subprocess
from pathlib import Path


def text_of(path: str | Path) -> str | None:
    """A small text file, stripped; None where it is missing or may not be read."""
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return None


def bytes_of(path: str | Path) -> bytes | None:
    """A small file's bytes; None where it is missing or may not be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def said_by(*command: str) -> str:
    """What a program prints, in English, both streams; "" where there is no such program. Waits 10 s at most."""
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
