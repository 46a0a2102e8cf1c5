"""The bundle's specification. Building takes minutes, so `make bundle` does that and runs what it has built."""

import ctypes
import itertools
import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backdrop.language import LANGUAGES
from backdrop.start import program
from sinet_core.native.build import BUILT
from tests import ROOT
from tests.own_folders import runtime_folder
from tests.videos import greys, write_video

SPEC = ROOT / "assets" / "bundle" / "backdrop.spec"
BUNDLE = ROOT / "dist" / "backdrop" / "backdrop"
LIMIT = 270  # MB; docs/packages.md says what it holds
UBUNTU_22_04 = (2, 35)  # its C library


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
def told(tmp_path_factory):
    names = {
        "SPECPATH": str(SPEC.parent),
        "workpath": str(tmp_path_factory.mktemp("work")),
        **dict.fromkeys(("Analysis", "PYZ", "EXE", "COLLECT"), Recorded),
    }
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
        "sinet_core/weights/sinet-avx2.onnx",
        "sinet_core/weights/sinet-avx2.onnx.sha256",
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


@pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("gcc", "nm", "objdump"))),
    reason="needs GCC and binutils",
)
def test_a_library_that_nothing_calls_is_replaced_by_one_that_ends_the_program_when_it_is_called(tmp_path):
    def compiled(name, code, *others):
        (tmp_path / f"{name}.c").write_text(code)
        (tmp_path / "map").write_text("V1 { global: asked; answer; unused; };")
        versions = [] if others else ["-Wl,--version-script=map"]
        command = [
            "gcc",
            "-shared",
            "-fPIC",
            f"{name}.c",
            *others,
            *versions,
            f"-Wl,-soname,{name}",
            "-o",
            name,
        ]
        subprocess.run(command, cwd=tmp_path, check=True)
        return tmp_path / name

    library = compiled(
        "libold.so", "int answer[3] = {7}; int asked(void) { return 42; } int unused(void) { return 1; }"
    )
    user = compiled(
        "libuser.so",
        "int asked(void); extern int answer[3]; int ask(void) { return asked() + answer[0]; }",
        "libold.so",
    )
    smaller = runpy.run_path(str(SPEC.parent / "smaller.py"))
    entries = [("x.libs/libold.so", str(library), "BINARY"), ("x/libuser.so", str(user), "EXTENSION"),
               ("x.libs/libalone.so", str(library), "BINARY"), ("libalone.so", "x.libs/libalone.so", "SYMLINK")]  # fmt: skip
    smaller["STAND_INS"].update({"x.libs/libold": smaller["REFUSES"]})
    made = smaller["smaller"](entries, tmp_path / "made")
    assert [name for name, _source, _kind in made] == ["x.libs/libold.so", "x/libuser.so"]
    exported = {name for name, kind, _size in smaller["symbols"](made[0][1]) if kind not in "Uw"}
    assert exported == {"V1", "asked@@V1", "answer@@V1"}

    called = (
        "import ctypes, sys\nctypes.CDLL(sys.argv[1], ctypes.RTLD_GLOBAL)\nuser = ctypes.CDLL(sys.argv[2])\n"
        "print('loaded', flush=True)\nuser.ask()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", called, made[0][1], str(user)], capture_output=True, text=True
    )
    assert ended.stdout == "loaded\n"
    assert ended.returncode == -6
    assert "has no libold.so, but asked() was called" in ended.stderr
    smaller["stand_in"](library, [str(user)], 5, tmp_path / "answers.so")
    assert ctypes.CDLL(str(tmp_path / "answers.so")).asked() == 5


def what_runs():
    """The source of all that runs in the bundle."""
    folders = (ROOT / "app").rglob, (ROOT / "sinet_core").glob, (ROOT / "sinet_core" / "matting").glob
    return "".join(path.read_text(encoding="utf-8") for files in folders for path in files("*.py"))


