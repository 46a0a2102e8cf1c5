"""The compiled part: that it is there, gives what the Python functions give, and touches nothing but its arrays."""

import ctypes
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sinet_core import native
from sinet_core.native.build import CompilerError, compile_native, compiler, is_current, sources
from tests import ROOT
from tests.native_build import has_gcc, needs_native, run_sanitised

needs_a_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
asked_without = pytest.mark.skipif(
    os.environ.get("BACKDROP_NATIVE") == "off", reason="BACKDROP_NATIVE is off"
)
QUICKLY = ("-O0", "-DNATIVE_PLAIN")


@needs_native
def test_where_there_is_a_compiler_the_compiled_part_is_used():
    assert native.library is not None, f"{native.why_not!r}: python sinet_core/native/build.py compiles it"


@needs_a_compiler
def test_it_compiles_without_a_warning(tmp_path):
    assert compile_native(tmp_path / "strict.so", [*QUICKLY, "-Werror", "-Wpedantic", "-Wshadow"]).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["strict.so"]


@needs_a_compiler
def test_what_is_compiled_of_these_files_is_not_compiled_twice_and_of_others_it_is(tmp_path):
    """By the file as make runs it: installing has compiled it just before."""
    for name in (
        "build.py",
        "identity.c",
        "native.h",
    ):  # not all: with all that speed asks for, that takes a while
        (tmp_path / name).write_bytes((Path(native.__file__).parent / name).read_bytes())
    library = compile_native(tmp_path / "_native.so", QUICKLY, tmp_path)
    assert is_current(library, tmp_path)
    made = library.stat().st_mtime_ns
    by_hand = [sys.executable, str(tmp_path / "build.py")]
    assert subprocess.run(by_hand, capture_output=True).stdout == b""
    assert library.stat().st_mtime_ns == made
    (tmp_path / "another.c").write_text("this is no C\n")
    assert not is_current(library, tmp_path)
    failed = subprocess.run(by_hand, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "this is no C" in failed.stderr, "what the compiler says is not hidden"
    assert library.stat().st_mtime_ns == made


def test_without_a_compiler_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CompilerError, match="apt install gcc"):
        compile_native(tmp_path / "none.so")
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(CompilerError, match="could not be run"):
        compile_native(tmp_path / "none.so")
    assert not list(tmp_path.iterdir())


@needs_a_compiler
def test_a_compiler_that_fails_leaves_the_library_that_was_there(tmp_path):
    target = tmp_path / "kept.so"
    target.write_bytes(b"before")
    with pytest.raises(CompilerError):
        compile_native(target, ["-no-such-flag"])
    assert target.read_bytes() == b"before"


def _told(code: str, asked: str) -> str:
    environment = {**os.environ, "BACKDROP_NATIVE": asked}
    command = [sys.executable, "-c", f"from sinet_core import native; {code}"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_it_can_be_switched_off_and_what_cannot_be_loaded_is_not_used(tmp_path):
    (tmp_path / "other.so").write_bytes(b"no library")
    say = "print(native.library is None, native.why_not)"
    assert _told(say, "off") == "True off"
    assert _told(say, str(tmp_path / "none.so")) == "True missing"
    assert _told(say, str(tmp_path / "other.so")).startswith("True ")


@needs_a_compiler
def test_a_library_that_was_made_of_other_sources_is_not_used(tmp_path):
    """Its functions may take other things than those that are called."""
    package = tmp_path / "sinet_core" / "native"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    for path in Path(native.__file__).parent.iterdir():
        if path.suffix in (".c", ".h", ".py"):
            (package / path.name).write_bytes(path.read_bytes())
    compile_native(package / "_native.so", QUICKLY)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from sinet_core import native;"
        "print(native.__file__.startswith(sys.path[0]), native.library is None, native.why_not)"
    )

    def told() -> str:
        environment = {key: value for key, value in os.environ.items() if key != "BACKDROP_NATIVE"}
        command = [sys.executable, "-P", "-c", program]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        ).stdout.strip()

    assert told() == "True False"
    with (package / "temporal_filter.c").open("a") as file:
        file.write("/* newer */\n")
    assert told() == "True True old"


KINDS = {
    "*": ctypes.c_void_p,
    "ptrdiff_t": ctypes.c_ssize_t,
    "double": ctypes.c_double,
    "float": ctypes.c_float,
}


@needs_native
def test_every_function_is_called_with_what_its_c_prototype_takes():
    """ctypes hands on what it is told: an argument too many, or of another kind, would be a crash."""
    folder = Path(native.__file__).parent
    for module in sorted(folder.glob("*ing.py")):
        importlib.import_module(f"sinet_core.native.{module.stem}")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.c")))
    prototypes = re.findall(r"^EXPORT void (\w+)\(([^)]*)\);", text, re.MULTILINE)
    assert {"blend_over_time", "composite_i420", "finish_plane"} <= {name for name, _ in prototypes}
    for name, takes in prototypes:
        kinds = [
            next(kind for word, kind in KINDS.items() if word in taken)
            for taken in takes.replace("\n", " ").split(",")
        ]
        assert list(getattr(native.library, name).argtypes) == kinds, name


def test_the_sources_are_told_from_one_another(tmp_path):
    (tmp_path / "one.c").write_text("int one;")
    one = sources(tmp_path)
    (tmp_path / "one.c").write_text("int two;")
    assert len({one, sources(tmp_path), sources(), sources(tmp_path / "empty")}) == 4
    assert sources(tmp_path / "empty") == ""


