"""Waiting for what another thread or program does."""

import time
from collections.abc import Callable

from tests.line_ends import LONG


def wait_until(condition: Callable[[], object], seconds: float = LONG) -> None:
    """Ask until the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
