"""What every test needs before it starts."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# One thread each: the tests share two busy cores, and results must not depend on how work was split.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Windows of tests are drawn into memory; a real display is for people.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Reading a video logs to the terminal otherwise.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
# The tests read English texts, wherever they run; tests/test_language.py speaks the others.
os.environ["LANGUAGE"] = "en"

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of photos and reference networks that lies beside the checkout; it is too large, and not ours, to commit."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the checkout")
    return SHARED


NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of its own, in which the test is an ordinary user: root, as CI is, may open and write everything."""
    folder = Path(tempfile.mkdtemp(prefix="backdrop-"))
    was_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield folder
    finally:
        if was_root:
            os.setresuid(0, 0, 0)
        shutil.rmtree(folder)
