"""CONTRIBUTING.md: its tree is the folders, and the files that it names are there."""

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath

from tests import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WHOLE = ("app/backdrop", "sinet_core")  # shown with every folder in them; of others only the top


def tree(text: str) -> list[str]:
    """The folders of the first fenced block: two spaces deeper is inside."""
    block = re.search(r"(?ms)^```\n(.*?)^```", text)
    assert block is not None
    found: list[str] = []
    above: list[str] = []
    for line in block[1].splitlines():
        shown = re.match(r"( *)([\w.-]+)/(?:\s|$)", line)
        assert shown is not None, line
        depth = len(shown[1]) // 2
        above[depth:] = [shown[2]]
        found.append("/".join(above))
    return found


def folders() -> set[str]:
    """The folders at the top, and those inside WHOLE that hold sources; nothing that git ignores or that begins with a dot."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    inside = {
        parent
        for top in WHOLE
        for ending in ("py", "c")
        for path in (ROOT / top).rglob(f"*.{ending}")
        for parent in PurePosixPath(path.relative_to(ROOT).as_posix()).parents
    }
    tops = {name for name in tops if not any(fnmatch(name, each) for each in ignored)}
    return tops | {str(path) for path in inside} - {"."}


def test_the_tree_in_contributing_is_the_folders():
    shown, there = tree(TEXT), folders()
    assert len(shown) == len(set(shown))
    assert {name for name in there if "/" not in name} == {name for name in shown if "/" not in name}
    for top in WHOLE:
        inside = {name for name in there if name == top or name.startswith(f"{top}/")}
        assert inside == {name for name in shown if name == top or name.startswith(f"{top}/")}


def test_each_folder_in_the_tree_is_explained():
    block = TEXT.partition("```\n")[2].partition("```")[0].splitlines()
    assert [line for line in block if not re.search(r"/\s{2,}\S", line)] == ["app/"]


def test_a_file_that_contributing_names_is_there():
    named = set(re.findall(r"`((?:app|sinet_core|tests|assets|weights|docs|\.ci)/[\w./-]+)`", TEXT))
    assert len(named) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_a_tree_is_read_by_its_indentation():
    assert tree("```\na/     x\n  b/   y\n    c/  z\n  d/   y\ne/\n```\n") == [
        "a",
        "a/b",
        "a/b/c",
        "a/d",
        "e",
    ]
