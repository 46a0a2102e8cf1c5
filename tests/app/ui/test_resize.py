"""No layout depends on itself: the window can be dragged to any height, with anything in it, and lies the same each time."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests import ROOT

PAGES = ("none", "blur", "picture", "colour", "transparent", "settings", "doctor")
ALL = {"heights": (400, 1201)}
CASES: dict[str, tuple[int, dict[str, Any]]] = {  # with the scale of the screen
    "every page": (1, {"own": 0, "widths": (1000, 1001), "pages": PAGES}),
    "eight own pictures, dark, 200 %": (
        2, {"own": 8, "theme": "dark", "widths": (760, 761), "heights": (700, 1401), "pages": ["blur", "doctor"]},
    ),
    "forty, high contrast, large": (
        1, {"own": 40, "theme": "contrast", "points": 15, "widths": (900, 901), "pages": ["picture", "settings"]},
    ),
    "small, with serifs": (
        1, {"own": 8, "theme": "light", "points": 7, "font": "serif", "widths": (1320, 1321), "pages": ["transparent"]},
    ),
    "forty, 200 %, very large, fixed": (
        2, {"own": 40, "points": 20, "font": "monospace", "widths": (820, 821), "pages": ["none", "doctor"]},
    ),
    "wide": (1, {"own": 8, "widths": (1480, 1920, 20), "heights": (720, 760), "pages": ["picture"]}),
    "every width": (
        1, {"own": 8, "widths": (360, 1400, 2), "heights": (620, 621), "pages": ["blur", "settings", "doctor"]},
    ),
}  # fmt: skip


def dragged(asked: dict[str, Any], scale: int = 1) -> tuple[int, dict[str, Any]]:
    """Drag a window in a process of its own. Returns its exit status and what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.resize_window", json.dumps({**ALL, **asked})],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": str(scale)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout, (done.returncode, done.stderr[-2000:])
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_every_height_of_the_window_has_one_layout_that_is_found_at_once(case):
    scale, asked = CASES[case]
    status, found = dragged(asked, scale)
    assert status == 0, found
    assert found["elsewhere"] == []
    assert found["ratio"] == scale


def test_this_would_notice_a_layout_that_depends_on_itself():
    asked = {"own": 0, "widths": (1000, 1001), "heights": (700, 1600), "pages": ["blur"], "broken": True}
    assert dragged(asked) == (3, {"endless": "Gallery"})
