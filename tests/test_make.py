"""The Makefile and what it installs: told by make itself, which is asked what it would do and does nothing."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
TARGETS = set(re.findall(r"(?m)^([a-z][a-z-]*):(?!=)", MAKEFILE))

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make, as Windows has not")


def would_do(target: str, folder: Path) -> str:
    """The commands of a target where nothing is installed yet."""
    asked = ["make", "--dry-run", target, f"VENV={folder}", f"PYTHON={sys.executable}"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def packages_of(group: str) -> list[str]:
    """The requirements of a dependency group and of those that it includes."""
    found = []
    for each in GROUPS[group]:
        found += [each] if isinstance(each, str) else packages_of(each["include-group"])
    return found


def installed_by(commands: str) -> str:
    groups = re.findall(r"--group ([a-z]+)", commands)
    return " ".join(package for group in groups for package in packages_of(group))


def test_every_target_is_phony():
    phony = re.search(r"(?m)^\.PHONY:((?:.*\\\n)*.*)", MAKEFILE)
    assert phony is not None
    assert set(phony[1].replace("\\\n", " ").split()) == TARGETS


@pytest.mark.parametrize(
    "target", ["run", "lint", "format", "texts", "wheel", "bundle", "screenshots", "bench"]
)
def test_what_needs_no_torch_does_not_install_it(target, tmp_path):
    assert "torch" not in installed_by(would_do(target, tmp_path))


@pytest.mark.parametrize("target", ["test", "train", "export", "fault-table"])
def test_what_needs_torch_installs_it(target, tmp_path):
    assert "torch==" in installed_by(would_do(target, tmp_path))


@pytest.mark.parametrize("target", ["test", "fault-table", "screenshots"])
def test_the_programs_that_a_target_starts_are_installed(target, tmp_path):
    assert "packages.py test" in would_do(target, tmp_path)


def test_torch_is_named_once():
    assert len(re.findall(r"\btorch[=<>~]", (ROOT / "pyproject.toml").read_text() + MAKEFILE)) == 1


def test_nothing_is_compiled_or_installed_twice(tmp_path):
    commands = would_do("test", tmp_path).splitlines()
    assert len([each for each in commands if "-m venv" in each]) == 1
    assert len([each for each in commands if each.endswith("install -e .")]) == 1
    assert len([each for each in commands if "native/build.py" in each]) == 1  # which finds it compiled


def test_the_system_packages_are_told_by_a_python_that_has_nothing_installed():
    """make asks before there is an environment. After make test, nothing is missing any more."""
    told = (
        "import runpy; there = runpy.run_path('assets/setup/packages.py');"
        "print(len(there['PACKAGES']), there['missing_to_run'](), there['missing_to_test']())"
    )
    ended = subprocess.run(
        [sys.executable, "-S", "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, _, missing = ended.stdout.partition(" ")
    assert int(count) > 20
    if shutil.which("apt-get") is not None:
        assert missing.strip() == "[] []"


def test_cleaning_removes_what_git_ignores_and_make_has_built():
    built = subprocess.run(
        ["make", "--dry-run", "clean", f"PYTHON={sys.executable}"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    for name in (".venv", "build", "dist", "_native.*", "kernels/_*.so", "__pycache__"):
        assert name in built, name
