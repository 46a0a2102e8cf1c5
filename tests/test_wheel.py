"""The wheel is built, installed aside and run outside the checkout: it must hold all that Backdrop needs."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from backdrop.cameras.video_file import VideoFile
from sinet_core.native.build import BUILT, compiler
from tests import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True, capture_output=True, timeout=600)
    return next(folder.glob("sinet_backdrop-*-py3-none-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*pip, "--target", str(folder), str(wheel)], check=True, capture_output=True, timeout=600)
    return folder


def test_the_wheel_holds_what_runs_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "backdrop/assets/demo/astronaut.png",
        "backdrop/assets/demo/person.png",
        "backdrop/assets/demo/astronaut.alpha.png",
        "backdrop/ui/__init__.py",
        "sinet_core/video_matter.py",
        "sinet_core/weights/sinet.onnx",
        "sinet_core/weights/sinet.onnx.sha256",
        "sinet_core/weights/sinet-avx2.onnx",
        "sinet_core/weights/sinet-avx2.onnx.sha256",
    ):
        assert name in names
    assert any(name.endswith(".dist-info/licenses/THIRD_PARTY.md") for name in names)
    assert any(name.startswith("backdrop/assets/backdrops/") and name.endswith(".jpg") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"backdrop", "sinet_core"}
    assert wheel.stat().st_size < 15_000_000
    assert not [name for name in names if name.startswith("sinet_core/training")], "it needs torch"


def test_nothing_in_the_wheel_imports_torch(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                text = archive.read(name).decode()
                assert not re.search(r"^\s*(import|from) (torch|sinet_core\.training)\b", text, re.M), name


def test_the_wheel_holds_the_compiled_part_and_says_for_which_computers(wheel):
    compiled = [name for name in zipfile.ZipFile(wheel).namelist() if "/_native." in name]
    if compiler() is None:
        assert (compiled, wheel.stem.endswith("-py3-none-any")) == ([], True)
        return
    assert compiled == [f"sinet_core/native/{BUILT.name}"]
    assert not wheel.stem.endswith("-any")


def test_without_a_compiler_the_wheel_is_built_all_the_same(tmp_path):
    """Of a checkout in which nothing is compiled yet."""
    checkout = tmp_path / "checkout"
    compiled = shutil.ignore_patterns("_native.*", "_*.so", "__pycache__", "*.jpg", "*.webm", "*.png")
    for name in ("app", "assets", "sinet_core", "weights"):
        shutil.copytree(ROOT / name, checkout / name, ignore=compiled)
    for name in ("LICENSE", "README.md", "THIRD_PARTY.md", "hatch_build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "CC": "no-such-compiler"}
    command = [*pip, "-w", str(tmp_path), str(checkout)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    pure = next(tmp_path.glob("sinet_backdrop-*-py3-none-any.whl"))
    assert not [name for name in zipfile.ZipFile(pure).namelist() if "/_native." in name]


def test_what_the_wheel_asks_for_has_no_torch(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("METADATA"))
        asks = [line for line in archive.read(name).decode().splitlines() if line.startswith("Requires-Dist")]
    always = " ".join(line for line in asks if "extra ==" not in line)
    assert "opencv-python-headless" in always
    assert "PySide6-Essentials==6.11.3" in always.replace("pyside6-essentials", "PySide6-Essentials")
    assert not any(word in always for word in ("torch", "onnx>", "matplotlib", "pytest"))


def test_the_installed_command_makes_a_video_outside_the_checkout(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    where = [
        sys.executable,
        "-P",
        "-c",
        "import backdrop, sinet_core; print(backdrop.__file__, sinet_core.__file__)",
    ]
    told = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert all(path.startswith(str(installed)) for path in told.stdout.split()), "not the checkout's"
    command = [sys.executable, str(installed / "bin" / "backdrop"), "run", "--camera", "demo"]
    ended = subprocess.run(
        [*command, "--backdrop", "picture", "--output", "out.mp4", "--seconds", "1"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr
    assert "placeholder" not in ended.stderr, "every frame is a composite"
    video = VideoFile(tmp_path / "out.mp4", paced=False)
    assert (video.frames, video.size) == (30, (1280, 720))
