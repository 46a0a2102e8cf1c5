"""The bundle's specification. Building takes minutes, so `make bundle` does that and runs what it has built."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from backdrop.language import LANGUAGES
from backdrop.start import program
from sinet_core.native.build import BUILT
from tests import ROOT
from tests.own_folders import runtime_folder

SPEC = ROOT / "assets" / "bundle" / "backdrop.spec"
BUNDLE = ROOT / "dist" / "backdrop" / "backdrop"


class Recorded:
    """What PyInstaller would be told: it calls these names, which it puts into the specification's own."""

    def __init__(self, *given, **options):
        self.given, self.options = given, options
        self.pure, self.scripts = ["pure"], ["scripts"]
        self.binaries = [
            ("PySide6/Qt/lib/libQt6Widgets.so.6", "", "BINARY"),
            ("PySide6/Qt/lib/libQt6Quick.so.6", "", "BINARY"),
            ("PySide6/Qt/plugins/platforms/libqxcb.so", "", "BINARY"),
            ("libgtk-3.so.0", "", "BINARY"),
        ]
        self.datas = [
            *((target, source, "DATA") for source, target in options.get("datas", [])),
            ("PySide6/Qt/translations/qtbase_de.qm", "", "DATA"),
            ("PySide6/Qt/translations/qtbase_ja.qm", "", "DATA"),
        ]


@pytest.fixture(scope="module")
def told():
    names = {"SPECPATH": str(SPEC.parent), **dict.fromkeys(("Analysis", "PYZ", "EXE", "COLLECT"), Recorded)}
    exec(compile(SPEC.read_text(encoding="utf-8"), str(SPEC), "exec"), names)
    return names


def test_the_bundle_has_every_file_that_backdrop_looks_for(told):
    files = {f"{target}/{Path(source).name}" for source, target in told["analysis"].options["datas"]}
    for name in (
        "backdrop/assets/demo/astronaut.png",
        "backdrop/assets/demo/person.png",
        "backdrop/assets/icons/backdrop.svg",
        "backdrop/assets/desktop/backdrop.desktop",
        "backdrop/assets/backdrops/bookshelf.jpg",
        "sinet_core/weights/sinet.onnx",
        "sinet_core/weights/sinet.onnx.sha256",
        *(f"backdrop/assets/locale/{code}/LC_MESSAGES/backdrop.mo" for code in LANGUAGES if code != "en"),
    ):
        assert name in files
    assert not [name for name in files if name.endswith((".py", ".po")) or "/readme/" in name]


def test_the_bundle_has_the_licences_of_what_it_holds(told):
    files = {f"{target}/{Path(source).name}" for source, target in told["analysis"].options["datas"]}
    assert {"./THIRD_PARTY.md", "./LICENSE", "licences/pyvirtualcam/LICENSE", "licences/six/LICENSE"} <= files
    assert not [name for name in files if name.startswith("backdrop/assets/licences")]


def test_the_bundle_has_the_compiled_part(told):
    taken = told["analysis"].options["binaries"]
    assert taken == ([(str(BUILT), "sinet_core/native")] if BUILT.exists() else [])


def test_the_bundle_leaves_out_what_only_training_and_other_programs_use(told):
    analysis = told["analysis"]
    assert {"torch", "matplotlib", "onnx"} <= set(analysis.options["excludes"])
    kept = {Path(entry[0]).name for entry in (*analysis.binaries, *analysis.datas)}
    assert {"libQt6Widgets.so.6", "libqxcb.so", "qtbase_de.qm"} <= kept
    assert not {"libQt6Quick.so.6", "libgtk-3.so.0", "qtbase_ja.qm"} & kept


def test_what_is_left_out_is_imported_by_nothing_that_runs(told):
    """In a fresh process that refuses them, the command and the window's modules load."""
    program = (
        "import sys, json\n"
        "refused = set(json.loads(sys.argv[1]))\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in refused: raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import backdrop.__main__, backdrop.ui.window, backdrop.ui.desktop, backdrop.cli.headless, backdrop.cli.video\n"
        "import backdrop.doctor.checks, backdrop.bench.command, backdrop.backdrops.picture_file\n"
        "import backdrop.system.desktop_entry, backdrop.outputs.video_writer, backdrop.outputs.virtual_camera\n"
        "if sys.platform == 'linux': import backdrop.ui.x11_keys, backdrop.ui.portal_keys\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(told["analysis"].options["excludes"])],
        cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr


def test_what_the_bundle_starts_is_the_command():
    source = (SPEC.parent / "start.py").read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "start"}
    exec(compile(source, "start.py", "exec"), names)
    assert names["program"] is program


@pytest.mark.bundle
def test_a_bundle_that_was_built_runs_with_nothing_of_this_environment(tmp_path):
    assert BUNDLE.exists(), "make bundle has not been run"
    command = [BUNDLE, "run", "--camera", "demo", "--output", "null", "--seconds", "2"]
    environment = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": runtime_folder()}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    assert " frames in " in ended.stdout
