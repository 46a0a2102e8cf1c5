"""What was freed goes back to the system."""

import ctypes
import sys

import numpy as np
import pytest

from app.bench.machine import resident_mb
from app.memory import give_back


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="needs glibc",
)
def test_freed_memory_is_given_back():
    blocks = [np.ones(32_000, np.uint8) for _ in range(4000)]
    blocks = blocks[::400]  # what is kept in between keeps the C library from returning the rest by itself
    before = resident_mb()
    give_back()
    after = resident_mb()
    assert before is not None
    assert after is not None
    assert before - after > 60
    assert len(blocks) == 10


def test_giving_back_is_harmless_anywhere():
    give_back()
    give_back()
