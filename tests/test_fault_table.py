"""The fault table in the docs: it names tests that there are, and says what came of each."""

import re

import pytest

from tests import ROOT
from tests.fault_table import SUM, TABLE, Outcome, named_by, rows, written

TEXT = TABLE.read_text("utf-8")


@pytest.mark.parametrize("row", rows(TEXT), ids=lambda row: row[0])
def test_a_row_names_tests_that_there_are_and_what_came_of_them(row):
    fault, seen, told, recovery, _, result = row
    assert all((fault, told, recovery)), "a fault, what the person is told, and how it ends"
    assert seen or fault.startswith("reader gone"), "nobody is left to see anything"
    for file, name in named_by(row):
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), f"{file} has no {name}"
    assert re.fullmatch(r"held(, \d+ frames, 0 raw)?", result), "run `make fault-table`"


def test_the_sum_says_that_no_raw_frame_escaped():
    told = SUM.search(TEXT)
    assert told is not None
    assert "**0 raw frames escaped**" in told.group()


def test_a_failure_and_a_raw_frame_show_in_the_table():
    text = "| a | b | c | d | `test_x.py::test_y`, `system/test_z.py::test_y` | old |\n<!-- sum --><!-- end -->\n"
    bad = {
        ("test_x.py", "test_y"): Outcome(passed=2, frames=10),
        ("system/test_z.py", "test_y"): Outcome(failed=1, frames=5, raw=3),
    }
    now = written(text, bad)
    assert rows(now)[0][5] == "**failed**, 15 frames, 3 raw"
    assert "15 frames" in now
    assert "**3 raw frames escaped**" in now
    assert rows(written(text, {}))[0][5] == "old"
    assert (
        rows(written(text, {("test_x.py", "test_y"): Outcome(passed=2, frames=10)}))[0][5]
        == "held, 10 frames, 0 raw"
    )
