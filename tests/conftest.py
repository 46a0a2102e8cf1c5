"""What every test needs before it starts."""

import os
from pathlib import Path

import pytest

# One thread each: the tests share two busy cores, and results must not depend on how work was split.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Windows of tests are drawn into memory; a real display is for people.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Reading a video logs to the terminal otherwise.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of photos and reference networks that lies beside the checkout; it is too large, and not ours, to commit."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the checkout")
    return SHARED
