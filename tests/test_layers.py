"""Who may import whom: each layer is imported in a fresh process, module by module, and folders stand in an order."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

QT, TORCH = "PySide6", "torch"

IMPORT_EACH = """
import importlib, json, sys
for names, forbidden in json.loads(sys.argv[1]):
    for name in names:
        importlib.import_module(name)
        found = sorted({module.partition(".")[0] for module in sys.modules} & set(forbidden))
        if found:
            sys.exit(f"{name} brings in {', '.join(found)}")
"""


# Each folder may import what stands in a row above its own, and nothing else: the ground comes first. Imports inside functions
# and under TYPE_CHECKING count, too.
LAYERS = (
    ("backdrop",),
    ("backdrop.resources",),
    ("backdrop.language",),
    ("backdrop.frames",),
    ("backdrop.files",),
    ("backdrop.system",),
    ("backdrop.settings",),
    ("backdrop.cameras",),
    ("backdrop.backdrops",),
    ("backdrop.outputs",),
    ("backdrop.pipeline",),
    ("backdrop.run",),
    ("backdrop.control",),
    ("backdrop.doctor",),
    ("backdrop.setup",),
    ("backdrop.bench",),
    ("backdrop.cli",),
    ("backdrop.ui",),
    ("backdrop.__main__",),
    ("backdrop.start",),
)
RANK = {folder: row for row, folders in enumerate(LAYERS) for folder in folders}
SOURCES = {
    "backdrop": ROOT / "app" / "backdrop",
    "sinet_core": ROOT / "sinet_core",
}


@cache
def _files() -> dict[str, Path]:
    """{module: file} of both packages."""
    found = {}
    for package, folder in SOURCES.items():
        for path in folder.rglob("*.py"):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def _graph() -> dict[str, set[str]]:
    """{module: the modules of ours that it imports}."""
    files, graph = _files(), dict[str, set[str]]()
    for module, path in files.items():
        named = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= {name if name in files else node.module for name in whole}
        graph[module] = {name for name in named if name in files and name != module}
    return graph


def _circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """What is left when everything that imports nothing more is taken away, again and again."""
    left = {module: set(imported) for module, imported in graph.items()}
    while True:
        done = {module for module, imported in left.items() if not imported & left.keys()}
        if not done:
            return [sorted(left)] if left else []
        left = {module: imported for module, imported in left.items() if module not in done}


def _folder(module: str) -> str:
    return module if module in RANK else module.rpartition(".")[0]


def _modules(package: str, without: str = "") -> list[str]:
    names = []
    for name in sorted(_files()):
        if not f"{name}.".startswith(f"{package}."):
            continue
        if not without or not f"{name}.".startswith(f"{without}."):
            names.append(name)
    return names


def _import_in_a_fresh_process(*layers: tuple[list[str], list[str]]) -> "subprocess.CompletedProcess[str]":
    """Import modules one after another. layers: their names, and what none of them may have brought in by then."""
    return subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, json.dumps(layers)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param(
            [
                (_modules("sinet_core", without="sinet_core.training"), ["backdrop", QT, TORCH]),
                (_modules("backdrop", without="backdrop.ui"), [QT, TORCH]),
                (_modules("backdrop"), [TORCH]),
            ],
            id="sinet_core, backdrop, backdrop.ui",
        ),
        pytest.param([(_modules("sinet_core.training"), ["backdrop", QT])], id="sinet_core.training"),
        # `backdrop toggle blur` lies on a key.
        pytest.param(
            [(["backdrop.__main__"], ["numpy", "cv2", "onnxruntime", "av", "pyvirtualcam", QT])],
            id="a command",
        ),
        pytest.param([(["backdrop.cli.headless"], ["av", QT])], id="a run"),
    ],
)
def test_a_layer_imports_nothing_that_it_may_not_and_what_starts_often_nothing_that_takes_time(layers):
    assert all(names for names, _forbidden in layers)
    ended = _import_in_a_fresh_process(*layers)
    assert ended.returncode == 0, ended.stderr


def test_this_would_notice():
    ended = _import_in_a_fresh_process((["backdrop.resources"], [QT]), (["backdrop.ui.theme"], [QT]))
    assert ended.returncode == 1
    assert "backdrop.ui.theme brings in PySide6" in ended.stderr


def test_the_modules_are_found():
    assert {"backdrop", "backdrop.run.engine", "backdrop.__main__"} <= set(
        _modules("backdrop", without="backdrop.ui")
    )
    assert not [
        name for name in _modules("backdrop", without="backdrop.ui") if name.startswith("backdrop.ui")
    ]
    assert "sinet_core.training" not in _modules("sinet_core", without="sinet_core.training")


def test_no_modules_import_one_another_in_a_circle():
    assert _circles(_graph()) == []


def test_every_folder_imports_only_from_the_folders_below_it():
    upward = [
        f"{module} imports {name}"
        for module, imported in _graph().items()
        for name in imported
        if module.startswith("backdrop")
        and name.startswith("backdrop")
        and _folder(module) != _folder(name)
        and RANK[_folder(module)] <= RANK[_folder(name)]
    ]
    assert upward == []


def test_a_circle_and_an_import_upward_would_be_noticed():
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()})
    assert not _circles({"a": {"b"}, "b": {"c"}, "c": set()})
