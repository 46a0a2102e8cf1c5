"""The compiled part as tests have it: with and without, and built to find what reads or writes where it may not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sinet_core import native
from sinet_core.native.build import compiler
from tests import ROOT

# Where a compiler is, the compiled part is tested, whether it can be loaded or not; test_native.py says why not.
DOES_WITHOUT = os.environ.get("BACKDROP_NATIVE") == "off" or compiler() is None
needs_native = pytest.mark.skipif(DOES_WITHOUT, reason="there is no compiler, or BACKDROP_NATIVE is off")


@contextmanager
def without_native() -> Iterator[None]:
    """In here every function goes the way that it goes where there is no compiled part."""
    library, native.library = native.library, None
    try:
        yield
    finally:
        native.library = library


def both_ways(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, Any]:
    """What a function gives with the compiled part, and what it gives without."""
    if DOES_WITHOUT:
        pytest.skip("there is no compiler, or BACKDROP_NATIVE is off")
    assert native.library is not None, "make test compiles it"
    with_it = function(*arguments, **options)
    with without_native():
        return with_it, function(*arguments, **options)


def run_sanitised(library: Path, program: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python program with a library that was built with -fsanitize=address,undefined."""
    preloaded = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = {
        **os.environ,
        "BACKDROP_NATIVE": str(library),
        "LD_PRELOAD": " ".join(preloaded),
        # Python keeps what it allocates until the end, which is no fault of ours.
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


def has_gcc() -> bool:
    """Whether there is GCC, whose sanitisers can be loaded into a Python that was built without."""
    return shutil.which("gcc") is not None
