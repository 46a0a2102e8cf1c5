"""Compiles the C files here into one library. Run as a file, it does so by hand, where the library is not of these files.

While Backdrop is installed hatch_build.py runs this, so it imports only what comes with Python.
"""

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
BUILT = FOLDER / ("_native.dll" if sys.platform == "win32" else "_native.so")
FLAGS = ("-O3", "-std=c11", "-shared", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math")
WARNINGS = ("-Wall", "-Wextra")


class CompilerError(Exception):
    """The library could not be made. str() is a sentence that says why."""


def sources(folder: Path = FOLDER) -> str:
    """What tells these C files and flags from others: a part of a hash, and "" where there are none, as in a bundle."""
    files = sorted([*folder.glob("*.c"), *folder.glob("*.h")])
    if not files:
        return ""
    files += folder.glob("constants.py")
    # As text, because line ends may differ in a checkout on Windows.
    text = "".join(f"{file.name}\n{file.read_text(encoding='utf-8')}" for file in files) + " ".join(FLAGS)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_current(library: Path = BUILT, folder: Path = FOLDER) -> bool:
    """Whether a library exists and was built from a folder's current C files."""
    return library.is_file() and sources(folder).encode() in library.read_bytes()


def constants(folder: Path = FOLDER) -> list[str]:
    """Return the numbers of a folder's constants.py, if there is one, as flags. NAME becomes PY_NAME in C, exactly."""
    import runpy

    path = folder / "constants.py"
    named = runpy.run_path(str(path)) if path.is_file() else {}
    return [f"-DPY_{name}={value!r}" for name, value in named.items() if name.isupper()]


def compiler() -> list[str] | None:
    """Return the command of the C compiler: the environment variable CC, or the first one found; None if there is none."""
    import shutil

    if os.environ.get("CC"):
        return os.environ["CC"].split()
    found = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
    return None if found is None else [found]


def compile_native(to: Path = BUILT, more: Sequence[str] = (), folder: Path = FOLDER) -> Path:
    """Compile a folder's C files into a library. Returns its path. more: flags.

    Raises CompilerError, and leaves then what was there.
    """
    import subprocess

    command = compiler()
    if command is None:
        raise CompilerError("There is no C compiler (on Debian and Ubuntu: sudo apt install gcc libc6-dev).")
    beside = to.with_name(f".{to.name}.{os.getpid()}")  # a program that runs keeps the one that it has loaded
    flags = [*FLAGS, *WARNINGS, *more, *constants(folder), f'-DNATIVE_SOURCES="{sources(folder)}"']
    if sys.platform != "win32":
        flags.append("-fPIC")
    files = sorted(str(path) for path in folder.glob("*.c"))
    try:
        # Where the C library cannot choose among processors while it loads, there is one version for all.
        for plain in ([], ["-DNATIVE_PLAIN"]):
            ended = subprocess.run(
                [*command, *flags, *plain, "-o", str(beside), *files], capture_output=True, text=True
            )
            if ended.returncode == 0:
                beside.replace(to)
                return to
    except OSError as error:
        raise CompilerError(f"{command[0]} could not be run ({error}).") from error
    finally:
        beside.unlink(missing_ok=True)
    raise CompilerError(f"{command[0]} failed: {ended.stderr.strip()}")


if __name__ == "__main__":
    if is_current():
        sys.exit()
    try:
        print(f"Compiled {compile_native()}")
    except CompilerError as error:
        sys.exit(f"Backdrop's compiled part is missing, and each frame takes longer. {error}")
