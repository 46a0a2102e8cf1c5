"""A display without a screen, for one test."""

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.line_ends import LONG


@contextmanager
def x_server(size: str = "1400x900x24") -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start Xvfb. Gives the value of DISPLAY, and the process, which a test may kill."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb; `make test` installs it on Debian, Ubuntu")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with server, os.fdopen(reading) as said:
        number = said.readline().strip() if select.select([said], [], [], LONG)[0] else ""
        try:
            assert number, "Xvfb did not start"
            yield f":{number}", server
        finally:
            server.kill()
            for left in (f"/tmp/.X{number}-lock", f"/tmp/.X11-unix/X{number}"):
                Path(left).unlink(missing_ok=True)
