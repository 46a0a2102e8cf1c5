"""Who may import whom: each layer is imported in a fresh process, module by module."""

import json
import subprocess
import sys

import pytest

from tests import ROOT

QT, TORCH = "PySide6", "torch"

IMPORT_EACH = """
import importlib, json, sys
names, forbidden = json.loads(sys.argv[1])
for name in names:
    importlib.import_module(name)
    found = sorted({module.partition(".")[0] for module in sys.modules} & set(forbidden))
    if found:
        sys.exit(f"{name} brings in {', '.join(found)}")
"""


def _modules(package: str, without: str = "") -> list[str]:
    names = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not without or not f"{name}.".startswith(f"{without}."):
            names.append(name)
    return names


def _import_in_a_fresh_process(names: list[str], forbidden: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, json.dumps([names, forbidden])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize(
    ("names", "forbidden"),
    [
        pytest.param(
            _modules("sinet_core", without="sinet_core.training"), ["app", QT, TORCH], id="sinet_core"
        ),
        pytest.param(_modules("sinet_core/training"), ["app", QT], id="sinet_core.training"),
        pytest.param(_modules("app", without="backdrop.ui"), [QT, TORCH], id="app"),
        pytest.param(_modules("app"), [TORCH], id="app with backdrop.ui"),
    ],
)
def test_a_layer_imports_nothing_that_it_may_not(names, forbidden):
    assert names
    ended = _import_in_a_fresh_process(names, forbidden)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("names", "forbidden"),
    [
        # `backdrop toggle blur` lies on a key.
        pytest.param(
            ["backdrop.__main__"], ["numpy", "cv2", "onnxruntime", "av", "pyvirtualcam", QT], id="a command"
        ),
        pytest.param(["backdrop.cli.headless"], ["av", QT], id="a run"),
    ],
)
def test_what_starts_often_loads_nothing_that_takes_time_and_is_not_needed(names, forbidden):
    ended = _import_in_a_fresh_process(names, forbidden)
    assert ended.returncode == 0, ended.stderr


def test_this_would_notice():
    ended = _import_in_a_fresh_process(["backdrop.ui.window"], [QT])
    assert ended.returncode == 1
    assert "backdrop.ui.window brings in PySide6" in ended.stderr


def test_the_modules_are_found():
    assert {"app", "backdrop.run.engine", "backdrop.__main__"} <= set(_modules("app", without="backdrop.ui"))
    assert not [name for name in _modules("app", without="backdrop.ui") if name.startswith("backdrop.ui")]
    assert "sinet_core.training" not in _modules("sinet_core", without="sinet_core.training")