@pytest.fixture(scope="module")
def sanitised(tmp_path_factory):
    if not has_gcc():
        pytest.skip("needs GCC")
    flags = [*QUICKLY, "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    return compile_native(tmp_path_factory.mktemp("sanitised") / "sanitised.so", flags)


SIZES = "[(2, 2), (2, 6), (6, 2), (34, 18), (90, 160), (64, 1030), (180, 320)]"


CALLS = {
    "composite": (
        "compositing.composite(frame, backdrop, alpha, backdrop, None);"
        "compositing.composite(wide[:, 2:-2], backdrop, alpha, backdrop, gains)"
    ),
    "composite in I420": (
        "compositing.composite(frame, planes, alpha, planes, None);"
        "compositing.composite(wide[:, 2:-2], planes, alpha, np.empty_like(planes), gains)"
    ),
    "enlarge": (
        "enlarging.enlarge(alpha, np.empty((height * 8, width * 8), np.uint8));"
        "enlarging.enlarge(alpha, np.empty((height + 1, width * 3 + 1), np.uint8)[:, :-1]);"
        "enlarging.enlarge(alpha[:1, :1], np.empty((height, width), np.uint8))"
    ),
    "despill_and_light_wrap": (
        "light = rng.integers(-9999, 9999, (height // 2, width // 2)).astype(np.int16);"
        "finishing.despill_and_light_wrap(planes[:height], alpha, light, alpha[:, :1].copy(), 128);"
        "finishing.despill_and_light_wrap(planes[:height, 1:], alpha[:, 1:], None, alpha[:1, 1:3].copy(), 16)"
    ),
    "frosted": (
        "frosting.frosted(wide[:, 2:-2], alpha, 2.9, 1e-3);"
        "frosting.frosted(wide[:1, :1], alpha[:1, :1], 16.0, 1e-3)"
    ),
    "refine": (
        "plane = np.pad(alpha / np.float32(255), ((0, 0), (2, 2)))[:, 2:-2];"
        "large = np.empty((2 * height + 1, 2 * width + 3), np.uint8);"
        "upsampling.fit_to_colours(plane, wide[:, 2:-2]); upsampling.fit_to_colours(plane.copy(), frame);"
        "upsampling.apply_linear_model(plane, frame, wide[:, 2:-2], large[:-1, 1:-2]);"
        "upsampling.apply_linear_model(plane[:, :1].copy(), frame[:, :1], frame, large)"
    ),
    "steady": (
        "grey, plane = frame[..., 0] * np.float32(1), alpha / np.float32(255);"
        "still = temporal.static_mask(grey, grey[::-1].copy(), 0.5);"
        "temporal.blended(plane, plane, still, 0.9, 0.98, grey, grey);"
        "temporal.unconfirmed(plane, still, np.zeros((2, height // 2, width // 2), np.float32), 0.1)"
    ),
    "tone": (
        "curve, glow = ((9000, 32768, 65535), 16384, -8257, 128), alpha[::2, ::2].copy();"
        "toning.tone(wide[:, 2:-2], curve, np.empty_like(frame), None, None, None, 256, 0);"
        "toning.tone(frame, curve, wide[:, 2:-2], alpha, glow, backdrop, 64, 255)"
    ),
}


def test_nothing_is_read_or_written_outside_of_the_arrays(sanitised):
    """All in one process, which says how far it came."""
    program = (
        "import numpy as np\n"
        "from sinet_core.native import compositing, enlarging, finishing, frosting, library\n"
        "from sinet_core.native import upsampling, temporal, toning\n"
        "assert library is not None\n"
        "rng = np.random.default_rng(0)\n"
        "gains = np.array([0.5, 1, 15], np.float32)\n"
    )
    for name, calls in CALLS.items():
        program += (
            f"for height, width in {SIZES}:\n"
            "    wide = rng.integers(0, 256, (height, width + 4, 3), dtype=np.uint8)\n"
            "    frame, backdrop = wide[:, :width].copy(), wide[:, -width:].copy()\n"
            "    planes = rng.integers(0, 256, (height * 3 // 2, width), dtype=np.uint8)\n"
            "    alpha = rng.integers(0, 256, (height, width), dtype=np.uint8)\n"
            "    alpha[: height // 2, : width * 2 // 3] = 0\n"
            f"    {calls}\n"
            f"print({name!r}, flush=True)\n"
        )
    ended = run_sanitised(sanitised, program)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines() == list(CALLS)


def test_the_sanitiser_would_notice(sanitised):
    """A step that leads out of the array, to the bytes right behind it, given past the check."""
    program = (
        "import numpy as np\n"
        "from sinet_core.native import enlarging\n"
        "small, large, between = np.zeros((2, 2), np.uint8), np.zeros((4, 4), np.uint8), np.zeros(60, np.int16)\n"
        "across, down = enlarging.places(2, 4), enlarging.places(2, 4)\n"
        "enlarging._enlarge(small.ctypes.data, 8, 2, 2, large.ctypes.data, 4, 4, 4,"
        " *across.addresses, *down.addresses[:2], between.ctypes.data)\n"
    )
    ended = run_sanitised(sanitised, program)
    assert ended.returncode != 0
    assert "AddressSanitizer" in ended.stderr