def test_no_camera_of_linux_and_no_file_is_opened_with_what_the_bundle_takes_from_opencv():
    """Of OpenCV, a camera is opened with V4L2 alone, and nothing reads or writes videos, or solves equations."""
    code = what_runs()
    used = set(re.findall(r"cv2\.(\w+)\(", code))
    assert "resize" in used
    with_openblas = {
        "solve", "invert", "gemm", "SVDecomp", "SVBackSubst", "eigen", "PCACompute", "determinant", "fitEllipse",
        "getPerspectiveTransform", "findHomography", "estimateAffine2D", "estimateAffinePartial2D", "getAffineTransform",
    }  # fmt: skip
    assert not used & with_openblas
    assert "VideoWriter" not in used
    assert set(re.findall(r"cv2\.VideoCapture\((.*)", code)) == {
        "device, cv2.CAP_V4L2)",
        "device, _BACK_ENDS.get(_PLATFORM, cv2.CAP_ANY))",
    }


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs GCC")
@pytest.mark.parametrize(("letter", "kind"), [("s", np.float32), ("d", np.float64)])
def test_what_the_bundle_multiplies_with_does_what_openblas_does(tmp_path, letter, kind):
    source, built = SPEC.parent / "blas.c", tmp_path / "blas.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", source, "-o", built], check=True)
    number = {"s": ctypes.c_float, "d": ctypes.c_double}[letter]

    def call(name, *given, answer=None):
        function = getattr(ctypes.CDLL(str(built)), f"scipy_cblas_{letter}{name}64_")
        function.restype = answer
        is_array = [isinstance(each, np.ndarray) for each in given]
        return function(*(each.ctypes.data_as(ctypes.c_void_p) if array else number(each) if isinstance(each, float)
                          else ctypes.c_long(each) for each, array in zip(given, is_array, strict=True)))  # fmt: skip

    rng = np.random.default_rng(1)
    for rows, turn_a, turn_b in itertools.product((101, 102), (111, 112), (111, 112)):
        a, b, c = (rng.random(shape, kind) for shape in ((3, 4), (4, 2), (3, 2)))
        wanted = 2 * a @ b + 3 * c
        # As it lies in memory: turned when it is asked to turn it, and when columns come first.
        given_a, given_b = (np.ascontiguousarray(each if (turn == 111) == (rows == 101) else each.T)
                            for each, turn in ((a, turn_a), (b, turn_b)))  # fmt: skip
        into = np.ascontiguousarray(c if rows == 101 else c.T)
        call("gemm", rows, turn_a, turn_b, 3, 2, 4, 2.0, given_a, given_a.shape[1], given_b, given_b.shape[1], 3.0,
             into, into.shape[1])  # fmt: skip
        np.testing.assert_allclose(into if rows == 101 else into.T, wanted, rtol=1e-5)

        x, y = rng.random(8, kind), np.full(3, np.nan, kind)
        high, wide = (3, 4) if turn_a == 111 else (4, 3)
        call("gemv", rows, turn_a, high, wide, 1.0, given_a, given_a.shape[1], x, 2, 0.0, y, 1)
        np.testing.assert_allclose(y, a @ x[::2], rtol=1e-5)

        square = np.empty((3, 3), kind)
        call("syrk", rows, 121, turn_a, 3, 4, 1.0, given_a, given_a.shape[1], 0.0, square, 3)
        np.testing.assert_allclose(square, a @ a.T, rtol=1e-5)

    y = rng.random(4, kind)
    assert call("dot", 4, x, 2, y, 1, answer=number) == pytest.approx(x[::2] @ y, rel=1e-5)
    wanted = y + 2 * x[::2]
    call("axpy", 4, 2.0, x, 2, y, 1)
    np.testing.assert_allclose(y, wanted, rtol=1e-5)


def test_what_numpy_needs_lapack_for_is_called_by_nothing_that_runs():
    code = what_runs()
    assert "np.einsum" in code
    assert not re.findall(r"np\.(?:linalg|polyfit|fft|polynomial|testing|complex\w*)\b.*", code)


def in_bundle(folder, *arguments, **more):
    """Run the bundle with nothing of this environment. Returns what it printed."""
    assert BUNDLE.exists(), "make bundle has not been run"
    environment = {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": runtime_folder(),
        "QT_QPA_PLATFORM": "offscreen",
        **more,
    }
    ended = subprocess.run(
        [BUNDLE, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.bundle
def test_a_bundle_that_was_built_runs_with_nothing_of_this_environment(tmp_path):
    assert " frames in " in in_bundle(
        tmp_path, "run", "--camera", "demo", "--output", "null", "--seconds", "10"
    )


@pytest.mark.bundle
def test_a_bundle_writes_and_reads_every_kind_of_video_and_picture(tmp_path):
    write_video(tmp_path / "a.mkv", greys(5), sound="aac")
    for target in ("b.webm", "b.mp4", "b.mov"):
        in_bundle(tmp_path, "video", "a.mkv", target)
        assert (tmp_path / target).stat().st_size > 1000
    for name in ("picture.avif", "picture.webp", "picture.jpg"):
        Image.open(ROOT / "assets" / "demo" / "astronaut.png").convert("RGB").resize((320, 180)).save(
            tmp_path / name
        )
        in_bundle(tmp_path, "video", "a.mkv", f"{name}.mp4", "--backdrop", name)


@pytest.mark.bundle
def test_a_bundle_is_no_larger_than_its_limit_and_runs_on_ubuntu_22_04():
    folder = BUNDLE.parent
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    assert size / 1e6 <= LIMIT
    asked = runpy.run_path(str(SPEC.parent / "deb.py"))["oldest_libc"](folder)
    assert tuple(map(int, asked.split("."))) <= UBUNTU_22_04
