"""Compiles sinet_core/native while Backdrop is installed or its wheel is built.

Where there is no C compiler, or it fails, a sentence says so, and Backdrop does the same without it, slower.
"""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent


class CompileHook(BuildHookInterface):
    """Hatchling finds it by the file's name. Wheels and editable installations get the library."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See Hatchling."""
        # Not imported: the package needs what is installed only after this.
        build = runpy.run_path(str(ROOT / "sinet_core" / "native" / "build.py"))
        try:
            library: Path = build["BUILT"] if build["is_current"]() else build["compile_native"]()
        except build["CompilerError"] as error:
            self.app.display_warning(f"Backdrop is built without its compiled part. {error}")
            return
        build_data["artifacts"].append(library.relative_to(ROOT).as_posix())
        build_data["pure_python"] = False
        # For every Python 3 on this kind of computer: it is loaded by ctypes, and knows nothing of Python.
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
