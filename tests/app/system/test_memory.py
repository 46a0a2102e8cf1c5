"""What was freed goes back to the system."""

import ctypes
import subprocess
import sys

import pytest

from backdrop.system.memory import give_back
from tests import ROOT

# In a process that does nothing else: what other tests' threads take and free meanwhile would be counted too.
WHAT_IS_GIVEN_BACK = """
import numpy as np
from backdrop.bench.machine import resident_mb
from backdrop.system.memory import give_back

blocks = [np.ones(32_000, np.uint8) for _ in range(4000)]
blocks = blocks[::400]  # what is kept in between keeps the C library from returning the rest by itself
before = resident_mb()
give_back()
print(before - resident_mb())
assert len(blocks) == 10
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="needs glibc",
)
def test_freed_memory_is_given_back():
    ended = subprocess.run(
        [sys.executable, "-c", WHAT_IS_GIVEN_BACK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(ended.stdout) > 60


def test_giving_back_is_harmless_anywhere():
    give_back()
    give_back()


WHERE_A_THREAD_ALLOCATES = """
import ctypes, re, sys, threading
from pathlib import Path
from backdrop.system.memory import share_one_heap

if sys.argv[1] == "shared":
    share_one_heap()
blocks = []
thread = threading.Thread(target=lambda: blocks.append(ctypes.create_string_buffer(4000)))
thread.start()
thread.join()
start, end = re.search(r"([0-9a-f]+)-([0-9a-f]+) .*\\[heap\\]", Path("/proc/self/maps").read_text()).groups()
print(int(start, 16) <= ctypes.addressof(blocks[0]) < int(end, 16))
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc"
)
@pytest.mark.parametrize(("how", "in_the_one_heap"), [("shared", "True"), ("as it was", "False")])
def test_threads_share_one_heap(how, in_the_one_heap):
    ended = subprocess.run(
        [sys.executable, "-c", WHERE_A_THREAD_ALLOCATES, how], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == in_the_one_heap
